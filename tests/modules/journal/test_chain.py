"""The journal only grows, and whoever gets behind the database's back leaves a broken chain."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huikuan.journal.commands import record, seal
from huikuan.journal.models import Entry, Seal
from huikuan.journal.queries import verify
from huikuan.journal.rules.chain import GENESIS, sealed_hash
from huikuan.storage import triggers
from tests.people import NOON


@pytest.fixture
def entries(finance, huatai):
    """Five acts, sealed."""
    made = [
        record("receivables.receipt-booked", now=NOON + timedelta(seconds=n), actor=finance, entity_id=huatai.pk,
               amount_minor=n * 100, currency="CNY", payer="李四") for n in range(5)
    ]  # fmt: skip
    assert seal(now=NOON) == 5
    return [Entry.objects.get(pk=number) for number in made]


def behind_its_back(sql, params=()):
    """Do what the triggers forbid, as somebody with the database password could."""
    triggers.remove(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
    finally:
        triggers.install(connection)


def test_the_database_refuses_to_change_or_remove_an_entry(entries):
    for attempt in (
        lambda: Entry.objects.filter(pk=entries[0].pk).update(event="x"),
        lambda: Seal.objects.all().update(hash="x"),
        lambda: Seal.objects.filter(position=5).delete(),
        lambda: Entry.objects.get(pk=record("x.y", now=NOON)).delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()
    assert verify().is_whole


def test_a_sealed_journal_is_whole_and_grows(entries):
    before = verify()
    assert (before.is_whole, before.sealed_count, before.unsealed_count) == (True, 5, 0)
    record("cases.case-opened", now=NOON)
    assert verify().unsealed_count == 1
    assert seal(now=NOON) == 1
    assert seal(now=NOON) == 0
    after = verify()
    assert (after.is_whole, after.sealed_count) == (True, 6)
    assert Seal.objects.get(position=6).previous_hash == before.head != after.head


def test_an_empty_journal_is_whole(db):
    assert seal(now=NOON) == 0
    assert (verify().is_whole, verify().head) == (True, GENESIS)


CHANGES = {
    "event": "UPDATE journal_entry SET event = 'receivables.receipt-forged' WHERE id = %s",
    "actor": "UPDATE journal_entry SET actor_id = NULL WHERE id = %s",
    "at": "UPDATE journal_entry SET at = '2026-07-10 03:00:00+00:00' WHERE id = %s",
    "facts": "UPDATE journal_entry SET facts = '{\"amount_minor\": 1}' WHERE id = %s",
    "customer": "UPDATE journal_entry SET customer_id = 4711 WHERE id = %s",
    "subject": "UPDATE journal_entry SET subject_id = 4711 WHERE id = %s",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_entry_breaks_the_chain(entries, what):
    behind_its_back(CHANGES[what], [entries[2].pk])
    assert [(found.position, found.reason) for found in verify().breaks] == [(3, "entry-changed")]


@pytest.mark.django_db(transaction=True)
def test_a_removed_entry_breaks_the_chain(entries):
    behind_its_back("DELETE FROM journal_seal WHERE position = 3")
    behind_its_back("DELETE FROM journal_entry WHERE id = %s", [entries[2].pk])
    assert (3, "missing") in [(found.position, found.reason) for found in verify().breaks]


@pytest.mark.django_db(transaction=True)
def test_a_forged_seal_breaks_the_next_one(entries):
    """Whoever changes an entry and its own hash would have to change every later seal as well."""
    changed = Entry.objects.get(pk=entries[2].pk)
    behind_its_back("UPDATE journal_entry SET event = 'x' WHERE id = %s", [changed.pk])
    changed.refresh_from_db()
    from huikuan.journal.queries import content_of  # noqa: PLC0415  a forger's tool, used here alone

    seal_before = Seal.objects.get(position=3)
    forged = sealed_hash(seal_before.previous_hash, 3, content_of(changed))
    behind_its_back("UPDATE journal_seal SET hash = %s WHERE position = 3", [forged])
    assert [(found.position, found.reason) for found in verify().breaks] == [(4, "seal-changed")]


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain(finance):
    for n in range(60):
        record("cases.noted", now=NOON, n=n)
    counts, barrier = [], threading.Barrier(3)

    def sealing():
        barrier.wait()
        try:
            counts.append(seal(now=NOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=sealing) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 60
    assert (verify().is_whole, verify().sealed_count) == (True, 60)
