"""Stripe behind the port: form-encoded calls with the secret key, each with an idempotency key of its own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from django.conf import settings

from huikuan.adapters.gateway_calls import call
from huikuan.adapters.http_calls import OK, Answer
from huikuan.adapters.signed_event import is_signed
from huikuan.cash.ports import (
    CallbackForged,
    Checkout,
    GatewayRefused,
    GatewayUnsure,
    PaymentOrder,
    RefundOrder,
)
from huikuan.cash.rules.payment import News, NewsState

NAME: Final = "stripe"
EVENTS: Final = {
    "checkout.session.completed": None,
    "checkout.session.async_payment_succeeded": None,
    "checkout.session.async_payment_failed": NewsState.FAILED,
    "checkout.session.expired": NewsState.CLOSED,
}
"""Events that are about a payment; None: the session itself says whether it is paid."""


class StripeCheckout:
    """Implements `cash.ports.PaymentGateway`. Currencies are those whose minor unit is the same at Stripe."""

    name = NAME
    currencies = frozenset({"AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "HKD", "JPY", "NZD", "SGD", "USD"})

    def create(self, order: PaymentOrder) -> Checkout:
        """Make a session; its page is Stripe's."""
        form = {
            "mode": "payment",
            "client_reference_id": order.number,
            "metadata[number]": order.number,
            "payment_intent_data[metadata][number]": order.number,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": order.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(order.amount_minor),
            "line_items[0][price_data][product_data][name]": order.title,
            "success_url": order.return_url,
            "cancel_url": order.return_url,
            "expires_at": str(int(order.expires_at.timestamp())),
            "locale": "zh" if order.language.startswith("zh") else "en",
        }
        said = self._ask("POST", "/v1/checkout/sessions", form, once=order.number)
        return Checkout(address=_text(said, "url"), handle=_text(said, "id"))

    def query(self, number: str, handle: str, *, now: datetime) -> News:
        """Ask by the session; without one nothing was made, or nobody can reach it."""
        del now
        if not handle:
            return News(event_id=f"query:{number}:PENDING", number=number, state=NewsState.PENDING)
        return _news(self._ask("GET", f"/v1/checkout/sessions/{handle}"), "", None)

    def close(self, number: str, handle: str) -> None:
        """Expire the session; one that is complete or expired stays as it is."""
        if handle:
            try:
                self._ask("POST", f"/v1/checkout/sessions/{handle}/expire", once=f"close-{number}")
            except GatewayRefused as no:
                if not str(no.facts["said"]).startswith("400"):
                    raise

    def refund(self, order: RefundOrder) -> str:
        """Send money back from the payment intent."""
        form = {
            "payment_intent": order.provider_reference,
            "amount": str(order.amount_minor),
            "metadata[number]": order.refund_number,
        }
        said = self._ask("POST", "/v1/refunds", form, once=order.refund_number)
        if said.get("status") in {"failed", "canceled"}:
            raise GatewayRefused(gateway=NAME, said=str(said.get("failure_reason") or said["status"]))
        return _text(said, "id")

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        """Verify and read an event."""
        secret = settings.HUIKUAN_STRIPE_WEBHOOK_SECRET
        if not is_signed(headers.get("stripe-signature", ""), body, secret=secret, now=now):
            raise CallbackForged(gateway=NAME)
        said = json.loads(body)
        if said.get("type") not in EVENTS:
            return None
        session = said["data"]["object"]
        return _news(session, str(said["id"]), EVENTS[said["type"]], at=said.get("created"))

    def answer(self, *, is_taken: bool) -> tuple[int, str, str]:
        """Any 2xx is a yes."""
        return (200 if is_taken else 400), "text/plain", ""

    @staticmethod
    def _ask(method: str, path: str, form: Mapping[str, str] | None = None, *, once: str = "") -> dict[str, Any]:
        """Make a call. Raises GatewayRefused with status and Stripe's code, GatewayUnsure."""
        headers = {"Authorization": f"Bearer {settings.HUIKUAN_STRIPE_KEY}"}
        if once:
            headers["Idempotency-Key"] = once
        address = f"{settings.HUIKUAN_STRIPE_ADDRESS.rstrip('/')}{path}"
        answer: Answer = call(NAME, httpx.Request(method, address, data=form, headers=headers))
        if answer.status not in OK:
            error = (answer.content or {}).get("error") or {}
            raise GatewayRefused(gateway=NAME, said=f"{answer.status} {error.get('code') or error.get('type') or ''}")
        if answer.content is None:
            raise GatewayUnsure(gateway=NAME)
        return answer.content


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise GatewayUnsure(gateway=NAME)
    return found


def _news(session: Mapping[str, Any], event_id: str, state: NewsState | None, *, at: int | None = None) -> News:
    number = str(session.get("client_reference_id") or "")
    if state is None:
        expired = NewsState.CLOSED if session.get("status") == "expired" else NewsState.PENDING
        state = NewsState.PAID if session.get("payment_status") == "paid" else expired
    reference = str(session.get("payment_intent") or "") if state is NewsState.PAID else ""
    payer = session.get("customer_details") or {}
    return News(
        event_id=event_id or f"query:{number}:{state}:{reference}",
        number=number,
        state=state,
        provider_reference=reference,
        currency=str(session.get("currency") or "").upper(),
        amount_minor=session.get("amount_total"),
        paid_at=datetime.fromtimestamp(at, UTC) if at and state is NewsState.PAID else None,
        payer_name=str(payer.get("name") or "")[:200],
    )
