"""What came in, as people see it: the inbox, one message with what it seems to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum

from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.journal.models import StoredFile
from huikuan.kernel.money import format_decimal
from huikuan.kernel.zones import local_day
from huikuan.outreach.models import AppliedIntent, InboundMessage
from huikuan.outreach.rules.intent import Kind, Part, Proposal, propose
from huikuan.outreach.rules.quoting import own_words
from huikuan.parties.models import Customer, Role
from huikuan.parties.queries import may_see, sees_whole, visible_to
from huikuan.receivables.models import OpenItem

NEWEST = Order("received_at", down=True)
TONES = {"REPLY": "info", "AUTO_REPLY": "", "BOUNCE": "bad", "DELAY": "warn", "RECEIPT": "good"}
SHOWS = ("open", "unassigned", "all")
EXCERPT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRow:
    """One message in the list."""

    pk: int
    received_at: datetime
    kind: str
    kind_name: str
    tone: str
    sender: str
    subject: str
    excerpt: str
    customer_id: int | None
    customer: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the text; `intent` is set where a proposal rests on it."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One proposal as the page offers it: its place among its kind, the form's days and amounts, what came of it."""

    proposal: Proposal
    place: int
    parts: tuple[tuple[str, str], ...]
    currency: str
    is_sure: bool
    applied: AppliedIntent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDetail:
    """One message with everything its page shows."""

    message: InboundMessage
    tone: str
    stretches: tuple[Stretch, ...]
    quoted: str
    proposals: tuple[ProposalRow, ...]
    candidates: tuple[Customer, ...]
    file: StoredFile | None
    before: int | None
    after: int | None


def visible_inbound(seat: Seat) -> QuerySet[InboundMessage]:
    """Return what the user may see of the chosen entity: messages of his customers, and those that are nobody's yet.

    The latter are seen by whoever sees the whole entity, and by its managers; where the mailbox serves several entities
    and it is not even known whose message it is, only by those who see all of them.
    """
    user, entity = seat.user, seat.entity
    of_entity = Q(entity_id=entity.pk)
    if not sees_whole(user, entity.pk):
        own = Q(customer__in=visible_to(user, entity_id=entity.pk))
        of_entity &= own | Q(customer=None) if seat.roles.get(entity.pk) == Role.MANAGER else own
    if user.is_superuser:
        of_entity |= Q(entity=None)
    return InboundMessage.objects.filter(of_entity)


def inbox(seat: Seat, *, show: str, kind: str, place: Place) -> Page[InboundRow]:
    """Return a page of messages, the newest first. Two queries."""
    found = visible_inbound(seat).select_related("customer")
    if show == "open":
        found = found.filter(handled_at=None)
    elif show == "unassigned":
        found = found.filter(handled_at=None, customer=None)
    if kind:
        found = found.filter(kind=kind)
    return page_of(found, NEWEST, place, read=_rows)


def _rows(found: Sequence[InboundMessage]) -> list[InboundRow]:
    return [
        InboundRow(
            pk=each.pk,
            received_at=each.received_at,
            kind=each.kind,
            kind_name=each.get_kind_display(),
            tone=TONES[each.kind],
            sender=each.sender_name or each.sender,
            subject=each.subject,
            excerpt=" ".join((own_words(each.text) or each.text).split())[:EXCERPT],
            customer_id=each.customer_id,
            customer=each.customer.name if each.customer else "",
            is_open=each.handled_at is None,
        )
        for each in found
    ]


def inbound_of(seat: Seat, message_id: int) -> InboundDetail | None:
    """Return one message with its proposals; None when the user may not see it. About six queries."""
    message = _found(seat, message_id)
    if message is None:
        return None
    own = own_words(message.text) if message.kind == InboundMessage.Kind.REPLY else message.text
    shown = own or message.text
    proposals = _proposals(message, shown)
    waiting = visible_inbound(seat).filter(handled_at=None).exclude(pk=message.pk)
    older = NEWEST.sorted(waiting.filter(NEWEST.beyond(message.received_at, message.pk)))
    newer = NEWEST.sorted(
        waiting.filter(NEWEST.beyond(message.received_at, message.pk, backwards=True)), backwards=True
    )
    is_nobodys = message.customer_id is None
    candidates = Customer.objects.filter(pk__in=message.facts.get("candidates", [])) if is_nobodys else ()
    return InboundDetail(
        message=message,
        tone=TONES[message.kind],
        stretches=stretches(shown, [row.proposal for row in proposals]),
        quoted=message.text[len(own) :].strip() if own and message.text.startswith(own) else "",
        proposals=proposals,
        candidates=tuple(candidates),
        file=StoredFile.objects.filter(subject_type="outreach.inboundmessage", subject_id=message.pk).first(),
        before=newer.values_list("pk", flat=True).first(),
        after=older.values_list("pk", flat=True).first(),
    )


def _found(seat: Seat, message_id: int) -> InboundMessage | None:
    """Return a message that the user may see, of whichever of his entities; the chosen one by its own rule."""
    rows = InboundMessage.objects.select_related(
        "customer__entity", "person", "delivery__message", "handled_by", "contact"
    )
    seen = Q(pk__in=visible_inbound(seat).filter(pk=message_id).values("pk")) | may_see(seat.user)
    return rows.filter(seen, pk=message_id).first()


def _proposals(message: InboundMessage, text: str) -> tuple[ProposalRow, ...]:
    """Return what a reply of a known customer seems to say, with what a person made of it."""
    customer = message.customer
    if message.kind != InboundMessage.Kind.REPLY or customer is None:
        return ()
    written_on = local_day(message.sent_at or message.received_at, customer.time_zone or customer.entity.time_zone)
    if message.sent_at is not None and message.sent_at > message.received_at:
        written_on = local_day(message.received_at, customer.time_zone or customer.entity.time_zone)
    found = propose(text, written_on=written_on, currency=customer.currency)
    applied = {(each.intent, each.place): each for each in message.applied.filter(undone_at=None)}
    places: dict[Kind, int] = {}
    rows = []
    for proposal in found:
        place = places[proposal.kind] = places.get(proposal.kind, -1) + 1
        currency = next((part.currency for part in proposal.parts if part.currency), customer.currency)
        rows.append(
            ProposalRow(
                proposal=proposal,
                place=place,
                parts=_parts(proposal.parts, customer.pk, currency) if proposal.kind is Kind.PROMISE else (),
                currency=currency,
                is_sure=proposal.confidence == "HIGH",
                applied=applied.get((proposal.kind.value, place)),
            )
        )
    return tuple(rows)


def _parts(parts: Sequence[Part], customer_id: int, currency: str) -> tuple[tuple[str, str], ...]:
    """Return days and amounts as a form takes them; one amount that is not named is the rest of what is open."""
    given = list(parts) or [Part(None, None, "")]
    unnamed = [part for part in given if part.minor is None]
    rest = 0
    if len(unnamed) == 1:
        open_items = OpenItem.objects.filter(customer_id=customer_id, currency=currency, settled_on=None)
        total: dict[str, Any] = open_items.aggregate(total=Sum("open_minor"))
        rest = (total["total"] or 0) - sum(part.minor or 0 for part in given)
    return tuple(
        (
            part.on.isoformat() if isinstance(part.on, date) else "",
            format_decimal(part.minor if part.minor is not None else rest, currency)
            if (part.minor or rest > 0)
            else "",
        )
        for part in given[:3]
    )


def stretches(text: str, proposals: Sequence[Proposal]) -> tuple[Stretch, ...]:
    """Cut a text where the phrases of proposals begin and end; of phrases that overlap the first counts."""
    cut, at = [], 0
    for each in sorted(proposals, key=lambda proposal: proposal.begin):
        if each.begin < at or each.end <= each.begin:
            continue
        cut += [Stretch(text[at : each.begin], ""), Stretch(text[each.begin : each.end], each.kind.value)]
        at = each.end
    cut.append(Stretch(text[at:], ""))
    return tuple(stretch for stretch in cut if stretch.text)
