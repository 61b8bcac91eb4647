"""Penalty terms and reference rates as the rules take them."""

from datetime import date

import polars as pl
from django.db.models import QuerySet

from huikuan.receivables.models import PenaltyTerms, ReferenceRate
from huikuan.receivables.rules.reference import rates_by_day
from huikuan.receivables.rules.terms import Terms, terms_table


def content_of(stored: PenaltyTerms) -> Terms:
    """Return the content of a stored row."""
    return Terms(
        kind=stored.kind,
        rate_ppb=stored.rate_ppb,
        basis_days=stored.basis_days,
        reference_code=stored.reference_code,
        multiple_ppm=stored.multiple_ppm,
        anchor=stored.anchor,
        anchor_on=stored.anchor_on,
        grace_days=stored.grace_days,
        grace_mode=stored.grace_mode,
        cap_share_ppm=stored.cap_share_ppm,
        cap_minor=stored.cap_minor,
        fee_bands=tuple((since, fee) for since, fee in stored.fee_bands),
        rounding=stored.rounding,
        source=stored.source,
    )


def terms_frame(chosen: QuerySet[PenaltyTerms] | None = None) -> pl.DataFrame:
    """Return stored terms as `rules.terms.TERMS_SCHEMA`: all of them (there are few), or those chosen."""
    stored = PenaltyTerms.objects.all() if chosen is None else chosen
    return terms_table({row.pk: content_of(row) for row in stored})


def reference_frame(as_of: date) -> pl.DataFrame:
    """Return every reference rate by the day through `as_of`: `rules.reference.REFERENCE_SCHEMA`."""
    published = ReferenceRate.objects.filter(starts_on__lte=as_of).values_list("code", "starts_on", "rate_ppm")
    changes = pl.DataFrame(
        list(published),
        schema={"reference_code": pl.String, "starts_on": pl.Date, "rate_ppm": pl.Int64},
        orient="row",
    )
    return rates_by_day(changes, through=as_of)
