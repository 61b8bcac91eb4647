"""Payments of the demo: customers who pay online through the sandbox gateway, by the real commands."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from huikuan.cash.gateways import start_payment, take_callback
from huikuan.cash.models import Payment
from huikuan.cash.ports import TRIAL, trial_gateway
from huikuan.parties.commands.links import issue_link
from huikuan.parties.models import SignedLink
from huikuan.receivables.models import OpenItem

SANDBOX: Final = "huikuan.adapters.sandbox_pay.gateway.SandboxGateway"
BUTTONS: Final = ("pay", "fail", "")
"""What becomes of each payment: it comes, it fails, it waits."""
AT_MOST_MINOR: Final = 50_000_00


def pay_online(*, now: datetime) -> list[Payment]:
    """Let a few customers of the entity MAIN pay an item online. Switches the sandbox on for this process."""
    settings.HUIKUAN_GATEWAY_PORTS = {TRIAL: SANDBOX}
    owing = OpenItem.objects.filter(
        entity__code="MAIN", settled_on=None, currency="CNY", open_minor__lte=AT_MOST_MINOR, issued_on__lt=now.date()
    )
    first = {item.customer_id: item for item in owing.order_by("-due_on", "-pk")[:200]}
    return [
        _paid(item, button, now=now)
        for item, button in zip(sorted(first.values(), key=lambda item: item.pk), BUTTONS, strict=False)
    ]


def _paid(item: OpenItem, button: str, *, now: datetime) -> Payment:
    link = issue_link(
        customer_id=item.customer_id, purpose=SignedLink.Purpose.BILL, about=f"pay:{item.customer_id}",
        expires_at=now + timedelta(days=30), now=now,
    )  # fmt: skip
    payment = start_payment(
        link_id=link.pk, gateway=TRIAL, item_ids=[item.pk], with_penalty=False, is_phone=True, payer_ip="127.0.0.1",
        language="zh-hans", now=now,
    )  # fmt: skip
    for headers, body in trial_gateway().press(payment.number, button, now=now) if button else ():
        take_callback(gateway=TRIAL, headers=headers, body=body, now=now)
    return payment
