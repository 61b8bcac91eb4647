"""What every test stands on: its own database and home folder, no network, no silent skips in CI.

HUIKUAN_TEST_DATABASE_URL   run on this PostgreSQL server instead of SQLite (scripts/private_postgres.py)
HUIKUAN_TEST_DB_NAME        name of the test database there, for people who share a server
CI=true                     a skipped test fails
HUIKUAN_SAMPLES             folder of real bank files to read in tests/modules/cash/test_samples.py
HYPOTHESIS_PROFILE          quick (default) or ci
"""

import importlib.util
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
POSTGRESQL_URL = os.environ.get("HUIKUAN_TEST_DATABASE_URL", "")

# The settings read the environment once, when Django is first touched: it is put in order here, before that.
# Nothing of the person who runs the tests may leak in, least of all the home folder with a real database.
HOME = tempfile.TemporaryDirectory(prefix="huikuan-test-")
KEPT = ("HUIKUAN_TEST_", "HUIKUAN_SAMPLES")
for name in [name for name in os.environ if name.startswith("HUIKUAN_") and not name.startswith(KEPT)]:
    del os.environ[name]
os.environ["HUIKUAN_HOME"] = HOME.name
os.environ["HUIKUAN_SECRET_KEY"] = "for tests only"
os.environ["HUIKUAN_LANGUAGE"] = "en"  # sentences are tested in the language of the source; Chinese where a test asks
if POSTGRESQL_URL:
    os.environ["HUIKUAN_DATABASE_URL"] = POSTGRESQL_URL
os.environ["DJANGO_SETTINGS_MODULE"] = "huikuan.project.settings"

import django  # noqa: E402  see above

django.setup()

pytest_plugins = [name for name in ("tests.people", "tests.payments") if importlib.util.find_spec(name)]

settings.register_profile("quick", max_examples=60, deadline=None)
settings.register_profile(
    "ci", max_examples=200, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "quick"))


class NetworkError(RuntimeError):
    """A test reached for a machine other than this one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest tests/journeys --cases FILE` run a file of acceptance cases."""
    parser.addoption("--cases", metavar="FILE", help="a JSON file of acceptance cases for tests/journeys to run")


def pytest_configure() -> None:
    """Refuse connections to the outside, in this process and before anything is collected."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_connect(self: socket.socket, address):
        _refuse_outside(self, address)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address):
        _refuse_outside(self, address)
        return connect_ex(self, address)

    socket.socket.connect = guarded_connect
    socket.socket.connect_ex = guarded_connect_ex


def _refuse_outside(used: socket.socket, address) -> None:
    if used.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = address[0]
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = host == "localhost"
    if not inside:
        message = f"a test tried to reach {host}: start a server on 127.0.0.1 instead"
        raise NetworkError(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only concerns the other database: that is a choice, not a skip."""
    other = "sqlite" if POSTGRESQL_URL else "postgresql"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """In CI a skipped test is a failed one: everything it could need is installed there."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and nothing may be skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """The same for a whole file that skips itself."""
    report = yield
    if IN_CI and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and nothing may be skipped in CI: {report.longrepr}"
    return report


def pytest_report_header() -> str:
    """Say which database this run is about."""
    server = urlsplit(POSTGRESQL_URL)
    return f"database: PostgreSQL at {server.hostname}:{server.port}" if POSTGRESQL_URL else "database: SQLite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Give each process its own test database: a file on SQLite, so that threads and programs can share it."""
    from django.conf import settings as django_settings  # noqa: PLC0415  the environment comes first

    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    for database in django_settings.DATABASES.values():
        if POSTGRESQL_URL:
            name = os.environ.get("HUIKUAN_TEST_DB_NAME", "test_huikuan")
            database.setdefault("TEST", {})["NAME"] = "_".join(filter(None, [name, worker]))
        else:
            database.setdefault("TEST", {})["NAME"] = str(Path(HOME.name) / "test.sqlite3")


@pytest.fixture
def installation(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Return the environment of a fresh, empty installation for programs that a test starts.

    SQLite: a new home folder. PostgreSQL: a new database on the test server as well, dropped afterwards.
    """
    environment = {**os.environ, "HUIKUAN_HOME": str(tmp_path / "home")}
    environment.pop("HUIKUAN_DATABASE_URL", None)
    if not POSTGRESQL_URL:
        yield environment
        return
    import psycopg  # noqa: PLC0415  the rules tests do without a database driver

    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"{os.environ.get('HUIKUAN_TEST_DB_NAME', 'test_huikuan')}_programs_{worker}_{os.getpid()}"
    with psycopg.connect(POSTGRESQL_URL, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            url = urlunsplit(urlsplit(POSTGRESQL_URL)._replace(path=f"/{name}"))
            yield {**environment, "HUIKUAN_DATABASE_URL": url}
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder whose SQLite database has every table and no row: made once, copied by `migrated`."""
    home = tmp_path_factory.mktemp("migrated")
    environment = {**os.environ, "HUIKUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "huikuan.project.settings"}
    environment.pop("HUIKUAN_DATABASE_URL", None)
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environment, check=True, timeout=300
    )
    return home


@pytest.fixture
def migrated(installation: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the environment of an installation whose tables exist already: migrating costs more than most tests.

    Only on SQLite they are copied; a database on the server is migrated by whoever begins.
    """
    if "HUIKUAN_DATABASE_URL" not in installation:
        shutil.copytree(request.getfixturevalue("migrated_home"), installation["HUIKUAN_HOME"])
    return installation
