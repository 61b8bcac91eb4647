"""The contact guard in plain words: what stands in the way at this very minute, with every number written out here.

It knows no packs: which numbers apply to whom is written as the law and our default have it (law.md §6).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.rules.guard import Block, Consent, Past, Request, RunningHold

RINGING = {"EMAIL", "SMS", "PHONE", "VISIT", "WECHAT"}
WRITTEN = {"EMAIL", "SMS", "LETTER", "WECHAT"}
EUROPE = {"DE", "FR", "IE", "NL"}


@dataclass
class World:
    """What is known beside the request."""

    history: list[Past] = field(default_factory=list)
    holds: list[RunningHold] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    is_person: bool = False
    offends: str = ""

    def agreed(self, rule: str, at: datetime) -> bool:
        """Tell whether somebody agreed to what this rule is against."""
        return any(each.rule == rule and (each.expires_at is None or at < each.expires_at) for each in self.consents)


def refused_by(request: Request, world: World) -> set[str]:
    """Return the rules that forbid the contact at any hour."""
    rules = set()
    if request.person is not None and not (request.person.acts_for_debtor and request.person.has_basis):
        rules.add("acts_for_debtor")
    for block in world.blocks:
        if not block.channel or block.channel == request.channel:
            rules.add(block.kind.lower())
    stopped = {"STOP_UTILITIES", "STOP_SUPPLY", "STOP_SERVICE"} if request.is_property else {"STOP_UTILITIES"}
    if stopped & set(request.proposes):
        rules.add("utilities")
    if request.channel == "VISIT":
        if request.visitor_count < 2:
            rules.add("visit_persons")
        if world.is_person and request.country == "CN" and not world.agreed("visit_consent", request.now):
            rules.add("visit_consent")
    if world.offends:
        rules.add(world.offends)
    return rules


def blocked_by(request: Request, at: datetime, world: World) -> set[str]:
    """Return the rules that stand in the way of the contact at that instant, and may not later."""
    zone = ZoneInfo(request.time_zone)
    here = at.astimezone(zone)
    calendar = WorkingCalendar(request.country)
    today = [past for past in world.history if past.at.astimezone(zone).date() == here.date()]
    rules = at_a_bad_hour(request, at, here.hour * 60 + here.minute, world)
    if request.is_automatic and request.channel not in {"LETTER", "VISIT"}:
        is_office_hour = 9 <= here.hour < 18
        if not calendar.is_working_day(here.date()) or not is_office_hour:
            rules.add("automatic_hours")
    is_abroad = request.country in EUROPE | {"GB", "SG"}
    if is_abroad and request.channel in {"PHONE", "VISIT"} and calendar.is_working_day(here.date()) is False:
        rules.add("rest_days")
    if request.channel == "PHONE":
        rules |= full_telephone(request, at, world, today)
    if request.channel == "VISIT" and any(past.channel == "VISIT" and past.is_ours for past in today):
        rules.add("visits_per_day")
    rules |= too_soon_in_writing(request, at, world, zone)
    if any(here.date() <= hold.ends_on for hold in world.holds):
        rules.add("hold")
    return rules


def at_a_bad_hour(request: Request, at: datetime, minutes: int, world: World) -> set[str]:
    """Return quiet_hours at night: from ten everywhere, from nine where we say so or the law of consumers does."""
    if request.channel not in RINGING or world.agreed("quiet_hours", at):
        return set()
    starts = 22
    is_early = request.country in EUROPE | {"GB", "SG"} or (request.country == "US" and world.is_person)
    if is_early and request.channel != "EMAIL":
        starts = 21
    return {"quiet_hours"} if minutes >= starts * 60 or minutes < 8 * 60 else set()


def full_telephone(request: Request, at: datetime, world: World, today: list[Past]) -> set[str]:
    """Return the counts of the telephone that are used up."""
    full = set()
    dials = [past for past in today if past.channel == "PHONE" and past.address == request.address]
    if len(dials) >= 6:
        full.add("dials_per_day")
    if len([past for past in dials if past.is_connected]) >= 3:
        full.add("connected_calls_per_day")
    if len([past for past in world.history if past.channel == "PHONE" and past.at > at - timedelta(days=7)]) >= 7:
        full.add("calls_per_week")
    spoken = [past for past in world.history if past.channel == "PHONE" and past.is_connected and past.is_ours]
    if world.is_person and request.country == "CN" and len([past for past in spoken if past in today]) >= 3:
        full.add("calls_per_day")
    if world.is_person and request.country == "US" and not world.agreed("conversation_silence", at):
        zone = ZoneInfo(request.time_zone)
        day = at.astimezone(zone).date()
        if any((day - past.at.astimezone(zone).date()).days < 7 for past in spoken):
            full.add("conversation_silence")
    return full


def too_soon_in_writing(request: Request, at: datetime, world: World, zone: ZoneInfo) -> set[str]:
    """Return the rules that space what is written."""
    rules = set()
    day = at.astimezone(zone).date()
    if request.is_demand and request.channel in WRITTEN:
        demands = [past for past in world.history if past.is_demand and past.is_ours]
        if any(
            past.channel == request.channel and (day - past.at.astimezone(zone).date()).days < 3 for past in demands
        ):
            rules.add("demand_gap")
    if request.is_automatic and request.channel in {"SMS", "WECHAT", "PHONE"} and request.address:
        for past in world.history:
            is_there = past.channel == request.channel and past.address == request.address
            if is_there and past.at + timedelta(minutes=30) > at:
                rules.add("number_gap")
    return rules


def first_free(request: Request, world: World, limit: timedelta) -> datetime | None:
    """Return the first whole minute from now on at which nothing stands in the way, within the limit."""
    at = request.now
    while at < request.now + limit:
        if not blocked_by(request, at, world):
            return at
        at += timedelta(minutes=1)
    return None
