"""WeChat Pay behind the port: requests signed by the merchant's key, answers and notifications by the platform's."""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone

from huikuan.adapters.gateway_calls import call, is_signed, private_key, public_key, sign
from huikuan.adapters.http_calls import OK, Answer
from huikuan.cash.ports import (
    CallbackForged,
    Checkout,
    GatewayRefused,
    GatewayUnsure,
    PaymentOrder,
    RefundOrder,
)
from huikuan.cash.rules.payment import News, NewsState

NAME: Final = "wechatpay"
TOLERANCE: Final = timedelta(minutes=5)
TITLE_MAX: Final = 127
REASON_MAX: Final = 80
STATES: Final = {
    "SUCCESS": NewsState.PAID,
    "REFUND": NewsState.PAID,
    "CLOSED": NewsState.CLOSED,
    "REVOKED": NewsState.CLOSED,
}
"""Of `trade_state`; the others (NOTPAY, USERPAYING, PAYERROR) can still be paid."""
NOT_THERE: Final = ("ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS")


class WechatPay:
    """Implements `cash.ports.PaymentGateway`."""

    name = NAME
    currencies = frozenset({"CNY"})

    def __init__(self) -> None:
        self._base = settings.HUIKUAN_WECHATPAY_ADDRESS.rstrip("/")
        self._merchant = settings.HUIKUAN_WECHATPAY_MERCHANT
        self._key = private_key(settings.HUIKUAN_WECHATPAY_KEY_FILE)
        self._platform = public_key(settings.HUIKUAN_WECHATPAY_PLATFORM_FILE)

    def create(self, order: PaymentOrder) -> Checkout:
        """Make a prepayment: H5 on a phone, Native otherwise."""
        body: dict[str, Any] = {
            "appid": settings.HUIKUAN_WECHATPAY_APP,
            "mchid": self._merchant,
            "description": order.title[:TITLE_MAX],
            "out_trade_no": order.number,
            "time_expire": order.expires_at.astimezone(UTC).isoformat(timespec="seconds"),
            "notify_url": order.notify_url,
            "amount": {"total": order.amount_minor, "currency": "CNY"},
        }
        if order.is_phone:
            body["scene_info"] = {"payer_client_ip": order.payer_ip, "h5_info": {"type": "Wap"}}
            answer = self._ask("POST", "/v3/pay/transactions/h5", body)
            back = quote(order.return_url, safe="")
            return Checkout(address=f"{self._text(answer, 'h5_url')}&redirect_url={back}")
        answer = self._ask("POST", "/v3/pay/transactions/native", body)
        return Checkout(address=self._text(answer, "code_url"), is_code=True)

    def query(self, number: str, handle: str, *, now: datetime) -> News:
        """Ask by our own number."""
        del handle, now
        try:
            answer = self._ask("GET", f"/v3/pay/transactions/out-trade-no/{number}?mchid={self._merchant}")
        except GatewayRefused as no:
            if no.facts["said"] in NOT_THERE:
                return News(event_id=f"query:{number}:PENDING", number=number, state=NewsState.PENDING)
            raise
        news = _news(answer.content or {}, "")
        if news.number != number:
            raise GatewayUnsure(gateway=NAME)
        return news

    def close(self, number: str, handle: str) -> None:
        """Close by our own number; one that was never made need not be closed."""
        del handle
        try:
            self._ask("POST", f"/v3/pay/transactions/out-trade-no/{number}/close", {"mchid": self._merchant})
        except GatewayRefused as no:
            if no.facts["said"] not in (*NOT_THERE, "ORDER_CLOSED", "ORDERPAID"):
                raise

    def refund(self, order: RefundOrder) -> str:
        """Send money back; PROCESSING is taken, CLOSED and ABNORMAL are not."""
        body = {
            "out_trade_no": order.number,
            "out_refund_no": order.refund_number,
            "reason": order.reason[:REASON_MAX],
            "amount": {"refund": order.amount_minor, "total": order.total_minor, "currency": order.currency},
        }
        answer = self._ask("POST", "/v3/refund/domestic/refunds", body)
        state = self._text(answer, "status")
        if state not in {"SUCCESS", "PROCESSING"}:
            raise GatewayRefused(gateway=NAME, said=state)
        return self._text(answer, "refund_id")

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        """Verify, decrypt and read a notification."""
        if not self._is_platforms(headers, body, now=now):
            raise CallbackForged(gateway=NAME)
        try:
            said = json.loads(body)
            resource = said["resource"]
            plain = AESGCM(settings.HUIKUAN_WECHATPAY_SECRET.encode()).decrypt(
                resource["nonce"].encode(),
                base64.b64decode(resource["ciphertext"]),
                (resource.get("associated_data") or "").encode(),
            )
            content = json.loads(plain)
        except (ValueError, KeyError, TypeError, InvalidTag):
            raise CallbackForged(gateway=NAME) from None
        is_ours = content.get("mchid") == self._merchant
        if not is_ours or not str(said.get("event_type", "")).startswith("TRANSACTION."):
            return None
        return _news(content, str(said["id"]))

    def answer(self, *, is_taken: bool) -> tuple[int, str, str]:
        """Nothing but the status when it is taken."""
        failed = '{"code":"FAIL","message":"signature"}'
        return (200, "application/json", "") if is_taken else (401, "application/json", failed)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Make a signed call and verify who answers. Raises GatewayRefused with WeChat's code, GatewayUnsure."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Authorization": self._authorization(method, path, content),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Wechatpay-Serial": settings.HUIKUAN_WECHATPAY_PLATFORM_ID,
        }
        answer = call(NAME, httpx.Request(method, f"{self._base}{path}", content=content, headers=headers))
        if answer.status not in OK:
            raise GatewayRefused(gateway=NAME, said=str((answer.content or {}).get("code") or answer.status))
        if not self._is_platforms(answer.headers, answer.text.encode(), now=timezone.now()):  # noqa: TID251  a clock of the wire: the answer was made just now
            raise GatewayUnsure(gateway=NAME)
        return answer

    def _authorization(self, method: str, path: str, content: bytes) -> str:
        """Return the header that signs a request: method, path, seconds, nonce and body, a line each."""
        seconds = str(int(timezone.now().timestamp()))  # noqa: TID251  a clock of the wire
        nonce = secrets.token_hex(16).upper()
        message = f"{method}\n{path}\n{seconds}\n{nonce}\n".encode() + content + b"\n"
        parts = {
            "mchid": self._merchant,
            "nonce_str": nonce,
            "signature": base64.b64encode(sign(self._key, message)).decode(),
            "timestamp": seconds,
            "serial_no": settings.HUIKUAN_WECHATPAY_SERIAL,
        }
        said = ",".join(f'{name}="{value}"' for name, value in parts.items())
        return f"WECHATPAY2-SHA256-RSA2048 {said}"

    def _is_platforms(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
        """Tell whether the platform signed this, now, with the key we know it by."""
        seconds, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        if headers.get("wechatpay-serial", "") != settings.HUIKUAN_WECHATPAY_PLATFORM_ID:
            return False
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):  # noqa: PLR2004  years to come
            return False
        if abs(datetime.fromtimestamp(int(seconds), UTC) - now) > TOLERANCE:
            return False
        try:
            signature = base64.b64decode(headers.get("wechatpay-signature", ""), validate=True)
        except binascii.Error:
            return False
        return is_signed(self._platform, signature, f"{seconds}\n{nonce}\n".encode() + body + b"\n")

    @staticmethod
    def _text(answer: Answer, name: str) -> str:
        """Return a text of an answer. Raises GatewayUnsure when it is not there."""
        found = (answer.content or {}).get(name)
        if not isinstance(found, str) or not found:
            raise GatewayUnsure(gateway=NAME)
        return found


def _news(content: Mapping[str, Any], event_id: str) -> News:
    """Read a transaction. `amount.total` is the order's amount; what a coupon of WeChat's paid of it reaches us too."""
    number, reference = str(content.get("out_trade_no", "")), str(content.get("transaction_id") or "")
    state = STATES.get(str(content.get("trade_state", "")), NewsState.PENDING)
    amount = content.get("amount") or {}
    paid_at = content.get("success_time")
    return News(
        event_id=event_id or f"query:{number}:{state}:{reference}",
        number=number,
        state=state,
        provider_reference=reference,
        currency=str(amount.get("currency", "")),
        amount_minor=amount.get("total"),
        paid_at=datetime.fromisoformat(paid_at) if paid_at else None,
    )
