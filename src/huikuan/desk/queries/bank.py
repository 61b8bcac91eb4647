"""Bank accounts, imported statements and their lines, as the desk shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Sum

from huikuan.cash.models import BankAccount, SetAside, StatementFile, StatementLine
from huikuan.cash.queries.lines import open_lines
from huikuan.cash.queries.returned import Returned, returns_among
from huikuan.cash.wording import remark_text
from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.desk.queries.words_matching import aside_words
from huikuan.parties.queries import sees_whole

NEWEST_FILE: Final = Order("imported_at", down=True)
NEWEST_LINE: Final = Order("booked_on", down=True)
SHOWS: Final = ("all", "open", "matched", "aside", "out")
LATE_DAYS: Final = 7
"""From this age on, open money is marked."""


def may_see(seat: Seat) -> bool:
    """Tell whether the user sees the money of the whole entity: a statement cannot be cut to some customers."""
    return sees_whole(seat.user, seat.entity.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account, the balance of its newest statement, and what is open on it."""

    pk: int
    bank: str
    number: str
    currency: str
    closing_minor: int | None
    until: date | None
    open_count: int
    open_minor: int


def accounts(seat: Seat) -> tuple[AccountRow, ...]:
    """Return the accounts of the entity. Three queries."""
    found = BankAccount.objects.filter(entity=seat.entity).order_by("bank", "number", "currency")
    newest: dict[int, StatementFile] = {}
    standing = StatementFile.objects.filter(entity=seat.entity, withdrawn_at=None, period_ends_on__isnull=False)
    latest = standing.filter(account=OuterRef("account")).order_by("-period_ends_on", "-pk").values("pk")[:1]
    for file in standing.filter(pk=latest):
        newest[file.account_id] = file
    rows = open_lines(entity_id=seat.entity.pk).values("account").annotate(n=Count("pk"), minor=Sum("amount_minor"))
    waiting = {row["account"]: (row["n"], row["minor"]) for row in rows.order_by()}
    return tuple(
        AccountRow(
            pk=each.pk,
            bank=each.bank,
            number=each.number,
            currency=each.currency,
            closing_minor=newest[each.pk].closing_minor if each.pk in newest else None,
            until=newest[each.pk].period_ends_on if each.pk in newest else None,
            open_count=waiting.get(each.pk, (0, 0))[0],
            open_minor=waiting.get(each.pk, (0, 0))[1],
        )
        for each in found
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One imported file on one account."""

    pk: int
    name: str
    format: str
    account: str
    currency: str
    starts_on: date | None
    ends_on: date | None
    opening_minor: int | None
    closing_minor: int | None
    credit_minor: int
    debit_minor: int
    line_count: int
    booked_count: int
    repeated_count: int
    imported_at: datetime
    imported_by: str
    withdrawn_at: datetime | None
    remarks: tuple[str, ...]


def files(seat: Seat, place: Place) -> Page[FileRow]:
    """Return a page of the imported files, newest first. One or two queries."""
    found = StatementFile.objects.filter(entity=seat.entity).select_related("account", "imported_by")
    return page_of(found, NEWEST_FILE, place, read=_file_rows, size=20)


def file_of(seat: Seat, file_id: int) -> FileRow | None:
    """Return one file, None when it is not there or not of an entity that the user sees whole. One query."""
    found = StatementFile.objects.select_related("account", "imported_by").filter(pk=file_id).first()
    if found is None or not sees_whole(seat.user, found.entity_id):
        return None
    return _file_rows([found])[0]


def _file_rows(found: Sequence[StatementFile]) -> list[FileRow]:
    return [
        FileRow(
            pk=each.pk,
            name=each.name,
            format=each.format,
            account=f"{each.account.bank} {each.account.number}".strip(),
            currency=each.account.currency,
            starts_on=each.period_starts_on,
            ends_on=each.period_ends_on,
            opening_minor=each.opening_minor,
            closing_minor=each.closing_minor,
            credit_minor=each.credit_minor,
            debit_minor=each.debit_minor,
            line_count=each.line_count,
            booked_count=each.booked_count,
            repeated_count=each.repeated_count,
            imported_at=each.imported_at,
            imported_by=str(each.imported_by or ""),
            withdrawn_at=each.withdrawn_at,
            remarks=tuple(remark_text(note["code"], note["place"], note["said"]) for note in each.notes),
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One statement line and what became of it."""

    pk: int
    booked_on: date
    account: str
    amount_minor: int
    currency: str
    who: str
    words: str
    reference: str
    state: str
    receipt: str
    customer_id: int | None
    age_days: int
    is_late: bool
    takes_back: Returned | None
    """The receipt that a debit most likely undoes; a person decides."""
    aside: str
    """Why it waits no more; "" where it is not set aside."""


def lines(seat: Seat, *, show: str, account_id: int | None, file_id: int | None, place: Place) -> Page[LineRow]:
    """Return a page of the lines, newest first. At most five queries.

    Args:
        seat: Who asks; for a file, `file_of` has asked whether he may.
        show: One of `SHOWS`.
        account_id: Of one account only.
        file_id: Of one file only, also of another entity of the user.
        place: Where the page begins.
    """
    found = _shown(seat, show) if file_id is None else StatementLine.objects.filter(file_id=file_id)
    if account_id is not None:
        found = found.filter(account_id=account_id)
    aside = Prefetch("set_asides", SetAside.objects.filter(ended_at=None), to_attr="standing_asides")
    found = found.select_related("account", "receipt").prefetch_related(aside)
    return page_of(found, NEWEST_LINE, place, read=lambda rows: _line_rows(rows, seat.today))


def _shown(seat: Seat, show: str) -> QuerySet[StatementLine]:
    if show == "open":
        return open_lines(entity_id=seat.entity.pk)
    found = StatementLine.objects.filter(account__entity=seat.entity)
    if show == "matched":
        return found.filter(receipt__isnull=False)
    if show == "out":
        return found.filter(amount_minor__lt=0)
    if show == "aside":
        return found.filter(Exists(SetAside.objects.filter(line=OuterRef("pk"), ended_at=None)))
    return found


def _state(line: StatementLine, aside: SetAside | None) -> str:
    if aside is not None:
        return "aside"
    if line.amount_minor < 0:
        return "returned" if line.is_reversal else "out"
    if line.receipt_id is not None:
        return "matched"
    return "open"


def _line_rows(found: Sequence[StatementLine], today: date) -> list[LineRow]:
    asides = {each.pk: next(iter(getattr(each, "standing_asides", ())), None) for each in found}
    back = returns_among([each for each in found if asides[each.pk] is None])
    return [
        LineRow(
            pk=each.pk,
            booked_on=each.booked_on,
            account=f"{each.account.bank} …{each.account.number[-4:]}".strip(),
            amount_minor=each.amount_minor,
            currency=each.currency,
            who=each.counterparty_name,
            words=each.remittance,
            reference=each.bank_reference,
            state=_state(each, asides[each.pk]),
            aside=aside_words(aside) if (aside := asides[each.pk]) is not None else "",
            receipt=each.receipt.reference if each.receipt else "",
            customer_id=each.receipt.customer_id if each.receipt else None,
            age_days=max((today - each.booked_on).days, 0),
            is_late=(today - each.booked_on).days >= LATE_DAYS,
            takes_back=back.get(each.pk),
        )
        for each in found
    ]
