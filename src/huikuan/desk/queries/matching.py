"""Cash application (现金核销) as people see it: lines to decide, answers with reasons, money on account, its age."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Min, OuterRef, Q, Subquery, Sum

from huikuan.cash.models import Match, Proposal, StatementLine
from huikuan.cash.queries.match_book import line_to_match, papers_of, unmatched
from huikuan.cash.rules.match_bills import collected
from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.desk.queries.words_matching import REASON_WORDS
from huikuan.kernel.money import format_decimal
from huikuan.parties.models import Customer
from huikuan.parties.queries import sees_whole, visible_to
from huikuan.receivables.models import OpenItem, Receipt

OLDEST = Order("booked_on")
NEWEST = Order("made_at", down=True)
SURE: Final = 80
ITEMS_SHOWN: Final = 60
FOUND_MAX: Final = 8
ON_ACCOUNT_SHOWN: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A bank line in the list; `who` is the best answer, confidence None when there is none."""

    pk: int
    on: date
    days: int
    name: str
    text: str
    amount_minor: int
    currency: str
    who: str
    confidence: int | None
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer for a line, ready to be accepted."""

    place: int
    customer_id: int
    customer: str
    code: str
    confidence: int
    tone: str
    reasons: tuple[str, ...]
    parts: tuple[tuple[int, str, int], ...]
    on_account_minor: int

    @property
    def sent(self) -> str:
        """Return the parts as a form sends them."""
        return " ".join(f"{item_id}:{minor}" for item_id, _, minor in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillAnswer:
    """A bill of exchange that a line may collect."""

    bill_id: int
    number: str
    acceptor: str
    matures_on: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChoice:
    """An open item that a person may pay; `given` is what the best answer would pay, as text."""

    pk: int
    number: str
    due_on: date
    days: int
    open_minor: int
    currency: str
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDetail:
    """One line with everything that helps to decide it."""

    row: LineRow
    account: str
    bank: str
    reference: str
    is_reversal: bool
    has_rival: bool
    answers: tuple[Answer, ...]
    bills: tuple[BillAnswer, ...]
    next_id: int | None
    previous_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """A decision."""

    pk: int
    at: object
    on: date
    name: str
    text: str
    amount_minor: int
    currency: str
    customer_id: int
    customer: str
    is_automatic: bool
    by: str
    confidence: int | None
    reasons: tuple[str, ...]
    undone_reason: str
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAccount:
    """Money of a customer that pays nothing yet."""

    customer_id: int
    customer: str
    reference: str
    received_on: date
    days: int
    unapplied_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much money waits, in one currency: of nobody known, and on account of customers."""

    currency: str
    lines: int
    unmatched_minor: int
    on_account_minor: int
    oldest_days: int


def may_see(seat: Seat) -> bool:
    """Tell whether the user may see lines that may be anybody's: whoever sees the whole entity."""
    return sees_whole(seat.user, seat.entity.pk)


def lines(seat: Seat, place: Place) -> Page[LineRow]:
    """Return a page of the lines that wait for a decision, the oldest first. Two or three queries."""
    found = unmatched(entity_id=seat.entity.pk).select_related("proposal")
    return page_of(found, OLDEST, place, read=lambda rows: _rows(rows, seat.today))


def _rows(found: Sequence[StatementLine], today: date) -> list[LineRow]:
    best = {line.pk: _best(line) for line in found}
    names = _names(each["customer_id"] for each in best.values() if each)
    return [_row(line, best[line.pk], names, today) for line in found]


def _row(line: StatementLine, best: Mapping[str, Any] | None, names: Mapping[int, Customer], today: date) -> LineRow:
    confidence = line.proposal.confidence if best else None
    return LineRow(
        pk=line.pk, on=line.booked_on, days=(today - line.booked_on).days, name=line.counterparty_name,
        text=line.remittance, amount_minor=line.amount_minor, currency=line.currency,
        who=names[best["customer_id"]].name if best and best["customer_id"] in names else "",
        confidence=confidence, tone=_tone(confidence),
    )  # fmt: skip


def _tone(confidence: int | None) -> str:
    if confidence is None:
        return ""
    return "good" if confidence >= SURE else "warn"


def _best(line: StatementLine) -> dict[str, Any] | None:
    proposal: Proposal | None = getattr(line, "proposal", None)
    return proposal.candidates[0] if proposal and proposal.candidates else None


def _names(ids: Iterable[int]) -> dict[int, Customer]:
    return Customer.objects.only("name", "code").in_bulk(set(ids))


def line_of(seat: Seat, line_id: int) -> LineDetail | None:
    """Return a line that waits for a decision with its answers, None when there is none. Four queries."""
    waiting = unmatched(entity_id=seat.entity.pk)
    beside = {"next_id": _beside(seat, after=True), "previous_id": _beside(seat, after=False)}
    line = waiting.select_related("proposal", "account").filter(pk=line_id).annotate(**beside).first()
    if line is None:
        return None
    candidates = line.proposal.candidates if hasattr(line, "proposal") else []
    names = _names(each["customer_id"] for each in candidates)
    numbers = dict(
        OpenItem.objects.filter(pk__in=[item for each in candidates for item, _ in each["parts"]]).values_list(
            "pk", "number"
        )
    )
    return LineDetail(
        row=_row(line, candidates[0] if candidates else None, names, seat.today),
        account=line.counterparty_account,
        bank=str(line.account),
        reference=line.bank_reference,
        is_reversal=line.is_reversal,
        has_rival=bool(candidates) and line.proposal.has_rival,
        bills=_bills(line),
        answers=tuple(_answer(place, each, names, numbers) for place, each in enumerate(candidates, start=1)),
        next_id=line.next_id,  # type: ignore[attr-defined]  # annotated
        previous_id=line.previous_id,  # type: ignore[attr-defined]  # annotated
    )


def _bills(line: StatementLine) -> tuple[BillAnswer, ...]:
    found = papers_of(entity_id=line.account.entity_id, currency=line.currency, amount_minor=line.amount_minor)
    papers = {paper.bill_id: paper for paper in found}
    return tuple(
        BillAnswer(
            bill_id=each.bill_id, number=papers[each.bill_id].number, acceptor=papers[each.bill_id].acceptor,
            matures_on=papers[each.bill_id].matures_on, reasons=reason_words(each.reasons),
        )
        for each in collected(line_to_match(line), papers.values())
    )  # fmt: skip


def _answer(place: int, kept: Mapping[str, Any], names: Mapping[int, Customer], numbers: Mapping[int, str]) -> Answer:
    confidence = min(max(kept["score"], 0), 100)
    customer = names[kept["customer_id"]]
    return Answer(
        place=place, customer_id=customer.pk, customer=customer.name, code=customer.code, confidence=confidence,
        tone=_tone(confidence), reasons=reason_words(kept["reasons"]),
        parts=tuple((item, numbers.get(item, "?"), minor) for item, minor in kept["parts"]),
        on_account_minor=kept["on_account_minor"],
    )  # fmt: skip


def reason_words(codes: Iterable[str]) -> tuple[str, ...]:
    """Write reasons in words."""
    return tuple(str(REASON_WORDS.get(code, code)) for code in codes)


def _beside(seat: Seat, *, after: bool) -> Subquery:
    """Return the line that follows a line in the list, or comes before: beside the line, no query."""
    beyond = OLDEST.beyond(OuterRef("booked_on"), OuterRef("pk"), backwards=not after)
    found = unmatched(entity_id=seat.entity.pk).filter(beyond)
    return Subquery(OLDEST.sorted(found, backwards=not after).values("pk")[:1])


def following(seat: Seat, line: StatementLine) -> int | None:
    """Return the line to go on with after this one was decided: the next, else the first of all."""
    waiting = OLDEST.sorted(unmatched(entity_id=seat.entity.pk).exclude(pk=line.pk)).values_list("pk", flat=True)
    return waiting.filter(OLDEST.beyond(line.booked_on, line.pk)).first() or waiting.first()


def customers_named(seat: Seat, search: str) -> tuple[Customer, ...]:
    """Return the customers whose name or code holds a text. One query, none without a text."""
    if not search:
        return ()
    mine = visible_to(seat.user, entity_id=seat.entity.pk)
    return tuple(mine.filter(Q(name__icontains=search) | Q(code__icontains=search)).order_by("name", "pk")[:FOUND_MAX])


def items_of(seat: Seat, customer_id: int, line: LineDetail) -> tuple[ItemChoice, ...]:
    """Return the open items of a customer in the line's currency, the oldest due first. One query."""
    given = next(
        ({item: minor for item, _, minor in each.parts} for each in line.answers if each.customer_id == customer_id), {}
    )
    found = OpenItem.objects.filter(customer_id=customer_id, settled_on=None, currency=line.row.currency)
    return tuple(
        ItemChoice(
            pk=item.pk, number=item.number, due_on=item.due_on, days=max((seat.today - item.due_on).days, 0),
            open_minor=item.open_minor, currency=item.currency,
            given=format_decimal(given[item.pk], item.currency) if item.pk in given else "",
        )
        for item in found.order_by("due_on", "pk")[:ITEMS_SHOWN]
    )  # fmt: skip


def matches(seat: Seat, place: Place) -> Page[MatchRow]:
    """Return a page of the decisions, the latest first. One or two queries."""
    found = Match.objects.filter(line__account__entity=seat.entity).select_related("line", "customer", "made_by")
    return page_of(found, NEWEST, place, read=_match_rows)


def latest(seat: Seat) -> MatchRow | None:
    """Return the user's latest decision that still stands. One query."""
    mine = Match.objects.filter(line__account__entity=seat.entity, made_by=seat.user, undone_at=None)
    return next(
        iter(_match_rows(mine.select_related("line", "customer", "made_by").order_by("-made_at", "-pk")[:1])), None
    )


def _match_rows(found: Iterable[Match]) -> list[MatchRow]:
    return [
        MatchRow(
            pk=each.pk, at=each.made_at, on=each.line.booked_on, name=each.line.counterparty_name,
            text=each.line.remittance, amount_minor=each.line.amount_minor, currency=each.line.currency,
            customer_id=each.customer_id, customer=each.customer.name, is_automatic=each.is_automatic,
            by=each.made_by.display_name if each.made_by else "", confidence=each.confidence,
            reasons=reason_words(each.reasons), undone_reason=each.undone_reason, is_undone=each.undone_at is not None,
        )
        for each in found
    ]  # fmt: skip


def on_account(seat: Seat) -> tuple[OnAccount, ...]:
    """Return the money on account, the oldest first. One query."""
    found = Receipt.objects.filter(
        entity=seat.entity, unapplied_minor__gt=0, customer__in=visible_to(seat.user, entity_id=seat.entity.pk)
    ).select_related("customer")
    return tuple(
        OnAccount(
            customer_id=each.customer.pk, customer=each.customer.name, reference=each.reference,
            received_on=each.received_on, days=(seat.today - each.received_on).days,
            unapplied_minor=each.unapplied_minor, currency=each.currency,
        )
        for each in found.order_by("received_on", "pk")[:ON_ACCOUNT_SHOWN]
        if each.customer is not None
    )  # fmt: skip


def waiting(seat: Seat) -> tuple[Waiting, ...]:
    """Return how much money waits, by currency. Two queries."""
    open_ = unmatched(entity_id=seat.entity.pk).order_by()
    counted = open_.values_list("currency").annotate(
        lines=Count("pk"), total=Sum("amount_minor"), oldest=Min("booked_on")
    )  # fmt: skip
    sums = {currency: (lines, total) for currency, lines, total, _oldest in counted}
    oldest = min((each[3] for each in counted), default=None)
    parked = dict(
        Receipt.objects.filter(entity=seat.entity, unapplied_minor__gt=0, customer__isnull=False)
        .values_list("currency")
        .annotate(t=Sum("unapplied_minor"))
    )
    return tuple(
        Waiting(
            currency=currency, lines=sums.get(currency, (0, 0))[0], unmatched_minor=sums.get(currency, (0, 0))[1],
            on_account_minor=parked.get(currency, 0), oldest_days=(seat.today - oldest).days if oldest else 0,
        )
        for currency in sorted({*sums, *parked})
    )  # fmt: skip
