"""Notices composed at the moment of sending (decision 0007): what is owed now, by the policy in force now."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final, Self

from huikuan.arrangements.commands.offers import bind_offer
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.money import share_ppm
from huikuan.kernel.zones import instant_at, local_day
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Composer, Draft, Later, Pointless
from huikuan.outreach.rules.template import Template, Words
from huikuan.outreach.templates import offered
from huikuan.policy.queries import PolicyInForce, running_holds
from huikuan.policy.rules.schema import Ladder, Policy, Step
from huikuan.runs import online
from huikuan.runs.claim import RECENT_DAYS, Claim
from huikuan.runs.item_contact import of_items, steps_left, steps_of
from huikuan.runs.models import Decision
from huikuan.runs.readings import Readings
from huikuan.runs.speech import Speech
from huikuan.runs.telling import Provider, Told, provider_of
from huikuan.runs.wording import Terms, Writer

BILL: Final = "bill"
UPCOMING: Final = "upcoming"
OFFER: Final = "offer"
WITHOUT_PENALTY: Final = "follow_up"
"""What is written instead of an offer to waive a penalty when there is no penalty to waive."""
SUNDAY: Final = 6


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, before the words of any text are put around it.

    Attributes:
        kind: Whose text is taken: the delivery's, or what is written instead of it.
        words: For the placeholders.
        facts: The same as data, frozen with the message.
        template: The text itself where a person wrote it for this one customer.
        binds: Makes true what the words promise (`Draft.binds`).
    """

    kind: str
    words: Words
    facts: dict[str, Any]
    template: Template | None = None
    binds: Callable[[Delivery, datetime], object] | None = None


class NoticeComposer(Composer):
    """Implements `outreach.ports.Composer`."""

    def __init__(self, readings: Readings | None = None) -> None:
        """Take what was read for a batch; without it each delivery is read for itself."""
        self._readings = readings

    def having_read(self, deliveries: Collection[Delivery], now: datetime) -> Self:
        """Return a composer that has read what these deliveries need."""
        return type(self)(Readings(deliveries, now))

    def compose(self, delivery: Delivery, now: datetime) -> Draft | Pointless | Later:
        """Return the notice, or why there is nothing to say any more, or when a hold lets it speak again."""
        readings = self._readings or Readings([delivery], now)
        said = say(delivery, now, readings)
        if not isinstance(said, Said):
            return said
        language, facts, template = offered(delivery.customer.language), said.facts, said.template
        if template is None:
            today = local_day(now, delivery.entity.time_zone)
            text = readings.texts(today).text_for(
                customer=delivery.customer, kind=said.kind, channel=delivery.channel, language=language
            )
            template, facts = text.template, facts | text.facts
        words = online.with_link(said.words, template, delivery, now)
        rendered = template.render(words)
        html = online.with_marks(rendered.html, delivery, now)
        return Draft(language, rendered.subject, rendered.text, html, facts, said.binds)


def say(delivery: Delivery, now: datetime, readings: Readings | None = None) -> Said | Pointless | Later:
    """Return what a delivery would say at this moment, from the ledger as it stands."""
    readings = readings or Readings([delivery], now)
    today = local_day(now, delivery.entity.time_zone)
    in_force = readings.policy(delivery)
    if in_force is not None and delivery.customer.code in in_force.policy.excluded_customers:
        return Pointless("CUSTOMER_EXCLUDED")
    speech = Speech(offered(delivery.customer.language), delivery.currency, today)
    provider = provider_of(delivery.template)
    if provider is not None:
        return _provided(delivery, speech, provider)
    return _of_ladder(delivery, speech, readings, in_force) if in_force is not None else Pointless("NO_POLICY")


def _of_ladder(
    delivery: Delivery, speech: Speech, readings: Readings, in_force: PolicyInForce
) -> Said | Pointless | Later:
    """Return the notice that a step of the ladder asked for, by the claim as it stands and the policy in force."""
    today = speech.today
    decision = readings.decision(delivery)
    found = step_of(in_force.policy, delivery, decision)
    if found is None:
        return Pointless("STEP_NOT_IN_POLICY", {"policy_version": in_force.version.number})
    ladder, step = found
    claim, is_overtaken = _narrowed(readings.claim(delivery), delivery, decision), _is_overtaken(delivery, readings)
    if by_item := steps_of(decision):
        left = steps_left(delivery, by_item)
        if not left:
            return Pointless("OVERTAKEN", {"as_of": today.isoformat(), "open_minor": claim.overdue_minor})
        claim, is_overtaken = of_items(claim, left), False
    if not claim.overdue and claim.held_minor and delivery.template not in {BILL, UPCOMING}:
        return Later(_first_hold_ends(delivery, today), "ON_HOLD")
    reason = _pointless(delivery, claim, ladder) or ("OVERTAKEN" if is_overtaken else "")
    if reason:
        return Pointless(reason, {"as_of": today.isoformat(), "open_minor": claim.overdue_minor})
    writer = Writer(claim, speech, readings.papers())
    return _written(delivery, writer, terms_of(step, claim, delivery), readings, in_force)


def _provided(delivery: Delivery, speech: Speech, provider: Provider) -> Said | Pointless | Later:
    """Return the message about one thing, with the facts of its provider (`runs.providers`)."""
    told = provider(delivery, speech)
    if not isinstance(told, Told):
        return told
    return Said(
        kind=delivery.template,
        words=Words({**speech.around(delivery), **told.words}, told.tables),
        facts={**told.facts, "about": delivery.about, "template": delivery.template, "as_of": speech.today.isoformat()},
        template=told.template,
    )


def _written(delivery: Delivery, writer: Writer, terms: Terms, readings: Readings, in_force: PolicyInForce) -> Said:
    kind = WITHOUT_PENALTY if delivery.template == OFFER and not terms.waived_minor else delivery.template
    words = writer.words(delivery, terms)
    facts = facts_of(writer.claim, terms) | {"template": kind, "policy_version": in_force.version.number}
    if kind == BILL:
        discounts = readings.discounts(writer.claim)
        facts["early_payments"] = [_plain(row) for row in discounts]
        words = writer.bill(words, discounts)
    return Said(
        kind=kind,
        words=words,
        facts=facts,
        binds=partial(_offer_made, facts=facts, waive_ppm=terms.waive_ppm) if kind == OFFER else None,
    )


def _offer_made(delivery: Delivery, now: datetime, *, facts: dict[str, Any], waive_ppm: int) -> None:
    """Make binding what the message promises: it is taken by itself when the money arrives in time."""
    bind_offer(delivery=delivery, facts=facts, waive_ppm=waive_ppm, now=now)


def step_of(policy: Policy, delivery: Delivery, decision: Decision | None) -> tuple[Ladder, Step] | None:
    """Return the step as the policy in force has it: on the ladder of the decision, else on the first that has it."""
    named = "" if decision is None else str(decision.facts.get("ladder", ""))
    ladders = sorted(policy.ladders.values(), key=lambda ladder: ladder.code != named)
    for ladder in ladders:
        for step in ladder.steps:
            if step.code == delivery.step_code:
                return ladder, step
    return None


def _narrowed(claim: Claim, delivery: Delivery, decision: Decision | None) -> Claim:
    """Leave out of the upcoming items what this notice is not about."""
    chosen = None if decision is None else decision.facts.get("item_ids")
    if delivery.template == BILL:
        since = delivery.as_of - timedelta(days=RECENT_DAYS)
        rows = [*claim.upcoming, *claim.overdue]
        kept = [row for row in rows if (row["item_id"] in chosen if chosen else row["issued_on"] > since)]
        return Claim(claim.as_of, claim.currency, [], kept, 0, [], claim.on_account_minor)
    horizon = claim.as_of + timedelta(days=RECENT_DAYS)
    upcoming = [row for row in claim.upcoming if row["item_id"] in (chosen or ()) or row["due_on"] <= horizon]
    return Claim(
        claim.as_of,
        claim.currency,
        claim.overdue,
        upcoming,
        claim.held_minor,
        claim.lines,
        claim.on_account_minor,
    )


def _pointless(delivery: Delivery, claim: Claim, ladder: Ladder) -> str:
    """Return why nothing needs to be said, "" when something does."""
    if delivery.template in {BILL, UPCOMING}:
        if claim.upcoming:
            covered = claim.on_account_minor >= claim.overdue_minor + claim.upcoming_minor
            return "COVERED_ON_ACCOUNT" if covered and delivery.template == UPCOMING else ""
        return "FELL_DUE" if claim.overdue else "NOTHING_OWED"
    if not claim.overdue:
        return "NOTHING_OWED"
    if not claim.due_minor:
        return "COVERED_ON_ACCOUNT"
    minimum = ladder.minimum.minor(claim.currency)
    if minimum is not None and claim.due_minor < minimum:
        return "BELOW_MINIMUM"
    return ""


def _is_overtaken(delivery: Delivery, readings: Readings) -> bool:
    return delivery.template not in {BILL, UPCOMING} and readings.is_overtaken(delivery)


def _first_hold_ends(delivery: Delivery, today: date) -> datetime:
    """Return the begin of the day after the hold that ends first; a hold always has an end (E5)."""
    ends = [hold.ends_on for hold in running_holds(delivery.customer_id, today)]
    return instant_at(min(ends, default=today) + timedelta(days=1), time(), delivery.entity.time_zone)


def terms_of(step: Step, claim: Claim, delivery: Delivery) -> Terms:
    """Return the dates, the offer and the announcements that the policy gives to this step, from the day of sending."""
    calendar = WorkingCalendar(delivery.entity.country)
    deadline = None
    if step.deadline_days is not None:
        deadline = calendar.on_or_after(claim.as_of + timedelta(days=step.deadline_days))
    if step.offer is None:
        return Terms(deadline=deadline, announces=step.announces)
    return Terms(
        deadline=deadline,
        announces=step.announces,
        offer_until=_offer_until(claim.as_of, step.offer.valid_days),
        waive_ppm=step.offer.waive_penalty_ppm,
        waived_minor=share_ppm(claim.penalty_minor, step.offer.waive_penalty_ppm),
    )


def _offer_until(today: date, valid_days: int | None) -> date:
    """Return the last day of an offer: so many days from today, or the Sunday of this week."""
    return today + timedelta(days=SUNDAY - today.weekday() if valid_days is None else valid_days)


def facts_of(claim: Claim, terms: Terms) -> dict[str, Any]:
    """Return the facts that the words state, as they are frozen with the message; amounts in minor units."""
    return {
        "as_of": claim.as_of.isoformat(),
        "currency": claim.currency,
        "items": [_plain(row) for row in claim.overdue],
        "upcoming": [_plain(row) for row in claim.upcoming],
        "penalty_lines": [_plain(line) for line in claim.lines],
        "overdue_minor": claim.overdue_minor,
        "upcoming_minor": claim.upcoming_minor,
        "held_minor": claim.held_minor,
        "on_account_minor": claim.on_account_minor,
        "due_minor": claim.due_minor,
        "penalty_minor": claim.penalty_minor,
        "deadline": None if terms.deadline is None else terms.deadline.isoformat(),
        "announces": list(terms.announces),
        "offer_until": None if terms.offer_until is None else terms.offer_until.isoformat(),
        "waived_minor": terms.waived_minor,
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON holds it: days as text, whole numbers beyond 64 bits as text."""
    return {name: value if value.__class__ is str or value is None else _json(value) for name, value in row.items()}


def _json(value: object) -> object:
    if isinstance(value, int):
        return value if -_EXACT < value < _EXACT else str(value)
    return value.isoformat() if isinstance(value, date) else value


_EXACT: Final = 2**53
"""Whole numbers that every reader of JSON holds exactly."""
