"""The sandbox gateway: behaves as a real one does, with buttons instead of a purse.

It keeps its own orders, as a provider does, one file each in the home folder; its callbacks are signed and verified.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from huikuan.adapters.signed_event import is_signed, sign
from huikuan.cash.ports import (
    CallbackForged,
    Checkout,
    GatewayRefused,
    GatewayUnknown,
    PaymentOrder,
    RefundOrder,
)
from huikuan.cash.rules.payment import News, NewsState

NAME: Final = "sandbox"
HEADER: Final = "x-sandbox-signature"
BUTTONS: Final = ("pay", "fail", "twice")
PLACE: Final = "{base}/p/sandbox/{number}/"


class SandboxGateway:
    """Implements `cash.ports.TrialGateway`."""

    name = NAME
    currencies = frozenset({"CNY", "USD", "EUR", "HKD", "JPY", "GBP"})

    def __init__(self) -> None:
        self._folder: Path = settings.HUIKUAN_HOME / "sandbox-gateway"
        self._secret = hashlib.sha256(b"huikuan.sandbox-gateway." + settings.SECRET_KEY.encode()).hexdigest()

    def create(self, order: PaymentOrder) -> Checkout:
        """Remember the order; its pay page is ours."""
        if not self._path(order.number).exists():
            kept = {name: value for name, value in asdict(order).items() if not isinstance(value, datetime)}
            times = {"begun_at": order.begun_at.isoformat(), "expires_at": order.expires_at.isoformat()}
            self._write(order.number, {"order": kept | times, "state": "PENDING", "refunds": {}})
        base = settings.HUIKUAN_BASE_URL.rstrip("/")
        return Checkout(address=PLACE.format(base=base, number=order.number), handle=f"SBX{order.number[-12:]}")

    def query(self, number: str, handle: str, *, now: datetime) -> News:
        """Say where the order stands."""
        del handle, now
        try:
            kept = self._read(number)
        except GatewayUnknown:
            return News(event_id=f"query:{number}:PENDING", number=number, state=NewsState.PENDING)
        return self._news(kept, f"query:{number}:{kept['state']}")

    def close(self, number: str, handle: str) -> None:
        """Let nobody pay it any more."""
        del handle
        try:
            kept = self._read(number)
        except GatewayUnknown:
            return
        if kept["state"] == "PENDING":
            self._write(number, kept | {"state": "CLOSED"})

    def refund(self, order: RefundOrder) -> str:
        """Send back at most what was paid; the same refund number is the same refund."""
        kept = self._read(order.number)
        sent = {**kept["refunds"], order.refund_number: order.amount_minor}
        if kept["state"] != "PAID" or sum(sent.values()) > kept["order"]["amount_minor"]:
            raise GatewayRefused(gateway=NAME, said="NOT_ENOUGH")
        self._write(order.number, kept | {"refunds": sent})
        return f"SBXR{order.refund_number[-16:]}"

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        """Verify the signature, then read."""
        if not is_signed(headers.get(HEADER, ""), body, secret=self._secret, now=now):
            raise CallbackForged(gateway=NAME)
        said = json.loads(body)
        return News(
            event_id=said["event"],
            number=said["number"],
            state=NewsState(said["state"]),
            provider_reference=said["transaction"],
            currency=said["currency"],
            amount_minor=said["amount_minor"],
            paid_at=datetime.fromisoformat(said["paid_at"]) if said["paid_at"] else None,
        )

    def answer(self, *, is_taken: bool) -> tuple[int, str, str]:
        """Answer as most gateways want it."""
        return (200, "application/json", '{"ok":true}') if is_taken else (400, "application/json", '{"ok":false}')

    def order(self, number: str) -> PaymentOrder:
        """Return what the pay page shows."""
        kept = self._read(number)["order"]
        times = {name: datetime.fromisoformat(kept[name]) for name in ("begun_at", "expires_at")}
        return PaymentOrder(**kept | times)

    def press(self, number: str, button: str, *, now: datetime) -> list[tuple[dict[str, str], bytes]]:
        """Pay, fail, or pay and call twice."""
        kept = self._read(number)
        if button not in BUTTONS:
            raise GatewayUnknown(gateway=button)
        if kept["state"] != "PAID" and (kept["state"] == "CLOSED" or self.order(number).expires_at <= now):
            raise GatewayRefused(gateway=NAME, said="EXPIRED")
        if kept["state"] != "PAID":
            state = "FAILED" if button == "fail" else "PAID"
            transaction = f"SBX{number}" if state == "PAID" else ""
            kept |= {"state": state, "transaction": transaction, "paid_at": now.isoformat()}
            self._write(number, kept)
        return [self._callback(kept, now=now)] * (2 if button == "twice" else 1)

    def _callback(self, kept: Mapping[str, Any], *, now: datetime) -> tuple[dict[str, str], bytes]:
        order, is_paid = kept["order"], kept["state"] == "PAID"
        said = {
            "event": f"EV{order['number']}{kept['state']}",
            "number": order["number"],
            "state": kept["state"],
            "transaction": kept.get("transaction", ""),
            "currency": order["currency"],
            "amount_minor": order["amount_minor"],
            "paid_at": kept.get("paid_at", "") if is_paid else "",
        }
        body = json.dumps(said).encode()
        return {HEADER: sign(body, secret=self._secret, now=now)}, body

    def _news(self, kept: Mapping[str, Any], event_id: str) -> News:
        is_paid = kept["state"] == "PAID"
        return News(
            event_id=event_id,
            number=kept["order"]["number"],
            state=NewsState(kept["state"]),
            provider_reference=kept.get("transaction", ""),
            currency=kept["order"]["currency"] if is_paid else "",
            amount_minor=kept["order"]["amount_minor"] if is_paid else None,
            paid_at=datetime.fromisoformat(kept["paid_at"]) if is_paid else None,
        )

    def _path(self, number: str) -> Path:
        if not (number.isascii() and number.isalnum()):
            raise GatewayUnknown(gateway=NAME)
        return self._folder / f"{number}.json"

    def _read(self, number: str) -> dict[str, Any]:
        """Return what is kept of an order. Raises GatewayUnknown."""
        try:
            kept: dict[str, Any] = json.loads(self._path(number).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise GatewayUnknown(gateway=NAME) from None
        return kept

    def _write(self, number: str, kept: Mapping[str, Any]) -> None:
        """Replace the file in one step: a reader sees the old or the new one."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, encoding="utf-8", delete=False) as file:
            json.dump(kept, file)
        os.replace(file.name, self._path(number))  # noqa: PTH105  the file has no Path of its own
