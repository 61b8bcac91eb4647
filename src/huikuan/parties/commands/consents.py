"""What a person agreed to: given, withdrawn, and a withdrawal by mistake undone."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Consent, ContactPerson, Customer, User

CHANNELS: Final = ("EMAIL", "SMS", "PHONE", "LETTER", "VISIT", "WECHAT")
UNDO_HOURS: Final = 24
"""How long a withdrawal may be undone as a slip; after that the person has to agree anew."""


class ConsentWithoutEvidence(Refusal):
    """Nobody could prove it."""

    code = "parties.consent-without-evidence"
    text = gettext_noop("Say where the consent can be read or heard: a letter, a call with day and hour, a clause.")


class ConsentExpired(Refusal):
    """It would never hold."""

    code = "parties.consent-expired"
    text = gettext_noop("The consent would have expired already. Choose a later day, or leave the day empty.")


class ConsentStands(Refusal):
    """The same consent holds already."""

    code = "parties.consent-stands"
    text = gettext_noop("{name} has agreed to this already. Withdraw it first to write down another one.")


class ConsentEnded(Refusal):
    """It was withdrawn before."""

    code = "parties.consent-ended"
    text = gettext_noop("This consent was already withdrawn.")


class ConsentNotRestorable(Refusal):
    """Whoever withdrew decides himself."""

    code = "parties.consent-not-restorable"
    text = gettext_noop("This withdrawal can no longer be undone. Ask the person and write down a new consent.")


@transaction.atomic
def give_consent(
    *,
    person_id: int,
    kind: str,
    source: str,
    evidence: str,
    actor: User | None,
    now: datetime,
    channel: str = "",
    expires_at: datetime | None = None,
) -> Consent:
    """Write down that a person agreed.

    Args:
        person_id: Who agreed.
        kind: A `Consent.Kind`.
        source: A `Consent.Source`: how it was given.
        evidence: Where it can be read or heard.
        actor: Who wrote it down; None when the person did it himself through a link.
        now: The instant from which it holds.
        channel: "" for every channel.
        expires_at: None: until it is withdrawn.

    Raises: ConsentWithoutEvidence, ConsentExpired, ConsentStands.
    """
    person = ContactPerson.objects.get(pk=person_id)
    customer = Customer.objects.select_for_update().get(pk=person.customer_id)
    if not evidence.strip():
        raise ConsentWithoutEvidence
    if expires_at is not None and expires_at <= now:
        raise ConsentExpired
    kind, source = Consent.Kind(kind), Consent.Source(source)
    before = person.consents.filter(kind=kind, channel=channel, ended_at=None).first()
    if before is not None:
        if before.expires_at is None or before.expires_at > now:
            raise ConsentStands(name=person.name)
        before.ended_at = before.expires_at
        before.save(update_fields=["ended_at"])
    consent = Consent.objects.create(
        customer=customer, person=person, kind=kind, channel=channel, source=source, evidence=evidence.strip(),
        begun_at=now, begun_by=actor, expires_at=expires_at,
    )  # fmt: skip
    _record(consent, "parties.consent-given", now, actor, source=source, evidence=consent.evidence, until=expires_at)
    return consent


@transaction.atomic
def withdraw_consent(*, consent_id: int, actor: User | None, now: datetime) -> Consent:
    """End a consent: the person took it back, or it was written down by mistake. Raises ConsentEnded."""
    consent = Consent.objects.select_for_update(of=("self",)).select_related("customer", "person").get(pk=consent_id)
    if consent.ended_at is not None:
        raise ConsentEnded
    consent.ended_at, consent.ended_by = now, actor
    consent.save(update_fields=["ended_at", "ended_by"])
    _record(consent, "parties.consent-withdrawn", now, actor)
    return consent


@transaction.atomic
def restore_consent(*, consent_id: int, actor: User, now: datetime) -> Consent:
    """Undo a withdrawal that was a slip of the hand: by whoever made it, on the same day.

    Raises: ConsentNotRestorable.
    """
    consent = Consent.objects.select_for_update(of=("self",)).select_related("customer", "person").get(pk=consent_id)
    is_slip = consent.ended_by_id == actor.pk and now - (consent.ended_at or now) < timedelta(hours=UNDO_HOURS)
    has_other = consent.person.consents.filter(kind=consent.kind, channel=consent.channel, ended_at=None).exists()
    if consent.ended_at is None or not is_slip or has_other:
        raise ConsentNotRestorable
    consent.ended_at = consent.ended_by = None
    consent.save(update_fields=["ended_at", "ended_by"])
    _record(consent, "parties.consent-restored", now, actor)
    return consent


def _record(consent: Consent, event: str, now: datetime, actor: User | None, **facts: object) -> None:
    record(
        event, now=now, actor=actor, entity_id=consent.customer.entity_id, customer_id=consent.customer_id,
        subject=consent, person=consent.person.name, kind=consent.kind, channel=consent.channel, **facts,
    )  # fmt: skip
