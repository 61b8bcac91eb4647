"""What agreements become when money comes or goes: discounts, promises, plans, offers and disputes, in that order.

A promise is judged by money only, never by a word (I5). Judging twice changes nothing.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from huikuan.arrangements.commands.discounts import take_discounts, with_discount_terms
from huikuan.arrangements.commands.disputes import money_arrived, with_open_disputes
from huikuan.arrangements.commands.offers import take_offers
from huikuan.arrangements.commands.plans import JUDGED, judge_plans
from huikuan.arrangements.commands.promises import judge_promises_of
from huikuan.arrangements.models import Discount, Dispute, Offer, Plan, Promise
from huikuan.cash.commands.late_discounts import review_late_discounts

Judged = dict[int, dict[str, list[int]]]
"""Customer to noun ("discounts", "promises", "plans", "offers", "disputes") to the ids of what changed."""


def judge_agreements(customer_ids: Collection[int], *, as_of: date, now: datetime) -> Judged:
    """Judge the agreements of customers, whom the caller has locked; who has none costs nothing of his own."""
    judged: Judged = {}

    def note(noun: str, rows: Iterable[Discount | Promise | Plan | Offer | Dispute]) -> None:
        for row in rows:
            of_customer = judged.setdefault(row.customer_id, {})
            of_customer.setdefault(noun, []).append(row.pk)

    whose = {"customer_id__in": list(customer_ids)}
    # First of all: its credit note may settle what the others ask about.
    for customer_id in with_discount_terms(list(customer_ids)):
        discounts = take_discounts(customer_id=customer_id, as_of=as_of, now=now)
        review_late_discounts(discounts, as_of=as_of, now=now)
        note("discounts", discounts)
    with_promises = set(Promise.objects.filter(**whose).values_list("customer_id", flat=True))
    if with_promises:
        note("promises", judge_promises_of(sorted(with_promises), as_of=as_of, now=now))
    plans = Plan.objects.filter(**whose, state__in=JUDGED)
    for customer_id in sorted(set(plans.values_list("customer_id", flat=True))):
        note("plans", judge_plans(customer_id=customer_id, as_of=as_of, now=now))
    offers = Offer.objects.filter(**whose, withdrawn_at=None)
    for customer_id in sorted(set(offers.values_list("customer_id", flat=True))):
        note("offers", take_offers(customer_id=customer_id, as_of=as_of, now=now))
    for customer_id in with_open_disputes(list(customer_ids)):
        note("disputes", money_arrived(customer_id=customer_id, as_of=as_of, now=now))
    return judged
