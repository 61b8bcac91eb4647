"""Penalty terms (违约金条款) as exact numbers: what one unit of principal bears on one day late.

Every term, agreed or statutory, comes down to one shape. On a day on which the reference rate is `rate_ppm`, a unit of
principal bears `(fixed_num + ref_num × rate_ppm) / den`. Without a reference, `ref_num` is 0 (domain.md §3).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from math import gcd
from typing import Any, Final

import polars as pl

from huikuan.kernel.days import DAY_FIRST, DAY_LAST, days_between
from huikuan.kernel.rates import PARTS_PER_BILLION, RATE_MAX_PPB, format_rate
from huikuan.kernel.refusal import Refusal, gettext_noop

BASES: Final = (360, 365)
MULTIPLE_MAX_PPM: Final = 10_000_000
"""Ten times a reference rate; the law stops at four (民间借贷规定 art. 25)."""
GRACE_DAYS_MAX: Final = 3_650
GAIN_MAX: Final = 2**61
"""Bound of what a unit of principal can bear over all days there are, in parts of `den`: sums stay within 64 bits."""
DAYS_MAX: Final = days_between(DAY_FIRST, DAY_LAST)
DAY_GAIN_MAX: Final = divmod(GAIN_MAX, DAYS_MAX)[0]
"""The same bound for one day."""
REFERENCE_PPM_MAX: Final = 1_000_000
"""A reference rate of 100 % a year."""

_COLUMNS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "terms_id": pl.Int64,
    "kind": pl.String,
    "fixed_num": pl.Int64,
    "ref_num": pl.Int64,
    "den": pl.Int64,
    "reference_code": pl.String,
    "anchor": pl.String,
    "anchor_on": pl.Date,
    "grace_days": pl.Int64,
    "grace_mode": pl.String,
    "cap_share_ppm": pl.Int64,
    "cap_minor": pl.Int64,
    "fee_bands": pl.List(pl.List(pl.Int64)),
    "rounding": pl.String,
}
TERMS_SCHEMA: Final = pl.Schema(_COLUMNS)
"""The frame of terms that the penalty rule takes; one row per distinct content."""


class TermsContradictory(Refusal):
    """Fields that cannot stand together."""

    code = "terms.contradictory"
    text = gettext_noop("The penalty terms contradict one another: {reason}. Correct one of them.")


class TermsOutOfRange(Refusal):
    """A number beyond what any contract says."""

    code = "terms.out-of-range"
    text = gettext_noop("{field} is {value}; between {least} and {most} is expected. Check the unit.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The content of penalty terms; the same fields as the table. Units: ppb of the principal, minor units, days."""

    kind: str = "NONE"
    rate_ppb: int = 0
    basis_days: int | None = None
    reference_code: str = ""
    multiple_ppm: int = 0
    anchor: str = ""
    anchor_on: date | None = None
    grace_days: int = 0
    grace_mode: str = "SHIFTING"
    cap_share_ppm: int | None = None
    cap_minor: int | None = None
    fee_bands: tuple[tuple[int, int], ...] = field(default=())
    rounding: str = "ONCE"
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what means nothing. Raises TermsContradictory, TermsOutOfRange."""
        _refuse_contradiction(self)
        _refuse_extremes(self)

    @property
    def fingerprint(self) -> str:
        """The hash of the content: equal terms are stored once."""
        content = json.dumps(asdict(self), sort_keys=True, default=date.isoformat, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


def _refuse_contradiction(terms: Terms) -> None:
    reason = ""
    if terms.kind not in {"NONE", "PER_DAY", "PER_YEAR", "REFERENCE"}:
        reason = f"kind {terms.kind!r}"
    elif (terms.kind in {"PER_YEAR", "REFERENCE"}) != (terms.basis_days is not None):
        reason = "a yearly rate needs a basis of 360 or 365 days, and only a yearly rate has one"
    elif terms.kind == "REFERENCE" and not (terms.reference_code and terms.anchor):
        reason = "a reference rate needs its name and its anchor"
    elif terms.kind != "REFERENCE" and (terms.reference_code or terms.anchor or terms.multiple_ppm):
        reason = "only a reference rate has a name, a multiple and an anchor"
    elif (terms.anchor == "AT_CONTRACT") != (terms.anchor_on is not None):
        reason = "the rate at contract date needs that date, and only it has one"
    elif terms.anchor not in {"", "FLOATING", "AT_BREACH", "AT_CONTRACT"}:
        reason = f"anchor {terms.anchor!r}"
    elif terms.grace_mode not in {"FORGIVING", "SHIFTING"} or terms.rounding not in {"ONCE", "PER_DAY"}:
        reason = f"grace {terms.grace_mode!r}, rounding {terms.rounding!r}"
    elif list(terms.fee_bands) != sorted(set(terms.fee_bands)):
        reason = "the bands of the fee must ascend"
    if reason:
        raise TermsContradictory(reason=reason)


def _refuse_extremes(terms: Terms) -> None:
    bounds = {
        "rate_ppb": (terms.rate_ppb, RATE_MAX_PPB),
        "multiple_ppm": (terms.multiple_ppm, MULTIPLE_MAX_PPM),
        "grace_days": (terms.grace_days, GRACE_DAYS_MAX),
        "cap_share_ppm": (terms.cap_share_ppm or 0, 10**9),
        "cap_minor": (terms.cap_minor or 0, 10**15),
    }
    for name, (value, most) in bounds.items():
        if not 0 <= value <= most:
            raise TermsOutOfRange(field=name, value=value, least=0, most=most)
    if terms.basis_days not in {None, *BASES}:
        raise TermsOutOfRange(field="basis_days", value=terms.basis_days, least=BASES[0], most=BASES[1])
    fixed_num, ref_num, _den = exact_rate(terms)
    if fixed_num + ref_num * REFERENCE_PPM_MAX > DAY_GAIN_MAX:
        raise TermsOutOfRange(field="rate_ppb", value=format_rate(terms.rate_ppb), least=0, most="1000%")


def exact_rate(terms: Terms) -> tuple[int, int, int]:
    """Return (fixed_num, ref_num, den) in lowest terms: what a unit of principal bears on a day late, exactly.

    0.05 % a day is (1, 0, 2000). LPR × 1.5 on 365 days is (0, 3, 730_000_000): at 30 000 ppm, 90 000 parts.
    """
    basis = terms.basis_days or 1
    if terms.kind == "REFERENCE":
        fixed_num, ref_num, den = terms.rate_ppb * 1000, terms.multiple_ppm, 10**12 * basis
    else:
        fixed_num, ref_num, den = (0 if terms.kind == "NONE" else terms.rate_ppb), 0, PARTS_PER_BILLION * basis
    shared = gcd(fixed_num, ref_num, den)
    return tuple(int(part) for part in _divided(shared, fixed_num, ref_num, den))  # type: ignore[return-value]


def _divided(shared: int, *parts: int) -> Iterable[int]:
    """Divide without remainder."""
    return (divmod(part, shared)[0] for part in parts)


def terms_row(terms_id: int, terms: Terms) -> dict[str, Any]:
    """Return one row of the frame of terms (`TERMS_SCHEMA`)."""
    fixed_num, ref_num, den = exact_rate(terms)
    content = {each.name: getattr(terms, each.name) for each in fields(terms) if each.name in TERMS_SCHEMA}
    bands = [list(band) for band in terms.fee_bands]
    return content | {
        "terms_id": terms_id, "fixed_num": fixed_num, "ref_num": ref_num, "den": den, "fee_bands": bands,
    }  # fmt: skip


def terms_table(terms_by_id: Mapping[int, Terms]) -> pl.DataFrame:
    """Return the frame of terms that the penalty rule takes."""
    return pl.DataFrame([terms_row(key, terms) for key, terms in terms_by_id.items()], schema=TERMS_SCHEMA)
