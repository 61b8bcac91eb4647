"""What the contact guard looks at beside its rules: blocks, consents and holds of a customer, read at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import BigIntegerField, DateField, DateTimeField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from huikuan.parties.models import Consent, ContactBlock, Customer
from huikuan.policy.models import Hold
from huikuan.policy.queries import holds_running, running_holds
from huikuan.policy.rules import guard

BLOCK, CONSENT, HOLD = "BLOCK", "CONSENT", "HOLD"
LIFTS: Final = {
    Consent.Kind.OUTSIDE_HOURS: ("quiet_hours",),
    Consent.Kind.MORE_OFTEN: ("calls_per_week", "conversation_silence"),
    Consent.Kind.VISIT: ("visit_consent",),
}
"""Rules of the guard that a consent lifts where the pack lets it; the other kinds concern other things."""
NUMBERED: Final = frozenset({"PHONE", "SMS"})
"""Channels that use the telephone number."""


@dataclass(frozen=True, slots=True)
class StandingBlock:
    """An open block: of a person (None: of the customer as a whole), with the numbers that it follows."""

    kind: str
    channel: str
    person_id: int | None
    is_same_customer: bool
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()

    def concerns(self, person_id: int | None, channel: str, address: str) -> bool:
        """Tell whether it stands in the way of this person, or of the number or mailbox to be used."""
        if not self._is_about(channel):
            return False
        if self.is_same_customer and self.person_id in {None, person_id}:
            return True
        numbers = self.phones if channel in NUMBERED else self.emails
        return bool(address) and address.casefold() in numbers

    def _is_about(self, channel: str) -> bool:
        """Tell whether the block is about a channel: a wrong number is wrong for calls and text messages alike."""
        is_number = self.kind == ContactBlock.Kind.WRONG_PERSON and {self.channel, channel} <= NUMBERED
        return self.channel in {"", channel} or is_number


@dataclass(frozen=True, slots=True)
class StandingConsent:
    """A consent that holds now."""

    person_id: int
    kind: str
    channel: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at one customer."""

    blocks: tuple[StandingBlock, ...]
    consents: tuple[StandingConsent, ...]
    holds: tuple[guard.RunningHold, ...]

    def blocks_of(self, person_id: int | None, channel: str, address: str) -> list[guard.Block]:
        """Return the blocks in the way of one contact."""
        return [guard.Block(each.kind) for each in self.blocks if each.concerns(person_id, channel, address)]

    def consents_of(self, person_id: int | None, channel: str) -> list[guard.Consent]:
        """Return what the person agreed to, as the rules that it lifts."""
        return [
            guard.Consent(rule, each.expires_at)
            for each in self.consents
            if each.person_id == person_id and each.channel in {"", channel}
            for rule in LIFTS.get(Consent.Kind(each.kind), ())
        ]


def standing_of(
    customer: Customer,
    *,
    addresses: Collection[str],
    now: datetime,
    day: date,
    holds: Iterable[Hold] | None = None,
    blocks: Iterable[ContactBlock] | None = None,
) -> Standing:
    """Return what stands at a customer. One query.

    Args:
        customer: Whose.
        addresses: Numbers and mailboxes that somebody is to be reached at: an opt-out at another customer of the same
            entity follows them.
        now: The instant.
        day: The day of the entity.
        holds: The holds that run on the day, when they have been read already.
        blocks: The open blocks of the customer, when they have been read already (with their persons).
    """
    others = _blocks([customer], addresses)
    wanted = [others if blocks is None else others.exclude(customer=customer), _consents([customer.pk], now)]
    if holds is None:
        wanted.append(_holds(customer, day))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in wanted[0].union(*wanted[1:], all=True)]
    read = _standing(customer, rows)
    known = () if blocks is None else (_block(customer, *_known(block)) for block in blocks)
    running = () if holds is None else [hold for hold in holds if hold.item_id is None]
    return Standing(
        blocks=(*read.blocks, *known),
        consents=read.consents,
        holds=(*(guard.RunningHold(hold.kind, hold.ends_on) for hold in running), *read.holds),
    )


def standings_of(
    customers: Mapping[int, Customer], *, addresses: Mapping[int, str], now: datetime, day: date
) -> dict[int, Standing]:
    """Return what stands at each of several customers of one entity, as `standing_of` would; in one query as well.

    Args:
        customers: By id.
        addresses: The number or mailbox to be used, by customer.
        now, day: As in `standing_of`.
    """
    wanted = [_blocks(list(customers.values()), set(addresses.values())), _consents(list(customers), now)]
    wanted.append(_columns(holds_running(list(customers), day).filter(item=None), HOLD, on_day=F("ends_on")))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in wanted[0].union(*wanted[1:], all=True)]
    found: dict[int, list[dict[str, Any]]] = {pk: [] for pk in customers}
    elsewhere: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["of_customer"] in found:
            found[row["of_customer"]].append(row)
        if row["what"] == BLOCK and row["the_kind"] == ContactBlock.Kind.OPT_OUT:
            for number in {row["n1"], row["m1"]} - {""}:
                elsewhere.setdefault(number, []).append(row)
    return {
        pk: _standing(
            customer,
            found[pk] + [row for row in elsewhere.get(addresses[pk], ()) if row["of_customer"] != pk],
        )
        for pk, customer in customers.items()
    }


def _standing(customer: Customer, rows: Iterable[dict[str, Any]]) -> Standing:
    """Sort the rows of one customer."""
    blocks, consents, holds = [], [], []
    for row in rows:
        if row["what"] == BLOCK:
            numbers = (row[name] for name in ("n1", "n2", "m1", "m2"))
            about = (row["the_kind"], row["on_channel"], row["of_person"], row["of_customer"])
            blocks.append(_block(customer, *about, *numbers))
        elif row["what"] == CONSENT:
            consents.append(StandingConsent(row["of_person"], row["the_kind"], row["on_channel"], row["until"]))
        else:
            holds.append(guard.RunningHold(row["the_kind"], row["on_day"]))
    return Standing(tuple(blocks), tuple(consents), tuple(holds))


COLUMNS: Final = (
    "what",
    "the_kind",
    "on_channel",
    "of_person",
    "of_customer",
    "n1",
    "n2",
    "m1",
    "m2",
    "on_day",
    "until",
)
"""The columns of the union: what it is, kind, channel, person, customer, two numbers, two mailboxes, day, instant."""


def _columns(rows: QuerySet[Any], what: str, **given: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """Return rows in the form in which the three tables can be read together; what a table lacks is empty."""
    whole = {
        "what": Value(what), "the_kind": F("kind"), "on_channel": Value(""),
        "of_person": Cast(Value(None), BigIntegerField()), "of_customer": F("customer_id"),
        "n1": Value(""), "n2": Value(""), "m1": Value(""), "m2": Value(""),
        "on_day": Cast(Value(None), DateField()), "until": Cast(Value(None), DateTimeField()),
    }  # fmt: skip
    typed: QuerySet[Any, tuple[Any, ...]] = rows.order_by().annotate(**{**whole, **given}).values_list(*COLUMNS)
    return typed


def _blocks(customers: Sequence[Customer], addresses: Collection[str]) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the blocks of customers of one entity, and the opt-outs there that follow a number or mailbox."""
    used = sorted(filter(None, addresses))
    elsewhere = Q(customer__entity_id=customers[0].entity_id, kind=ContactBlock.Kind.OPT_OUT) & (
        Q(phone__in=used) | Q(email__in=used)
    )
    ours = Q(customer__in=[each.pk for each in customers])
    rows = ContactBlock.objects.filter(ours | elsewhere, ended_at=None)
    return _columns(
        rows,
        BLOCK,
        on_channel=F("channel"),
        of_person=F("person_id"),
        n1=F("phone"),
        n2=Coalesce("person__phone", Value("")),
        m1=F("email"),
        m2=Coalesce("person__email", Value("")),
    )


def _consents(customer_ids: Sequence[int], now: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    rows = Consent.objects.filter(customer__in=customer_ids, begun_at__lte=now, ended_at=None)
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    return _columns(rows, CONSENT, on_channel=F("channel"), of_person=F("person_id"), until=F("expires_at"))


def _holds(customer: Customer, day: date) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the holds on everything; what is held in part is left out of the words by the composer."""
    return _columns(running_holds(customer.pk, day).filter(item=None), HOLD, on_day=F("ends_on"))


def _known(block: ContactBlock) -> tuple[Any, ...]:
    person = block.person
    return (
        block.kind, block.channel, block.person_id, block.customer_id,
        block.phone, person.phone if person else "", block.email, person.email if person else "",
    )  # fmt: skip


def _block(
    customer: Customer, kind: str, channel: str, person_id: int | None, customer_id: int, *numbers: str
) -> StandingBlock:
    *phones, mailbox, mailbox_now = numbers
    return StandingBlock(
        kind=kind,
        channel=channel,
        person_id=person_id,
        is_same_customer=customer_id == customer.pk,
        phones=frozenset(filter(None, phones)),
        emails=frozenset(each.casefold() for each in (mailbox, mailbox_now) if each),
    )
