"""Penalty terms of entities, and the reference rates they may hang on."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity, User
from huikuan.receivables.models import DefaultTerms, PenaltyTerms, ReferenceRate
from huikuan.receivables.rules.terms import REFERENCE_PPM_MAX, Terms, exact_rate


class ReferenceRateOutOfRange(Refusal):
    """No reference rate is negative or above 100 % a year."""

    code = "receivables.reference-rate-out-of-range"
    text = gettext_noop("A rate of {rate_ppm} millionths a year from {starts_on} on cannot be right. Check the unit.")


class Publication(NamedTuple):
    """A reference rate from its day on; 3.00 % a year is 30 000 ppm."""

    starts_on: date
    rate_ppm: int
    source: str = ""
    is_verified: bool = False


def keep_terms(terms: Terms) -> PenaltyTerms:
    """Return the stored row of this content, made if there is none: part of other commands, so not journaled."""
    exact_rate(terms)
    content = asdict(terms) | {"fee_bands": [list(band) for band in terms.fee_bands]}
    stored, _is_new = PenaltyTerms.objects.get_or_create(fingerprint=terms.fingerprint, defaults=content)
    return stored


@transaction.atomic
def set_default_terms(*, entity: Entity, terms: Terms, actor: User | None, now: datetime) -> PenaltyTerms:
    """Say what items of the entity bear when their contract is silent; items booked before keep what they had."""
    stored = keep_terms(terms)
    DefaultTerms.objects.update_or_create(entity=entity, defaults={"terms": stored})
    record(
        "receivables.default-terms-set", now=now, actor=actor, entity_id=entity.pk, subject=stored,
        kind=terms.kind, source=terms.source, fingerprint=terms.fingerprint,
    )  # fmt: skip
    return stored


@transaction.atomic
def publish_reference_rates(
    *, code: str, publications: Iterable[Publication], actor: User | None, now: datetime
) -> int:
    """Write down publications of a reference rate; a day that is there already takes the new value.

    Returns: how many are new or different. Nothing is journaled when nothing changed.

    Raises: ReferenceRateOutOfRange.
    """
    held = {rate.starts_on: rate for rate in ReferenceRate.objects.select_for_update().filter(code=code)}
    changed: dict[str, dict[str, int | None]] = {}
    for publication in publications:
        if not 0 <= publication.rate_ppm <= REFERENCE_PPM_MAX:
            raise ReferenceRateOutOfRange(rate_ppm=publication.rate_ppm, starts_on=publication.starts_on)
        before = held.get(publication.starts_on)
        if before is None or before.rate_ppm != publication.rate_ppm:
            changed[publication.starts_on.isoformat()] = {
                "before": before.rate_ppm if before else None,
                "after": publication.rate_ppm,
            }
            ReferenceRate.objects.update_or_create(
                code=code, starts_on=publication.starts_on,
                defaults={
                    "rate_ppm": publication.rate_ppm, "source": publication.source,
                    "is_verified": publication.is_verified,
                },
            )  # fmt: skip
    if changed:
        record("receivables.reference-rates-published", now=now, actor=actor, code=code, changed=changed)
    return len(changed)
