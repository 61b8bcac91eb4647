"""What `huikuan doctor` looks at. Each check returns one finding: what was seen and, if it is not well, the remedy."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from huikuan.adapters.smtp.channel import SmtpChannel
from huikuan.cash.ports import TRIAL, payment_gateways
from huikuan.cli.answers import said
from huikuan.cli.home import ensure_home
from huikuan.journal.models import Entry
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.refusal import Refusal
from huikuan.kernel.zones import ZoneUnknown, local_day, zone_of
from huikuan.outreach.queries.outbox import overdue_in_queue, state_counts
from huikuan.parties.models import Customer, Entity, User
from huikuan.policy.queries import policy_in_force
from huikuan.storage import triggers

UNSEALED_TOO_LONG: Final = timedelta(hours=1)
QUEUE_TOO_LONG: Final = timedelta(minutes=15)
NOTICE_MONTH: Final = 11
"""The State Council publishes the next year's days off in November."""


class Level(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    check: str
    level: Level
    text: str
    remedy: str = ""


def look(now: datetime) -> list[Finding]:
    """Do every check; those that need the database are left out when it cannot be used."""
    findings = [check_home(), check_database()]
    if findings[-1].level is not Level.ERROR:
        findings += [_guarded(name, check, now) for name, check in WITH_DATABASE.items()]
    findings += [check_mail(), check_gateways()]
    return findings


def _guarded(name: str, check: Callable[[datetime], Finding], now: datetime) -> Finding:
    """A check that cannot be done is a finding too."""
    try:
        return check(now)
    except (DatabaseError, OSError, ValueError) as error:
        text = _("This could not be checked: {error}").format(error=error)
        return Finding(name, Level.ERROR, text, _("Read the message; run huikuan init if tables are missing."))


def check_home() -> Finding:
    """The home folder can be written to."""
    folder = settings.HUIKUAN_HOME
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding("home", Level.OK, _("{folder} can be written to.").format(folder=folder))
    remedy = _("Give the user that runs huikuan the right to write there, or set HUIKUAN_HOME to another folder.")
    return Finding("home", Level.ERROR, _("{folder} cannot be written to.").format(folder=folder), remedy)


def check_database() -> Finding:
    """The database answers and its tables are those of this version."""
    try:
        ensure_home()
    except Refusal as no:
        return Finding("database", Level.ERROR, said(no), _("Back it up, then run: huikuan init"))
    except (DatabaseError, OSError) as error:
        text = _("The database does not answer: {error}").format(error=str(error).strip())
        return Finding("database", Level.ERROR, text, _("Start the database server, or correct HUIKUAN_DATABASE_URL."))
    name = "SQLite" if settings.EMBEDDED else "PostgreSQL"
    return Finding("database", Level.OK, _("{database} answers and is up to date.").format(database=name))


def check_triggers(now: datetime) -> Finding:
    """The triggers that keep balances and append-only tables are in place."""
    del now
    absent = triggers.missing(connection)
    if not absent:
        return Finding("triggers", Level.OK, _("All triggers are in place."))
    text = _("Triggers are missing: {names}").format(names=", ".join(absent))
    remedy = _("Stop all work, find out who removed them, restore the last backup or run the storage migration again.")
    return Finding("triggers", Level.ERROR, text, remedy)


def check_policy(now: datetime) -> Finding:
    """Every entity has a policy in force."""
    without = [
        entity.code
        for entity in Entity.objects.order_by("code")
        if policy_in_force(entity.pk, local_day(now, entity.time_zone)) is None
    ]
    if not without:
        return Finding("policy", Level.OK, _("Every entity has a policy in force."))
    text = _("Without a policy, so that nobody is contacted: {entities}").format(entities=", ".join(without))
    remedy = _("Run: huikuan run --entity CODE, which puts the shipped policy into force, or upload your own.")
    return Finding("policy", Level.WARNING, text, remedy)


def check_calendar(now: datetime) -> Finding:
    """The working days of this year are known, and from November on those of the next."""
    years = [now.year, now.year + 1] if now.month >= NOTICE_MONTH else [now.year]
    countries = sorted(set(Entity.objects.values_list("country", flat=True)))
    unknown = [
        f"{country} {year}"
        for country in countries
        for year in years
        if WorkingCalendar(country).is_working_day(now.date().replace(year=year, day=1)) is None
    ]
    if not unknown:
        return Finding("calendar", Level.OK, _("The working days are known."))
    text = _("The working days are not known: {years}").format(years=", ".join(unknown))
    remedy = _("When the notice has been published, upgrade huikuan or enter it. Until then machine messages wait.")
    return Finding("calendar", Level.WARNING, text, remedy)


def check_zones(now: datetime) -> Finding:
    """Every time zone in use is known to this computer."""
    del now
    tables = (Entity.objects.all(), Customer.objects.all(), User.objects.all())
    names = {name for rows in tables for name in rows.order_by().values_list("time_zone", flat=True).distinct()}
    unknown = []
    for name in sorted(names):
        try:
            zone_of(name)
        except ZoneUnknown:
            unknown.append(name or "''")
    if not unknown:
        return Finding("zones", Level.OK, _("Every time zone in use is known."))
    text = _("Unknown time zones: {names}").format(names=", ".join(unknown))
    return Finding("zones", Level.ERROR, text, _("Correct them to a name like Asia/Shanghai, or upgrade tzdata."))


def check_journal(now: datetime) -> Finding:
    """The journal is being sealed."""
    count = Entry.objects.filter(seal=None, at__lt=now - UNSEALED_TOO_LONG).count()
    if not count:
        return Finding("journal", Level.OK, _("The journal is sealed."))
    text = _("{count} journal entries older than an hour are not sealed.").format(count=count)
    return Finding("journal", Level.WARNING, text, _("Run huikuan scheduler (huikuan serve includes it)."))


def check_deliveries(now: datetime) -> Finding:
    """No message is in doubt, none has failed, and somebody sends what is due."""
    counts = state_counts()
    unknown, failed = counts.get("UNKNOWN", 0), counts.get("FAILED", 0)
    if unknown:
        text = _("{count} messages may have left: it is not known.").format(count=unknown)
        remedy = _("Look each up in the mail server's log and settle it on the page Messages.")
        return Finding("deliveries", Level.WARNING, text, remedy)
    waiting = overdue_in_queue(before=now - QUEUE_TOO_LONG)
    if waiting:
        text = _("{count} messages have been due for more than a quarter of an hour.").format(count=waiting)
        return Finding("deliveries", Level.WARNING, text, _("Run huikuan worker (huikuan serve includes it)."))
    if failed:
        text = _("{count} messages have failed.").format(count=failed)
        return Finding("deliveries", Level.WARNING, text, _("Read why on the page Messages; try again or cancel them."))
    return Finding("deliveries", Level.OK, _("No message is in doubt, none waits too long."))


def check_mail() -> Finding:
    """The mail server answers and lets us in."""
    if not settings.EMAIL_HOST:
        text = _("No mail server is set: messages wait in the queue.")
        return Finding("mail", Level.WARNING, text, _("Set HUIKUAN_SMTP_HOST, and user and password if it wants them."))
    channel = SmtpChannel()
    refusal = channel.ready()
    channel.close()
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if refusal is None:
        return Finding("mail", Level.OK, _("The mail server {where} answers.").format(where=where))
    text = _("The mail server {where} cannot be used: {detail}").format(where=where, detail=refusal.detail)
    return Finding(
        "mail", Level.ERROR, text, _("Check HUIKUAN_SMTP_HOST, _PORT, _USER, _PASSWORD, _STARTTLS and _TLS.")
    )


def check_gateways() -> Finding:
    """The gateways that are switched on can be used: keys are read, and no trial is left on."""
    names = list(settings.HUIKUAN_GATEWAY_PORTS)
    try:
        payment_gateways()
    except (OSError, ValueError, ImportError) as error:
        text = _("A payment gateway cannot be used: {detail}").format(detail=error)
        return Finding("gateways", Level.ERROR, text, _("Check its key files; install huikuan with the extra “pay”."))
    if TRIAL in names and not settings.HUIKUAN_IS_DEMO:
        text = _("The sandbox gateway is on: it books receipts for which nobody pays.")
        return Finding("gateways", Level.WARNING, text, _("Take sandbox out of HUIKUAN_GATEWAYS."))
    text = _("Payment gateways: {names}.").format(names=", ".join(names)) if names else _("No payment gateway is on.")
    return Finding("gateways", Level.OK, text)


WITH_DATABASE: Final[dict[str, Callable[[datetime], Finding]]] = {
    "triggers": check_triggers,
    "policy": check_policy,
    "calendar": check_calendar,
    "zones": check_zones,
    "journal": check_journal,
    "deliveries": check_deliveries,
}
