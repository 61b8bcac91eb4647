"""Group robots of WeCom, DingTalk and Feishu: one text message to a group of the staff.

WeCom (企业微信群机器人): developer.work.weixin.qq.com/document/path/91770. DingTalk (钉钉自定义机器人, 加签):
open.dingtalk.com/document/robots/custom-robot-access. Feishu (飞书自定义机器人, 签名校验):
open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from huikuan.adapters import http_calls
from huikuan.outreach.ports import TemporaryRefusal, Unknown

TIMEOUT_SECONDS: Final = 10


class BotRefusedError(Exception):
    """The message did not get through; the words say why."""


@dataclass(frozen=True, slots=True)
class Bot:
    """One robot. `secret`: for its signature; "" where it has none (WeCom)."""

    kind: str
    url: str
    secret: str = ""

    def tell(self, text: str, *, now: datetime) -> None:
        """Write a text into the group. Raises BotRefusedError."""
        with http_calls.client(TIMEOUT_SECONDS) as client:
            answer = http_calls.ask(client, _REQUESTS[self.kind](self, text, now))
        if isinstance(answer, TemporaryRefusal | Unknown):
            raise BotRefusedError(answer.detail)
        content = answer.content or {}
        # WeCom and DingTalk say errcode, Feishu code; 0 is yes for all of them.
        if content.get("errcode", content.get("code")) != 0:
            raise BotRefusedError(answer.words)


def _wecom(bot: Bot, text: str, now: datetime) -> httpx.Request:
    del now
    return httpx.Request("POST", bot.url, json={"msgtype": "text", "text": {"content": text}})


def _dingtalk(bot: Bot, text: str, now: datetime) -> httpx.Request:
    """Sign timestamp and secret with the secret; both stand in the address."""
    stamp = str(int(now.timestamp() * 1000))
    signed = hmac.new(bot.secret.encode(), f"{stamp}\n{bot.secret}".encode(), hashlib.sha256).digest()
    query = urlencode({"timestamp": stamp, "sign": base64.b64encode(signed).decode("ascii")})
    body = {"msgtype": "text", "text": {"content": text}}
    return httpx.Request("POST", f"{bot.url}&{query}" if bot.secret else bot.url, json=body)


def _feishu(bot: Bot, text: str, now: datetime) -> httpx.Request:
    """Sign the empty text with timestamp and secret; both stand in the body."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if bot.secret:
        stamp = str(int(now.timestamp()))
        signed = hmac.new(f"{stamp}\n{bot.secret}".encode(), b"", hashlib.sha256).digest()
        body |= {"timestamp": stamp, "sign": base64.b64encode(signed).decode("ascii")}
    return httpx.Request("POST", bot.url, json=body)


_REQUESTS: Final[Mapping[str, Callable[[Bot, str, datetime], httpx.Request]]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
}
KINDS: Final = tuple(_REQUESTS)


def bot_of(told: Mapping[str, Any]) -> Bot:
    """Return the robot that the settings describe: kind, url, secret."""
    return Bot(str(told["kind"]), str(told["url"]), str(told.get("secret") or ""))
