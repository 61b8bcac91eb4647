"""Writes of the policy module: versions and holds."""

import hashlib
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from huikuan.journal.commands import record
from huikuan.kernel.days import add_days, days_between
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, Entity, User
from huikuan.policy.models import Hold, PolicyVersion
from huikuan.policy.queries import policy_in_force, standing_by_hand
from huikuan.policy.reading.flaws import Flaw
from huikuan.policy.reading.policy import default_policy, pack_text, read_policy
from huikuan.receivables.models import OpenItem


class PolicyHasFlaws(Refusal):
    """The file cannot be used; `flaws` says why, place by place."""

    code = "policy.has-flaws"
    text = gettext_noop("The policy has {count} flaws; the first in line {line}: {message} Correct the file.")

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        """Keep every flaw beside the summary."""
        self.flaws = flaws
        super().__init__(count=len(flaws), line=flaws[0].place[0], message=flaws[0].message)

    def as_dict(self) -> dict[str, Any]:
        """Return the machine form, with every flaw."""
        return {**super().as_dict(), "flaws": [flaw.as_dict() for flaw in self.flaws]}


class PolicyBackDated(Refusal):
    """History would change: runs of that day were made under another version."""

    code = "policy.back-dated"
    text = gettext_noop(
        "The policy cannot begin on {starts_on}: the day {last_run_on} has already been run under another version. "
        "Begin on {earliest} or later."
    )


class PolicyUnchanged(Refusal):
    """The same text is already the newest version."""

    code = "policy.unchanged"
    text = gettext_noop("This is the text of version {number}, which is already the newest. Nothing was stored.")


class HoldTooLong(Refusal):
    """The policy limits how long a hold may last."""

    code = "hold.too-long"
    text = gettext_noop("A hold for this reason may last {max_days} days at most. Choose an end up to {latest}.")


class HoldEndsBeforeStart(Refusal):
    """The last day lies before the first."""

    code = "hold.ends-before-start"
    text = gettext_noop("The hold would end on {ends_on}, before it starts on {starts_on}. Choose a later end.")


class HoldPartTooLarge(Refusal):
    """More is to be held than is open, or a part of no item."""

    code = "hold.part-too-large"
    text = gettext_noop("Only what is open can be held: of {number} that is {open_minor} in minor units.")


class HoldItemForeign(Refusal):
    """The item belongs to somebody else."""

    code = "hold.item-of-another-customer"
    text = gettext_noop("{number} is not an item of {customer}. Choose one of its items.")


class HoldReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "hold.reason-missing"
    text = gettext_noop("Say why contact is paused: the reason is kept with the hold.")


class HoldOver(Refusal):
    """It no longer holds."""

    code = "hold.over"
    text = gettext_noop("This hold ended on {ends_on}; there is nothing to release.")


class HoldOverlaps(Refusal):
    """Two pauses by hand of the same thing say two ends."""

    code = "hold.overlaps"
    text = gettext_noop("It is already paused by hand from {starts_on} to {ends_on}. End that pause first.")


class NothingPaused(Refusal):
    """There is no pause by hand to end."""

    code = "hold.none"
    text = gettext_noop("Nothing of {customer} is paused by hand today.")


class ResumeNotToday(Refusal):
    """The past is over, and a later end is agreed when the pause is placed."""

    code = "hold.resume-not-today"
    text = gettext_noop("A pause is ended today, {today}, not on {on}. For another end, place a new pause.")


@transaction.atomic
def upload_version(
    *,
    entity_id: int,
    source: str,
    starts_on: date,
    last_run_on: date | None,
    actor: User | None,
    now: datetime,
    note: str = "",
) -> PolicyVersion:
    """Check a policy file and store it as the entity's next version, in force from `starts_on`.

    Args:
        entity_id: The entity.
        source: The YAML text.
        starts_on: First day it rules; later than the last day that was run.
        last_run_on: Day of the entity's latest run (runs are above this module, so the caller says); None: never run.
        actor: Who uploads; None: the machine.
        now: Instant.
        note: What changed and why, in the uploader's words.

    Raises: PolicyHasFlaws, PolicyBackDated, PolicyUnchanged.
    """
    reading = read_policy(source)
    if reading.policy is None:
        raise PolicyHasFlaws(reading.flaws)
    if last_run_on is not None and starts_on <= last_run_on:
        raise PolicyBackDated(starts_on=starts_on, last_run_on=last_run_on, earliest=add_days(last_run_on, 1))
    entity = Entity.objects.select_for_update().get(pk=entity_id)
    number = PolicyVersion.objects.filter(entity=entity).aggregate(last=Max("number"))["last"] or 0
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    newest = PolicyVersion.objects.filter(entity=entity, number=number).first()
    if newest is not None and newest.sha256 == sha256 and newest.starts_on <= starts_on:
        raise PolicyUnchanged(number=number)
    version = PolicyVersion.objects.create(
        entity=entity,
        number=number + 1,
        name=reading.policy.name,
        starts_on=starts_on,
        source=source,
        sha256=sha256,
        note=note,
        uploaded_at=now,
        uploaded_by=actor,
    )
    record(
        "policy.version-uploaded",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=version,
        number=version.number,
        starts_on=starts_on,
        sha256=sha256,
    )
    return version


SHIPPED_SINCE: Final = date(2000, 1, 1)
"""From when the shipped policy rules a new entity: early enough for any day that will be looked back on."""


def install_default(
    *, entity_id: int, now: datetime, starts_on: date = SHIPPED_SINCE, actor: User | None = None
) -> PolicyVersion:
    """Give a new entity the default pack as version 1; an entity that has a policy keeps it.

    Args:
        entity_id: The entity.
        now: Instant.
        starts_on: First day it rules.
        actor: Who; None: the machine.

    Returns: version 1, new or as it stood.
    """
    first = PolicyVersion.objects.filter(entity_id=entity_id).order_by("number").first()
    if first is not None:
        return first
    return upload_version(
        entity_id=entity_id,
        source=pack_text(),
        starts_on=starts_on,
        last_run_on=None,
        actor=actor,
        now=now,
        note="Default pack",
    )


@transaction.atomic
def place_hold(
    *,
    customer_id: int,
    kind: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    actor: User | None,
    now: datetime,
    item_id: int | None = None,
    amount_minor: int | None = None,
) -> Hold:
    """Pause dunning of a customer, of an item, or of a disputed part of an item, from one day to another.

    Args:
        customer_id: The customer.
        kind: Hold.Kind.
        starts_on: First day.
        ends_on: Last day; never left open, and within the policy's limit for the kind.
        reason: In words.
        actor: Who; None: the machine (a plan, a promise).
        now: Instant.
        item_id: Only this item; None: everything of the customer.
        amount_minor: Only this part of the item, minor units; None: all of it.

    Raises: HoldReasonMissing, HoldEndsBeforeStart, HoldTooLong, HoldItemForeign, HoldPartTooLarge, HoldOverlaps (two
        by hand on the same customer or item).
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if not reason.strip():
        raise HoldReasonMissing
    _check_length(customer.entity_id, kind=Hold.Kind(kind), starts_on=starts_on, ends_on=ends_on)
    item = _item_to_hold(customer, item_id, amount_minor)
    by_hand = standing_by_hand(customer_id, starts_on, ends_on, item_id=item_id).first()
    if kind == Hold.Kind.MANUAL and by_hand is not None:
        raise HoldOverlaps(starts_on=by_hand.starts_on, ends_on=by_hand.ends_on)
    hold = Hold.objects.create(
        customer=customer, item=item, kind=kind, amount_minor=amount_minor, starts_on=starts_on, ends_on=ends_on,
        reason=reason.strip(), placed_by=actor, placed_at=now,
    )  # fmt: skip
    record(
        "policy.hold-placed",
        now=now,
        actor=actor,
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        subject=hold,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        item_id=item_id,
        amount_minor=amount_minor,
        reason=hold.reason,
    )
    return hold


def _check_length(entity_id: int, *, kind: str, starts_on: date, ends_on: date) -> None:
    """Refuse an end before the start, or later than the policy in force (else the default pack) lets this kind last."""
    if ends_on < starts_on:
        raise HoldEndsBeforeStart(starts_on=starts_on, ends_on=ends_on)
    in_force = policy_in_force(entity_id, starts_on)
    max_days = (in_force.policy if in_force else default_policy()).holds[kind].max_days
    if days_between(starts_on, ends_on) + 1 > max_days:
        raise HoldTooLong(max_days=max_days, latest=add_days(starts_on, max_days - 1))


def _item_to_hold(customer: Customer, item_id: int | None, amount_minor: int | None) -> OpenItem | None:
    """Return the item, after checking that it is the customer's and that the part is open."""
    if item_id is None:
        if amount_minor is not None:
            raise HoldPartTooLarge(number="-", open_minor=0)
        return None
    item = OpenItem.objects.get(pk=item_id)
    if item.customer_id != customer.pk:
        raise HoldItemForeign(number=item.number, customer=customer.name)
    if amount_minor is not None and not 0 < amount_minor <= item.open_minor:
        raise HoldPartTooLarge(number=item.number, open_minor=item.open_minor)
    return item


@transaction.atomic
def resume(*, customer_id: int, on: date, today: date, actor: User | None, now: datetime) -> list[Hold]:
    """End every pause by hand of a customer, today. Raises ResumeNotToday, NothingPaused."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if on != today:
        raise ResumeNotToday(today=today, on=on)
    running = list(standing_by_hand(customer_id, today, today, item_id=None))
    if not running:
        raise NothingPaused(customer=customer.name)
    return [release_hold(hold_id=hold.pk, released_on=today, actor=actor, now=now) for hold in running]


@transaction.atomic
def release_hold(*, hold_id: int, released_on: date, actor: User | None, now: datetime) -> Hold:
    """End a hold early: `released_on` is the first day on which it no longer holds. Raises HoldOver."""
    hold = Hold.objects.select_for_update().get(pk=hold_id)
    if hold.released_on is not None or released_on > hold.ends_on:
        last_on = add_days(hold.released_on, -1) if hold.released_on else hold.ends_on
        raise HoldOver(ends_on=last_on)
    hold.released_on = max(released_on, hold.starts_on)
    hold.released_at, hold.released_by = now, actor
    hold.save(update_fields=["released_on", "released_at", "released_by"])
    record(
        "policy.hold-released",
        now=now,
        actor=actor,
        entity_id=hold.customer.entity_id,
        customer_id=hold.customer_id,
        subject=hold,
        released_on=hold.released_on,
    )
    return hold
