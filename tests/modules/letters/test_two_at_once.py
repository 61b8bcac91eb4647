"""Letters of two processes, and of one that is killed while it draws: numbers without gaps, each once."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def started(installation, *args):
    return subprocess.Popen(
        [sys.executable, HERE / "program.py", *map(str, args)], env=installation, stdout=subprocess.PIPE, text=True
    )


def test_numbers_have_no_gaps(installation):
    subprocess.run([sys.executable, HERE / "seed.py"], env=installation, check=True)
    both = [started(installation, 2, 0), started(installation, 2, 50), started(installation, 1, 100, "die")]
    said = [process.communicate()[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0, -9]
    after = started(installation, 1, 150).communicate()[0].split()
    numbers = sorted(said[0] + said[1] + after)
    assert numbers == [f"LTR-MAIN-2026-{n:06d}" for n in range(1, 6)]
    listed = subprocess.run(
        [sys.executable, "-c", "from huikuan.cli.main import main; main()", "letters", "list", "--json"],
        env=installation, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(row["number"] for row in json.loads(listed.stdout)) == numbers
