"""Pages of a long list by its sort key, not by counting rows: the thousandth page costs what the first does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, Q, QuerySet

M = TypeVar("M", bound=Model)
T = TypeVar("T")

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Order:
    """One way to sort: a field, downwards or not; the primary key settles ties, upwards."""

    field: str
    down: bool = False

    def sorted(self, rows: "QuerySet[M]", *, backwards: bool = False) -> "QuerySet[M]":
        """Sort the rows, or the other way round."""
        first = F(self.field).desc() if self.down != backwards else F(self.field).asc()
        return rows.order_by(first, "-pk" if backwards else "pk")

    def beyond(self, value: object, pk: object, *, backwards: bool = False) -> Q:
        """Return what comes after the row with this value and key, or before it."""
        way = "lt" if self.down != backwards else "gt"
        tie = Q(**{self.field: value, f"pk__{'lt' if backwards else 'gt'}": pk})
        return Q(**{f"{self.field}__{way}e": value}) & (Q(**{f"{self.field}__{way}": value}) | tie)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after a row, before a row, or at the start; rows are named by their key."""

    after: int | None = None
    before: int | None = None

    @classmethod
    def read(cls, query: "dict[str, Any]") -> "Place":
        """Read `after` and `before` from a query string; nonsense is the start."""
        after, before = (str(query.get(name, "")) for name in ("after", "before"))
        return cls(int(after) if after.isdecimal() else None, int(before) if before.isdecimal() else None)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows; `before` and `after` lead to its neighbors, None where there is none."""

    rows: tuple[T, ...]
    before: int | None
    after: int | None


def page_of(
    rows: "QuerySet[M]",
    order: Order,
    place: Place,
    *,
    read: Callable[[Sequence[M]], Sequence[T]],
    size: int = PAGE_SIZE,
) -> Page[T]:
    """Read one page.

    Args:
        rows: All rows that match; every row must have a value in the sort field.
        order: How they are sorted.
        place: Where the page begins; a row that no longer exists is the start.
        read: Turns the rows of the page into plain data, in one go.
        size: Rows on a page.
    """
    backwards = place.before is not None
    anchor = place.before if backwards else place.after
    wanted = order.sorted(rows, backwards=backwards)
    if anchor is not None:
        value = (
            rows.model._default_manager.filter(pk=anchor).values_list(order.field)  # noqa: SLF001  Django's own name for it
        )
        found = value.first()
        if found is None:
            anchor, backwards, wanted = None, False, order.sorted(rows)
        else:
            wanted = wanted.filter(order.beyond(found[0], anchor, backwards=backwards))
    got = list(wanted[: size + 1])
    more, got = len(got) > size, got[:size]
    if backwards:
        got.reverse()
    has_before = more if backwards else anchor is not None
    has_after = backwards or more
    return Page(
        rows=tuple(read(got)),
        before=got[0].pk if got and has_before else None,
        after=got[-1].pk if got and has_after else None,
    )
