"""The carrier's list of what became of letters: its columns by the names carriers use, its states in our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from huikuan.kernel.days import parse_day
from huikuan.kernel.refusal import Refusal, gettext_noop

COLUMNS: Final = {
    "tracking": (
        "tracking number", "tracking", "邮件号", "邮件号码", "邮件编号", "运单号", "运单号码", "快递单号", "挂号号码",
        "单号",
    ),
    "state": ("state", "status", "状态", "邮件状态", "最新状态", "投递状态", "处理动作"),
    "at": ("at", "date", "time", "时间", "日期", "状态时间", "处理时间", "投递时间", "签收时间"),
    "signed_by": ("signed by", "signature", "签收人", "收件人签名", "签收人姓名"),
    "note": ("note", "remark", "备注", "原因", "说明", "未妥投原因"),
}  # fmt: skip
"""Per column the headings that name it, in lower case."""
NEEDED: Final = ("tracking", "state", "at")
_HEAD_ROWS: Final = 20

_UNDER_WAY: Final = (
    "收寄", "揽收", "封发", "离开", "到达", "运输", "在途", "派送", "投递", "transit", "accepted", "arriv", "depart",
)  # fmt: skip
_STATES: Final = (
    ("IN_TRANSIT", ("未妥投", "投递未成功", "undelivered", "attempted")),
    ("REFUSED", ("拒收", "拒签", "refused")),
    ("RETURNED", ("退回", "退件", "退信", "returned")),
    ("SIGNED", ("妥投", "签收", "已收", "signed", "delivered")),
    ("IN_TRANSIT", _UNDER_WAY),
)
"""A state is the first whose words stand in the cell: “未妥投” comes before the “妥投” that it contains."""


class ColumnsMissing(Refusal):
    """The heading was not found."""

    code = "carrier.columns-missing"
    text = gettext_noop("“{name}” lacks the column “{column}”. It needs tracking number, state and time.")


class StateUnreadable(Refusal):
    """A word no carrier we know uses."""

    code = "carrier.state-unreadable"
    text = gettext_noop("“{value}” is no state of a letter. Write for example 妥投, 拒收, 退回 or 在途.")


class TimeUnreadable(Refusal):
    """Neither a day nor a day with a time."""

    code = "carrier.time-unreadable"
    text = gettext_noop("“{value}” is no time. Write it as 2026-07-12 or 2026-07-12 10:33.")


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the columns are."""

    row: int
    """Rows up to and with the heading."""
    places: dict[str, int]

    def cell(self, row: Sequence[str], column: str) -> str:
        """Return a cell without blanks around it; "" where there is none."""
        place = self.places.get(column)
        return row[place].strip() if place is not None and place < len(row) else ""


def find_heading(rows: Sequence[Sequence[str]], name: str) -> Heading:
    """Return the first row that names every needed column. Raises ColumnsMissing with what the best row lacks."""
    lacking: Sequence[str] = NEEDED
    for number, row in enumerate(rows[:_HEAD_ROWS], start=1):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            column = _column(cell)
            if column:
                places.setdefault(column, place)
        missing = [column for column in NEEDED if column not in places]
        if not missing:
            return Heading(number, places)
        if len(missing) < len(lacking):
            lacking = missing
    raise ColumnsMissing(name=name, column=COLUMNS[lacking[0]][0])


def _column(cell: str) -> str:
    said = " ".join(cell.lower().replace("_", " ").split())
    return next((column for column, names in COLUMNS.items() if said in names), "")


def read_state(cell: str) -> str:
    """Return the code of `outreach.models.Letter.State` that a carrier's word means. Raises StateUnreadable."""
    said = cell.strip().lower()
    for state, words in _STATES:
        if any(word in said for word in words):
            return state
    if said.upper() in {"IN_TRANSIT", "SIGNED", "REFUSED", "RETURNED"}:
        return said.upper()
    raise StateUnreadable(value=cell)


def read_time(cell: str) -> tuple[date, time | None]:
    """Return day and time of day as they stand on the carrier's clock; None where only a day is given.

    Raises: TimeUnreadable.
    """
    said = cell.strip().replace("T", " ")
    day_text, _, time_text = said.partition(" ")
    try:
        day = parse_day(day_text)
        of_day = None if not time_text.strip() else time.fromisoformat(time_text.strip().split(".")[0])
    except (Refusal, ValueError) as error:
        raise TimeUnreadable(value=cell) from error
    return day, of_day


def instant_of(day: date, of_day: time | None, *, not_before: datetime) -> datetime:
    """Return day and time on the clock of `not_before`; a day alone is its beginning, or that instant on its day."""
    at = datetime.combine(day, of_day or time(), not_before.tzinfo)
    return not_before if of_day is None and at.date() == not_before.date() else at
