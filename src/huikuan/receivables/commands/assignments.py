"""Recording that a claim was assigned, or a debt taken over (债权转让, 债务转移): it moves no money by itself."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.journal.models import StoredFile
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer
from huikuan.receivables.models import Assignment, OpenItem


class AssignmentIncomplete(Refusal):
    """Nobody could later say what passed to whom."""

    code = "receivables.assignment-incomplete"
    text = gettext_noop("Name the other party, and choose at least one open item of {customer}.")


class NoticeBeforeAgreement(Refusal):
    """Nobody is told of what is not yet agreed."""

    code = "receivables.notice-before-agreement"
    text = gettext_noop("The notice of {notified_on} lies before the agreement of {agreed_on}. Correct the day.")


@transaction.atomic
def record_assignment(
    *,
    customer_id: int,
    kind: str,
    party: str,
    item_ids: Collection[int],
    agreed_on: date,
    actor: User | None,
    now: datetime,
    notified_on: date | None = None,
    note: str = "",
    document: StoredFile | None = None,
) -> Assignment:
    """Record that items passed to another creditor (CLAIM), or their debt to another debtor (DEBT).

    Args:
        customer_id: The debtor of the items.
        kind: Assignment.Kind.
        party: The new creditor or debtor; a customer of the entity with this very name is linked.
        item_ids: Open items of the customer.
        agreed_on: Day of the agreement.
        actor: Who records it.
        now: The instant.
        notified_on: The debtor was told, or the creditor agreed; only then it binds (Civil Code 546, 551).
        note: In words.
        document: The agreement or the notice.

    Raises: AssignmentIncomplete, NoticeBeforeAgreement.
    """
    customer = locked_customer(customer_id)
    items = list(OpenItem.objects.filter(pk__in=list(item_ids), customer=customer, settled_on=None).order_by("pk"))
    if not party.strip() or not items or len(items) != len(set(item_ids)):
        raise AssignmentIncomplete(customer=customer.name)
    _refuse_early_notice(agreed_on, notified_on)
    other = customer.entity.customers.filter(name=party.strip()).exclude(pk=customer.pk).first()
    made = Assignment.objects.create(
        entity=customer.entity, customer=customer, kind=Assignment.Kind(kind), party=party.strip(), other=other,
        agreed_on=agreed_on, notified_on=notified_on, note=note.strip(), document=document, recorded_at=now,
        recorded_by=actor,
    )  # fmt: skip
    made.items.set(items)
    record(
        "receivables.assignment-recorded", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=made, kind=made.kind, party=made.party, agreed_on=agreed_on, notified_on=notified_on,
        item_ids=[item.pk for item in items], sha256=None if document is None else document.sha256,
    )  # fmt: skip
    return made


def _refuse_early_notice(agreed_on: date, notified_on: date | None) -> None:
    if notified_on is not None and notified_on < agreed_on:
        raise NoticeBeforeAgreement(notified_on=notified_on, agreed_on=agreed_on)
