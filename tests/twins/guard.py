"""The contact guard in plain words: is this very minute free? Looked at minute by minute."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.rules.guard import Consent, Past, Request, RunningHold


def blocked_by(
    request: Request, at: datetime, history: list[Past], holds: list[RunningHold], consents: list[Consent]
) -> set[str]:
    """Return the rules of the default pack that stand in the way of the contact at that instant."""
    zone = ZoneInfo(request.time_zone)
    here = at.astimezone(zone)
    minutes = here.hour * 60 + here.minute
    rules = set()
    if request.channel != "LETTER" and (minutes >= 22 * 60 or minutes < 8 * 60):
        rules.add("quiet_hours")
    if request.is_automatic and request.channel not in {"LETTER", "VISIT"}:
        is_working = WorkingCalendar(request.country).is_working_day(here.date())
        if not is_working or not 9 * 60 <= minutes < 18 * 60:
            rules.add("automatic_hours")
    today = [past for past in history if past.at.astimezone(zone).date() == here.date()]
    if request.channel == "PHONE":
        rules |= full_telephone(request, at, history, today)
    if request.channel == "VISIT" and any(past.channel == "VISIT" for past in today):
        rules.add("visits_per_day")
    if request.is_demand and request.channel in {"EMAIL", "SMS", "LETTER", "WECHAT"}:
        demands = [past for past in history if past.is_demand and past.channel == request.channel]
        if any((here.date() - past.at.astimezone(zone).date()).days < 3 for past in demands):
            rules.add("demand_gap")
    if any(here.date() <= hold.ends_on for hold in holds):
        rules.add("hold")
    lifted = {consent.rule for consent in consents if at < consent.expires_at}
    return rules - (lifted & {"quiet_hours"})


def full_telephone(request: Request, at: datetime, history: list[Past], today: list[Past]) -> set[str]:
    """Return the counts of the telephone that are used up."""
    dials = [past for past in today if past.channel == "PHONE" and past.address == request.address]
    connected = [past for past in dials if past.is_connected]
    week = [past for past in history if past.channel == "PHONE" and past.at > at - timedelta(days=7)]
    full = {"dials_per_day": len(dials) >= 6, "connected_calls_per_day": len(connected) >= 3}
    return {rule for rule, is_full in {**full, "calls_per_week": len(week) >= 7}.items() if is_full}


def first_free(request: Request, history, holds, consents, limit: timedelta) -> datetime | None:
    """Return the first whole minute from now on at which nothing stands in the way, within the limit."""
    at = request.now
    while at < request.now + limit:
        if not blocked_by(request, at, history, holds, consents):
            return at
        at += timedelta(minutes=1)
    return None
