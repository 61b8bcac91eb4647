"""What the call screen shows beside the account: what was said last, what stands, who was dialed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huikuan.arrangements.models import Dispute, Offer, Promise
from huikuan.arrangements.models.promise import PromiseState
from huikuan.kernel.money import format_money
from huikuan.kernel.rates import format_rate
from huikuan.outreach.models import Attempt, Contact
from huikuan.parties.models import Consent, ContactPerson, Customer, User
from huikuan.policy.rules.schema import Policy
from huikuan.receivables.models import OpenItem
from huikuan.runs.queries.hours import preferred_hours
from huikuan.runs.rules.sending import windows_within

CONTACTS_SHOWN: Final = 5
ATTEMPT_HOURS: Final = 12
"""A dial that nobody logged is offered for logging for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One thing that stands between us and the customer: a promise, an offer, a dispute."""

    kind: str
    words: str
    day: date
    tone: str


def call_hours(customer: Customer, person: ContactPerson | None, policy: Policy | None) -> str:
    """Return the hours in which a call is likely to find somebody, on the customer's clock; "" for none.

    The policy's hours for calls as far as the person prefers them; his own where the policy's never suit him.
    """
    own = preferred_hours(person, customer, Contact.Channel.PHONE, policy=policy, is_automatic=False)
    hours = windows_within(() if policy is None else policy.send_times.calls, own)
    return ", ".join(f"{begins:%H:%M}–{ends:%H:%M}" for begins, ends in hours)


def standing(customer_id: int) -> tuple[Standing, ...]:
    """Return promises that run, offers that may be taken, and disputes that are open. One query."""
    promises = Promise.objects.filter(customer_id=customer_id, state=PromiseState.RUNNING)
    offers = Offer.objects.filter(
        customer_id=customer_id, approved_at__isnull=False, taken_at=None, lapsed_at=None, withdrawn_at=None
    )
    disputes = Dispute.objects.filter(customer_id=customer_id, decided_at=None)
    rows = _shaped(promises, "promise", on=F("next_on"), minor=F("amount_minor"), share=Value(0)).union(
        _shaped(offers, "offer", on=F("expires_on"), minor=F("waived_minor"), share=F("waive_ppm")),
        _shaped(disputes, "dispute", on=F("resolve_due_on"), minor=F("amount_minor"), share=Value(0)),
        all=True,
    )
    return tuple(_standing(row) for row in rows.order_by("row_kind", "row_on"))


def _shaped(rows: QuerySet[Any], kind: str, **columns: Any) -> QuerySet[Any, Any]:
    """Give every source the same columns in the same order."""
    named = {f"row_{name}": each for name, each in columns.items()}
    return rows.order_by().values("currency", row_kind=Value(kind, output_field=CharField()), **named)


def _standing(row: dict[str, Any]) -> Standing:
    amount = format_money(row["row_minor"], row["currency"], get_language() or "en")
    kind, day = row["row_kind"], row["row_on"]
    if kind == "promise":
        return Standing(kind=kind, words=_("Promised {amount}").format(amount=amount), day=day, tone="info")
    if kind == "dispute":
        return Standing(kind=kind, words=_("Disputes {amount}").format(amount=amount), day=day, tone="warn")
    share = format_rate(row["row_share"] * 1000)
    words = _("May offer: {share} of the penalty waived ({amount})").format(share=share, amount=amount)
    return Standing(kind=kind, words=words, day=day, tone="good")


def last_contacts(customer_id: int) -> list[Contact]:
    """Return what was said last, notes too. One query."""
    said = Contact.objects.filter(~Q(summary="") | ~Q(channel=Contact.Channel.NOTE), customer_id=customer_id)
    return list(said.filter(delivery=None).select_related("person", "logged_by").order_by("-at")[:CONTACTS_SHOWN])


def open_dial(customer_id: int, user: User, *, now: datetime) -> Attempt | None:
    """Return the latest number that the user dialed and has not logged. One query."""
    begun = Attempt.objects.filter(customer_id=customer_id, channel=Contact.Channel.PHONE, begun_by=user, contact=None)
    since = now - timedelta(hours=ATTEMPT_HOURS)
    return begun.filter(at__gte=since).select_related("person").order_by("-at").first()


def agreed_to_recording(now: datetime) -> Exists:
    """Return the condition that a person agreed that calls are recorded: beside the person, no query."""
    given = Consent.objects.filter(
        person=OuterRef("pk"), kind=Consent.Kind.RECORDING, ended_at=None, begun_at__lte=now
    )  # fmt: skip
    return Exists(given.filter(Q(expires_at=None) | Q(expires_at__gt=now), channel__in=["", Contact.Channel.PHONE]))


def script_facts(person_id: int | None, currency: str, *, as_of: date) -> dict[str, Subquery]:
    """Return what a script needs beside the customer, without a query: the person's name and the currency talked about.

    The currency is the one asked for when anything is open in it, else the first in which anything is.
    """
    name = ContactPerson.objects.filter(customer=OuterRef("pk"), pk=person_id or 0).values("name")
    is_open = Q(settled_on=None) | Q(settled_on__gt=as_of)
    owed = OpenItem.objects.filter(is_open, customer=OuterRef("pk"), issued_on__lte=as_of)
    first = owed.order_by(Case(When(currency=currency, then=0), default=1), "currency").values("currency")
    return {"asked_name": Subquery(name[:1]), "owed_currency": Subquery(first[:1])}
