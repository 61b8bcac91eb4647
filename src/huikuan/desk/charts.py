"""Charts as numbers for server-side SVG: templates only draw. Whole pixels, no style attributes, no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from huikuan.desk.queries.customer import MonthRow
from huikuan.desk.queries.dashboard import Dashboard, Load, Trend
from huikuan.kernel.columns import bucket_labels

HEIGHT, TOP, FOOT, COLUMN, GAP = 150, 18, 22, 44, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One rectangle."""

    x: int
    y: int
    width: int
    height: int
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a column chart with what stands above and below it."""

    bars: tuple[Bar, ...]
    middle: int
    top: int
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A column chart."""

    width: int
    height: int
    base: int
    columns: tuple[Column, ...]


def payment_record(months: Sequence[MonthRow]) -> Columns:
    """Return one column per month: items settled on time below, late above."""
    most = max((month.settled_count for month in months), default=0) or 1
    room = HEIGHT - TOP - FOOT
    base = TOP + room
    columns = []
    for number, month in enumerate(months):
        x = GAP + number * (COLUMN + GAP)
        on_time = month.settled_count - month.late_count
        low, high = round(on_time * room / most), round(month.late_count * room / most)
        bars = (
            Bar(x=x, y=base - low, width=COLUMN, height=low, tone="good"),
            Bar(x=x, y=base - low - high, width=COLUMN, height=high, tone="b4"),
        )
        columns.append(
            Column(
                bars=bars,
                middle=x + COLUMN // 2,
                top=base - low - high - 5,
                value=str(month.settled_count) if month.settled_count else "",
                label=month.month[2:],
            )
        )
    return Columns(width=GAP + len(months) * (COLUMN + GAP), height=HEIGHT, base=base, columns=tuple(columns))


def shares(amounts: Sequence[int], width: int) -> list[tuple[int, int, int]]:
    """Cut a bar into parts in proportion to amounts: (index, x, width); what is nothing is left out.

    Every part is at least two units wide, so that a small amount is still seen; the last ends with the bar.
    """
    total = sum(amount for amount in amounts if amount > 0)
    cut, x = [], 0
    for index, amount in enumerate(amounts):
        if amount <= 0 or not total:
            continue
        wide = min(max(round(amount * width / total), 2), width - x)
        cut.append((index, x, wide))
        x += wide
    if cut:
        index, start, _wide = cut[-1]
        cut[-1] = (index, start, width - start)
    return cut


LOAD_WIDTH = 1000
MOST_TONES = 6
RED_AFTER_DAYS = 30
TREND_HEIGHT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingBar:
    """What is open in one currency as one bar, and what each part stands for: (tone, label, minor units, red)."""

    currency: str
    parts: tuple[tuple[str, int, int], ...]
    legend: tuple[tuple[str, str, int, bool], ...]


def aging_bars(board: Dashboard) -> tuple[AgingBar, ...]:
    """Return one bar per currency in which anything is open."""
    labels = bucket_labels((0, *board.edges))
    starts_after = (0, 0, *board.edges)
    return tuple(
        AgingBar(
            currency=each.currency,
            parts=tuple(
                (f"b{min(index, MOST_TONES)}", x, width) for index, x, width in shares(each.buckets_minor, LOAD_WIDTH)
            ),
            legend=tuple(
                (f"b{min(index, MOST_TONES)}", label, minor, index > 0 and starts_after[index] >= RED_AFTER_DAYS)
                for index, (label, minor) in enumerate(zip(labels, each.buckets_minor, strict=True))
            ),
        )
        for each in board.figures
        if each.open_minor
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBar:
    """A person's tasks as one bar: (tone, x, width) in thousandths of the longest."""

    load: Load
    parts: tuple[tuple[str, int, int], ...]


def loads_chart(loads: Sequence[Load]) -> tuple[LoadBar, ...]:
    """Return one bar per person: done, late and other open tasks."""
    most = max((load.open_count + load.done_count for load in loads), default=0) or 1
    bars = []
    for load in loads:
        x, parts = 0, []
        rest = load.open_count - load.late_count
        for tone, count in (("good", load.done_count), ("b4", load.late_count), ("b0", rest)):
            width = round(count * LOAD_WIDTH / most)
            if width:
                parts.append((tone, x, width))
            x += width
        bars.append(LoadBar(load=load, parts=tuple(parts)))
    return tuple(bars)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """A line over the days of the runs, from zero: `points` as SVG wants them, and its two ends in words."""

    currency: str
    points: str
    width: int
    height: int
    first_on: date
    first_minor: int
    last_on: date
    last_minor: int


def trend_line(trend: Trend) -> TrendLine:
    """Return the line; days stand as far apart as they are."""
    (first_on, first), (last_on, last) = trend.points[0], trend.points[-1]
    most = max(minor for _day, minor in trend.points) or 1
    span = (last_on - first_on).days or 1
    places = (
        (round((day - first_on).days * LOAD_WIDTH / span), TREND_HEIGHT - round(minor * TREND_HEIGHT / most))
        for day, minor in trend.points
    )
    return TrendLine(
        currency=trend.currency,
        points=" ".join(f"{x},{y}" for x, y in places),
        width=LOAD_WIDTH,
        height=TREND_HEIGHT,
        first_on=first_on,
        first_minor=first,
        last_on=last_on,
        last_minor=last,
    )
