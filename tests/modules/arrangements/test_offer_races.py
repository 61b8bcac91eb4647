"""Money and the night meet at one offer: whoever is first, it ends taken, and its waiver stands once."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from huikuan.arrangements.commands.offers import bind_offer, lapse_offers, make_offer, take_offers
from huikuan.arrangements.models import Offer
from huikuan.outreach.commands.queue import enqueue
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.models import PenaltyWaiver
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON

MONDAY, FRIDAY, NIGHT = date(2026, 7, 6), date(2026, 7, 10), date(2026, 7, 14)


@pytest.fixture
def item(transactional_db, tianhe, finance):
    """1,000.00 at 0.05 % a day since 2026-06-16: 10.00 on Monday."""
    set_default_terms(entity=tianhe.entity, terms=Terms(kind="PER_DAY", rate_ppb=500_000), actor=finance, now=NOON)
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=100_000, issued_on=date(2026, 5, 16),
                     due_on=date(2026, 6, 16), actor=finance, now=NOON)  # fmt: skip


def test_the_night_and_the_money_leave_one_end(item, tianhe, owner, finance):
    offer = make_offer(customer_id=tianhe.pk, currency="CNY", waive_ppm=500_000, expires_on=FRIDAY, as_of=MONDAY,
                       actor=owner, now=NOON)  # fmt: skip

    def money() -> None:
        with transaction.atomic():
            book_receipt(customer_id=tianhe.pk, reference="R-1", received_on=FRIDAY, amount_minor=100_000,
                         actor=finance, now=NOON, wish=Wish())  # fmt: skip
            take_offers(customer_id=tianhe.pk, as_of=NIGHT, now=NOON)

    def night() -> None:
        lapse_offers(entity_id=tianhe.entity_id, as_of=NIGHT, now=NOON)

    _at_once(money, night)
    offer.refresh_from_db()
    assert (offer.taken_on, offer.lapsed_at) == (FRIDAY, None)
    # 24 days: 12.00, half of it
    assert (offer.granted_minor, sum(PenaltyWaiver.objects.values_list("amount_minor", flat=True))) == (600, 600)


def _at_once(*acts) -> None:
    """Do the acts in threads of their own where the database lets several write; else one after the other."""
    if connection.vendor != "postgresql":
        for act in reversed(acts):
            act()
        return
    barrier = threading.Barrier(len(acts))

    def alone(act) -> None:
        barrier.wait()
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=alone, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_a_message_promises_binds_and_a_second_try_replaces_it(item, tianhe):
    delivery = enqueue(key="offer", customer_id=tianhe.pk, template="offer", currency="CNY", as_of=MONDAY,
                       not_before=NOON, now=NOON, step_code="offer")  # fmt: skip
    row = {"item_id": item.pk, "due_minor": 100_000, "held_minor": 0, "penalty_minor": 1_000, "fee_minor": 0}
    facts = {"items": [row], "penalty_lines": [], "waived_minor": 500, "as_of": "2026-07-06"}
    bind_offer(delivery=delivery, facts=facts | {"offer_until": "2026-07-12"}, waive_ppm=500_000, now=NOON)
    bind_offer(delivery=delivery, facts=facts | {"offer_until": "2026-07-19"}, waive_ppm=500_000, now=NOON)
    assert Offer.objects.filter(withdrawn_at=None).get().expires_on == date(2026, 7, 19)
    assert bind_offer(delivery=delivery, facts=facts | {"waived_minor": 0}, waive_ppm=1, now=NOON) is None
