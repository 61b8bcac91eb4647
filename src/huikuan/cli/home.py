"""The home folder: made by the first command that needs it, whichever that is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.kernel.lpr_data import LPR_POINTS, FactStatus, Tenor
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands import open_entity
from huikuan.parties.models import Entity
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.terms import Publication, publish_reference_rates, set_default_terms
from huikuan.receivables.models import ReferenceRate
from huikuan.receivables.rules.profiles import CN_SALE, LPR_1Y, LPR_5Y

MAIN = "MAIN"
"""The code of the entity that every installation begins with."""


class DatabaseOutdated(Refusal):
    """A shared database is upgraded on purpose, never in passing."""

    code = "home.database-outdated"
    text = gettext_noop("The database is of an older version of huikuan. Back it up, then run: huikuan init")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was missing and has been made."""

    migrations_count: int
    has_new_entity: bool
    rates_count: int


def ensure_home() -> Prepared:
    """Make what an empty installation lacks: tables, the entity MAIN, its statutory terms, the LPR table. Silent.

    Every command calls it first; where all is there it costs some hundredths of a second. An embedded database of an
    older version is brought up to date.

    Raises: DatabaseOutdated for a shared database (PostgreSQL) that holds an older version.
    """
    return _prepare(may_upgrade=settings.EMBEDDED)


def init_home() -> Prepared:
    """Do the same on purpose, upgrades of a shared database included."""
    return _prepare(may_upgrade=True)


def _prepare(*, may_upgrade: bool) -> Prepared:
    pending = _pending()
    if not pending and Entity.objects.exists() and not any(_missing_rates().values()):
        return Prepared(0, has_new_entity=False, rates_count=0)  # reading only: never waits for whoever is writing
    with _alone():
        pending = _pending()
        if pending and not may_upgrade and _has_tables():
            raise DatabaseOutdated
        if pending:
            call_command("migrate", verbosity=0, interactive=False)
        now = timezone.now()
        with transaction.atomic():
            return Prepared(pending, has_new_entity=_open_main(now), rates_count=_load_rates(now))


def _pending() -> int:
    """Count the migrations that are still to be applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _has_tables() -> bool:
    return Entity._meta.db_table in connection.introspection.table_names()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process of this machine migrate at a time; the others wait and then find nothing to do."""
    import fcntl  # noqa: PLC0415  not on every system; there, nothing holds two back from starting at the same moment

    lock = Path(settings.HUIKUAN_HOME) / "migrate.lock"
    with lock.open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open_main(now: datetime) -> bool:
    """Open the first entity, with the statutory terms and the shipped policy, when there is none at all."""
    if Entity.objects.exists():
        return False
    entity = open_entity(code=MAIN, name=_("Our company"), actor=None, now=now)
    set_default_terms(entity=entity, terms=CN_SALE.terms, actor=None, now=now)
    install_default(entity_id=entity.pk, now=now)
    return True


def _missing_rates() -> dict[str, list[Publication]]:
    """Return the LPR that the package knows and the database does not; what was written by hand for a day stays."""
    held: dict[str, set[date]] = {LPR_1Y: set(), LPR_5Y: set()}
    for code, day in ReferenceRate.objects.filter(code__in=held).values_list("code", "starts_on"):
        held[code].add(day)
    return {
        code: [
            Publication(point.published_on, point.ppm(tenor), point.source, point.status is FactStatus.VERIFIED)
            for point in LPR_POINTS
            if point.published_on not in held[code]
        ]
        for code, tenor in ((LPR_1Y, Tenor.ONE_YEAR), (LPR_5Y, Tenor.FIVE_YEARS))
    }


def _load_rates(now: datetime) -> int:
    """Write the missing rates down; return how many."""
    return sum(
        publish_reference_rates(code=code, publications=publications, actor=None, now=now)
        for code, publications in _missing_rates().items()
    )
