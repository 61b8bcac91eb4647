"""The court's acceptance fee (诉讼费用交纳办法 art. 13(1), in force since 2007-04-01), for estimates."""

from typing import Final

from huikuan.kernel.money import round_half_away

YUAN: Final = 100
"""Minor units of one yuan."""

BANDS: Final = (
    # up to (yuan), rate in parts per thousand, added (yuan)
    (10_000, 0, 50),
    (100_000, 25, -200),
    (200_000, 20, 300),
    (500_000, 15, 1_300),
    (1_000_000, 10, 3_800),
    (2_000_000, 9, 4_800),
    (5_000_000, 8, 6_800),
    (10_000_000, 7, 11_800),
    (20_000_000, 6, 21_800),
    (None, 5, 41_800),
)
"""Quick formula of the cumulative bands: claim × rate + added (law.md §1)."""
PER_THOUSAND: Final = 1_000


def acceptance_fee(claim_minor: int) -> int:
    """Return the fee of a claim, both in 分, rounded half away from zero."""
    for up_to, rate, added in BANDS:
        if up_to is None or claim_minor <= up_to * YUAN:
            return round_half_away(claim_minor * rate, PER_THOUSAND) + added * YUAN
    message = "the last band has no end"
    raise AssertionError(message)
