"""Interest, fixed recovery cost and payment terms of a case, as the terms and rules of ours that they are."""

from typing import Any

from huikuan.kernel.money import parse_minor
from huikuan.kernel.rates import parse_rate
from huikuan.receivables.rules.terms import Terms
from tests.journeys.acceptance.words import Unsupported, amount_in, only


def terms_of(given: dict[str, Any], *, claim_fee: str | None = None) -> Terms | None:
    """Return the penalty terms that every item of the case has; None: it bears nothing.

    Args:
        given: Of the case.
        claim_fee: Fee of a claim: a fixed cost of recovery here.
    """
    bands = _bands(given)
    if claim_fee is not None:
        if bands:
            raise Unsupported(what="fee: beside a recovery cost")
        bands = ((1, parse_minor(str(amount_in(claim_fee)[0]), given.get("currency", "EUR"))),)
    written = given.get("interest")
    if written is None:
        return Terms(fee_bands=bands) if bands else None
    only(written, {"percent_per_year", "day_count", "simple", "round_daily"}, "interest")
    if not written.get("simple", True):
        raise Unsupported(what="interest: compound")
    return Terms(
        kind="PER_YEAR",
        rate_ppb=parse_rate(f"{written['percent_per_year']}%"),
        basis_days=written.get("day_count", 365),
        rounding="PER_DAY" if written.get("round_daily") else "ONCE",
        fee_bands=bands,
    )


def _bands(given: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """Return [from, to, cost] as bands; where one ends before the next begins, or the last ends, nothing is due."""
    currency = given.get("currency", "EUR")
    bands: list[tuple[int, int]] = []
    ended: int | None = None
    for low, high, cost in given.get("recovery_cost", []):
        start = parse_minor(low, currency)
        if ended is not None and start > ended:
            bands.append((ended, 0))
        bands.append((start, parse_minor(cost, currency)))
        ended = None if high is None else parse_minor(high, currency) + 1
    if ended is not None and bands:
        bands.append((ended, 0))
    return tuple(bands)
