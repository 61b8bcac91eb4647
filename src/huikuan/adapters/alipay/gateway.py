"""Alipay behind the port: requests signed by the application's key, answers and notifications by Alipay's."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
from django.conf import settings
from django.utils import timezone

from huikuan.adapters.gateway_calls import call, is_signed, private_key, public_key, sign
from huikuan.cash.ports import (
    CallbackForged,
    Checkout,
    GatewayRefused,
    GatewayUnsure,
    PaymentOrder,
    RefundOrder,
)
from huikuan.cash.rules.payment import News, NewsState
from huikuan.kernel.money import AmountTooPrecise, AmountUnreadable, format_decimal, parse_minor
from huikuan.kernel.zones import zone_of

NAME: Final = "alipay"
ZONE: Final = "Asia/Shanghai"
CLOCK: Final = "%Y-%m-%d %H:%M:%S"
DONE: Final = "10000"
TITLE_MAX: Final = 128
REASON_MAX: Final = 256
STATES: Final = {
    "TRADE_SUCCESS": NewsState.PAID,
    "TRADE_FINISHED": NewsState.PAID,
    "TRADE_CLOSED": NewsState.CLOSED,
}
NOT_THERE: Final = "ACQ.TRADE_NOT_EXIST"
UNCLEAR: Final = ("ACQ.SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error")


class Alipay:
    """Implements `cash.ports.PaymentGateway`."""

    name = NAME
    currencies = frozenset({"CNY"})

    def __init__(self) -> None:
        self._key = private_key(settings.HUIKUAN_ALIPAY_KEY_FILE)
        self._public = public_key(settings.HUIKUAN_ALIPAY_PUBLIC_FILE)

    def create(self, order: PaymentOrder) -> Checkout:
        """Return the signed address of Alipay's page. Nothing is called: Alipay learns of it from the payer."""
        way = ("alipay.trade.wap.pay", "QUICK_WAP_WAY") if order.is_phone else _ON_A_DESK
        content = {
            "out_trade_no": order.number,
            "total_amount": format_decimal(order.amount_minor, "CNY"),
            "subject": order.title[:TITLE_MAX],
            "product_code": way[1],
            "time_expire": order.expires_at.astimezone(zone_of(ZONE)).strftime(CLOCK),
        }
        more = {"notify_url": order.notify_url, "return_url": order.return_url}
        signed = self._signed(way[0], content, at=order.begun_at, **more)
        return Checkout(address=f"{settings.HUIKUAN_ALIPAY_ADDRESS}?{urlencode(signed)}")

    def query(self, number: str, handle: str, *, now: datetime) -> News:
        """Ask by our own number; Alipay knows a trade only once the payer has opened its page."""
        del handle, now
        said = self._ask("alipay.trade.query", {"out_trade_no": number})
        if said.get("sub_code") == NOT_THERE:
            return News(event_id=f"query:{number}:PENDING", number=number, state=NewsState.PENDING)
        _refuse_failed(said)
        if said.get("out_trade_no") != number:
            raise GatewayUnsure(gateway=NAME)
        return _news(said, "", paid_at=str(said.get("send_pay_date", "")))

    def close(self, number: str, handle: str) -> None:
        """Close by our own number; one that Alipay has never heard of need not be closed."""
        del handle
        said = self._ask("alipay.trade.close", {"out_trade_no": number})
        if said.get("sub_code") not in {NOT_THERE, "ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID"}:
            _refuse_failed(said)

    def refund(self, order: RefundOrder) -> str:
        """Send money back; the same request number is answered alike."""
        content = {
            "out_trade_no": order.number,
            "out_request_no": order.refund_number,
            "refund_amount": format_decimal(order.amount_minor, order.currency),
            "refund_reason": order.reason[:REASON_MAX],
        }
        said = self._ask("alipay.trade.refund", content)
        _refuse_failed(said)
        return f"{said.get('trade_no', '')}:{order.refund_number}"[:64]

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        """Verify and read a notification: every field but sign and sign_type, sorted, as key=value."""
        del headers, now  # a notification may be repeated for a day: its number, not its age, tells it from others
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
            said = dict(pairs)
            signature = base64.b64decode(said.pop("sign", ""), validate=True)
        except (ValueError, binascii.Error):
            raise CallbackForged(gateway=NAME) from None
        said.pop("sign_type", None)
        if len(said) + 2 < len(pairs) or not is_signed(self._public, signature, _joined(said)):
            raise CallbackForged(gateway=NAME)
        if said.get("app_id") != settings.HUIKUAN_ALIPAY_APP or "trade_status" not in said:
            return None
        return _news(said, said.get("notify_id", ""), paid_at=said.get("gmt_payment", ""))

    def answer(self, *, is_taken: bool) -> tuple[int, str, str]:
        """Answer with the one word that Alipay takes for a yes."""
        return 200, "text/plain", "success" if is_taken else "failure"

    def _signed(self, method: str, content: Mapping[str, str], *, at: datetime, **more: str) -> dict[str, str]:
        """Return the fields of a request with their signature."""
        fields = {
            "app_id": settings.HUIKUAN_ALIPAY_APP,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": at.astimezone(zone_of(ZONE)).strftime(CLOCK),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **more,
        }
        return fields | {"sign": base64.b64encode(sign(self._key, _joined(fields))).decode()}

    def _ask(self, method: str, content: Mapping[str, str]) -> dict[str, Any]:
        """Make a signed call; return the verified answer, a refusal too. Raises GatewayUnsure, GatewayRefused."""
        fields = self._signed(method, content, at=timezone.now())  # noqa: TID251  a clock of the wire
        request = httpx.Request("POST", f"{settings.HUIKUAN_ALIPAY_ADDRESS}?charset=utf-8", data=fields)
        answer = call(NAME, request)
        said = (answer.content or {}).get(f"{method.replace('.', '_')}_response")
        if not isinstance(said, dict):
            raise GatewayUnsure(gateway=NAME)
        if not self._is_alipays(answer.text, method, str((answer.content or {}).get("sign", ""))):
            if said.get("code") not in {None, DONE}:  # what is refused before it is read is not always signed
                _refuse_failed(said)
            raise GatewayUnsure(gateway=NAME)
        return said

    def _is_alipays(self, text: str, method: str, signature: str) -> bool:
        """Tell whether the object under `…_response` is signed, character for character as it stands there."""
        begin = text.find("{", text.find(f'"{method.replace(".", "_")}_response"'))
        try:
            _object, end = json.JSONDecoder().raw_decode(text, begin)
            raw = base64.b64decode(signature, validate=True)
        except (ValueError, binascii.Error):
            return False
        return is_signed(self._public, raw, text[begin:end].encode())


_ON_A_DESK: Final = ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY")


def _joined(fields: Mapping[str, str]) -> bytes:
    """Return what is signed: the fields that are not empty, sorted by name."""
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value).encode()


def _refuse_failed(said: Mapping[str, Any]) -> None:
    """Raise GatewayUnsure or GatewayRefused unless the answer is a yes."""
    if said.get("code") == DONE:
        return
    code = str(said.get("sub_code") or said.get("code") or "")
    if code in UNCLEAR or said.get("code") == "20000":
        raise GatewayUnsure(gateway=NAME)
    raise GatewayRefused(gateway=NAME, said=code)


def _news(said: Mapping[str, Any], event_id: str, *, paid_at: str) -> News:
    number, reference = str(said.get("out_trade_no", "")), str(said.get("trade_no") or "")
    state = STATES.get(str(said.get("trade_status", "")), NewsState.PENDING)
    try:
        amount_minor = parse_minor(str(said.get("total_amount", "")), "CNY")
    except (AmountUnreadable, AmountTooPrecise):
        amount_minor = None
    return News(
        event_id=event_id or f"query:{number}:{state}:{reference}",
        number=number,
        state=state,
        provider_reference=reference,
        currency="CNY",
        amount_minor=amount_minor,
        paid_at=datetime.strptime(paid_at[:19], CLOCK).replace(tzinfo=zone_of(ZONE)) if paid_at else None,
    )
