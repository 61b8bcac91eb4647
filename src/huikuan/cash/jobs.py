"""What the scheduler calls about payments: those nobody has told us of, and money to be sent back."""

import logging
from datetime import datetime

from huikuan.cash.commands.refunds import queue_refunds
from huikuan.cash.gateways import check_payment, send_refund
from huikuan.cash.models import Payment, PaymentRefund

logger = logging.getLogger(__name__)

AT_ONCE = 200
"""So many in one turn: a gateway that is slow must not stop the rest of the scheduler for long."""


def settle_payments(*, now: datetime) -> dict[str, int]:
    """Ask about payments whose time has come, and send back what was approved.

    Returns: how many were asked about, how many of them have ended since, and how many refunds were tried.
    """
    due = Payment.objects.filter(next_check_at__lte=now).order_by("next_check_at").values_list("pk", flat=True)
    checked = [check_payment(payment_id=payment_id, now=now) for payment_id in list(due[:AT_ONCE])]
    queue_refunds(now=now)
    waiting = PaymentRefund.objects.filter(next_try_at__lte=now).order_by("next_try_at").values_list("pk", flat=True)
    refunds = [send_refund(refund_id=refund_id, now=now) for refund_id in list(waiting[:AT_ONCE])]
    for refund in refunds:
        if refund.state == PaymentRefund.State.FAILED:
            logger.warning("refund %s is refused by %s: %s", refund.number, refund.payment.gateway, refund.said)
    ended = sum(payment.next_check_at is None for payment in checked)
    return {"checked": len(checked), "ended": ended, "refunds": len(refunds)}
