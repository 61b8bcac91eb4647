"""News of a gateway that told of money and booked none: ticked off by a person who dealt with it, and put back."""

from datetime import datetime

from django.db import transaction

from huikuan.cash.models import PaymentEvent, PaymentReview
from huikuan.cash.rules.payment import TROUBLE
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User


class NewsNotOpen(Refusal):
    """Nothing to deal with: it was booked, told nothing, or somebody was faster."""

    code = "payment.news-not-open"
    text = gettext_noop("This news needs no look any more. Load the page again.")


class NewsNoteMissing(Refusal):
    """Whoever looks later must see what became of the money."""

    code = "payment.news-note-missing"
    text = gettext_noop("Say what you found and did: booked by hand, paid back, never arrived, …")


class NewsNotDealtWith(Refusal):
    """It is on the list."""

    code = "payment.news-not-dealt-with"
    text = gettext_noop("This news is on the list already.")


@transaction.atomic
def deal_with_news(*, event_id: int, note: str, actor: User, now: datetime) -> PaymentReview:
    """Take news off the list of what needs a look. Raises NewsNotOpen, NewsNoteMissing."""
    event = _locked(event_id)
    if event.verdict not in TROUBLE or event.reviews.filter(undone_at=None).exists():
        raise NewsNotOpen
    said = " ".join(note.split())[:200]
    if not said:
        raise NewsNoteMissing
    review = PaymentReview.objects.create(event=event, note=said, made_at=now, made_by=actor)
    _record("cash.payment-news-dealt-with", review, actor=actor, now=now)
    return review


@transaction.atomic
def take_up_news(*, event_id: int, actor: User, now: datetime) -> PaymentReview:
    """Put news back on the list. Raises NewsNotDealtWith."""
    event = _locked(event_id)
    review = event.reviews.select_related("event").filter(undone_at=None).first()
    if review is None:
        raise NewsNotDealtWith
    review.undone_at, review.undone_by = now, actor
    review.save(update_fields=["undone_at", "undone_by"])
    _record("cash.payment-news-taken-up", review, actor=actor, now=now)
    return review


def _locked(event_id: int) -> PaymentEvent:
    return PaymentEvent.objects.select_for_update(of=("self",)).select_related("payment").get(pk=event_id)


def _record(event: str, review: PaymentReview, *, actor: User, now: datetime) -> None:
    news, payment = review.event, review.event.payment
    record(
        event, now=now, actor=actor, entity_id=payment.entity_id if payment else None,
        customer_id=payment.customer_id if payment else None, subject=review, gateway=news.gateway,
        number=news.number, provider_reference=news.provider_reference, verdict=news.verdict, note=review.note,
    )  # fmt: skip
