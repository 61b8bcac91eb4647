"""The ground the other tests stand on: no network, no silent skips, an installation of one's own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = {
    "test_skips.py": "import pytest\ndef test_a():\n    pytest.skip('no browser here')\n",
    "test_marked.py": "import pytest\n@pytest.mark.skip(reason='no browser here')\ndef test_b():\n    pass\n",
    "test_file.py": "import pytest\npytest.skip('no browser here', allow_module_level=True)\n",
    "test_known.py": "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_c():\n    raise AssertionError\n",
    "test_good.py": "def test_d():\n    pass\n",
}


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "2001:db8::1"])
def test_another_machine_cannot_be_reached(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as caller, pytest.raises(RuntimeError, match=f"reach {host}"):
        caller.connect((host, 25))


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass


def closing_lines(folder, *, ci):
    """Run pytest on the samples, under our conftest, and return what it said."""
    for name, code in SAMPLES.items():
        (folder / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml"), str(folder), "--continue-on-collection-errors"]
    environment = {**os.environ, "CI": "true" if ci else ""}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout


def test_in_ci_a_skip_is_a_failure_and_an_expected_failure_is_none(tmp_path):
    said = closing_lines(tmp_path, ci=True)
    assert "1 failed, 1 passed, 1 xfailed, 2 errors in" in said
    assert said.count("nothing may be skipped in CI") >= 3
    assert "no browser here" in said


def test_elsewhere_a_skip_is_a_skip(tmp_path):
    assert "1 passed, 3 skipped, 1 xfailed in" in closing_lines(tmp_path, ci=False)


def test_an_installation_is_empty_and_has_nothing_of_ours(installation):
    assert not Path(installation["HUIKUAN_HOME"]).exists()
    assert installation["HUIKUAN_HOME"] != os.environ["HUIKUAN_HOME"]
    ours = os.environ.get("HUIKUAN_DATABASE_URL")
    assert installation.get("HUIKUAN_DATABASE_URL") != ours or ours is None
    show = "import django; django.setup(); from django.db import connection; "
    show += "print(len(connection.introspection.table_names()))"
    done = subprocess.run(
        [sys.executable, "-c", show], env=installation, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "0", done.stderr
