"""Money that somebody else pays in the customer's place (第三人代为清偿): declared with the receipt."""

from dataclasses import dataclass
from datetime import datetime

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.models import Receipt, ThirdPartyPayment


class ThirdPartyUndeclared(Refusal):
    """Whose debt somebody pays, and why, must be known: else it may be claimed back."""

    code = "receivables.third-party-undeclared"
    text = gettext_noop("Say who pays in the customer's place, and on what ground: the letter or the agreement.")


@dataclass(frozen=True, slots=True)
class PaidBy:
    """Who paid in the customer's place, and on what ground."""

    payer: str
    ground: str


def declare_third_party(receipt: Receipt, paid_by: PaidBy, *, actor: User | None, now: datetime) -> ThirdPartyPayment:
    """Keep with a receipt that somebody else paid; the caller's transaction. Raises ThirdPartyUndeclared."""
    if not paid_by.payer.strip() or not paid_by.ground.strip():
        raise ThirdPartyUndeclared
    made = ThirdPartyPayment.objects.create(
        receipt=receipt, payer=paid_by.payer.strip(), ground=paid_by.ground.strip(), recorded_at=now, recorded_by=actor
    )
    record(
        "receivables.third-party-paid", now=now, actor=actor, entity_id=receipt.entity_id,
        customer_id=receipt.customer_id, subject=receipt, reference=receipt.reference, payer=made.payer,
        reason=made.ground,
    )  # fmt: skip
    return made
