"""Where in a file the headings stand, and which profile is meant: found in the first 30 rows, never guessed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from huikuan.adapters.bank_tables.cells import clean
from huikuan.adapters.bank_tables.profile import JOINED, Profile, plain
from huikuan.cash.rules.statement import account_number
from huikuan.kernel.refusal import Refusal, gettext_noop

HEAD_ROWS: Final = 30
"""Rows in which the headings are sought."""
COMMON: Final = "common"
"""The profile of usual headings: it stands back behind any profile of a bank that fits."""


class HeadingsMissing(Refusal):
    """No row is a row of headings."""

    code = "bank.headings-missing"
    text = gettext_noop(
        "None of the first {rows} rows of “{name}” has the headings of a known layout ({known}). "
        "Add a layout for this bank as the manual shows, or name one (--profile)."
    )


class ProfileUnclear(Refusal):
    """More than one fits."""

    code = "bank.profile-unclear"
    text = gettext_noop("“{name}” fits several layouts: {profiles}. Choose one (--profile).")


@dataclass(frozen=True, slots=True)
class Layout:
    """A profile laid over a file."""

    profile: Profile
    header_row: int
    """From 0."""
    columns: Mapping[str, tuple[int, ...]]
    """Field -> columns, from 0; several only for joined fields."""
    width: int
    account: str
    """The account number above the headings, empty where there is none."""
    totals: Mapping[str, str]
    """credit, debit, count as text, where the rows above the headings state them."""

    @property
    def score(self) -> int:
        """Return how many columns mean something."""
        return len({at for found in self.columns.values() for at in found})


def find_layout(rows: Sequence[Sequence[str]], profiles: Iterable[Profile], name: str) -> Layout | None:
    """Return the profile that explains the most headings, None when none fits.

    Raises: ProfileUnclear when two explain equally many.
    """
    found = [layout for profile in profiles if (layout := _laid(rows, profile)) is not None]
    special = [layout for layout in found if layout.profile.name != COMMON]
    best = sorted(special or found, key=lambda layout: -layout.score)
    if not best:
        return None
    equal = [layout for layout in best if layout.score == best[0].score]
    if len(equal) > 1:
        raise ProfileUnclear(name=name, profiles=", ".join(layout.profile.name for layout in equal))
    return best[0]


def _laid(rows: Sequence[Sequence[str]], profile: Profile) -> Layout | None:
    for at, row in enumerate(rows):
        headings = [plain(cell) for cell in row]
        columns = _columns(headings, profile)
        needed = {"booked_on", *profile.way}
        if needed <= set(columns) and set(profile.needs) <= set(headings):
            above = [[clean(cell) for cell in cells] for cells in rows[:at]]
            return Layout(profile, at, columns, len(row), _account(above, profile), _totals(above, profile))
    return None


def _columns(headings: Sequence[str], profile: Profile) -> dict[str, tuple[int, ...]]:
    columns: dict[str, tuple[int, ...]] = {}
    for field, names in profile.columns.items():
        places = [headings.index(name) for name in names if name in headings]
        if places:
            columns[field] = tuple(places) if field in JOINED else (places[0],)
    return columns


def _account(rows: Sequence[Sequence[str]], profile: Profile) -> str:
    """Return what stands behind a label like 账号, in its own cell or in the next one that is filled."""
    for row in rows:
        for at, cell in enumerate(row):
            label, colon, behind = re.sub(r"\s", "", cell).replace("：", ":").partition(":")
            if plain(label) not in profile.account_labels:
                continue
            value = behind if colon and behind else next((each for each in row[at + 1 :] if each), "")
            value = value.strip("[]【】")
            if sum(each.isdigit() or each in "*xX" for each in value) >= 4 and "@" not in value:  # noqa: PLR2004
                return account_number(value)
    return ""


def _totals(rows: Sequence[Sequence[str]], profile: Profile) -> dict[str, str]:
    text = "\n".join(" ".join(cell for cell in row if cell) for row in rows)
    found = {name: re.search(pattern, text) for name, pattern in profile.totals.items()}
    return {name: match[1] for name, match in found.items() if match}
