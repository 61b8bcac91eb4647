"""What other systems' own tests assert, asked of ours: real database, real commands, real policy, real run and worker.

`pytest tests/journeys --cases FILE` runs another file of the same form. A case that asks for something we do not do is
skipped as unsupported, with the word that says what; it never passes.
"""

import pytest

from tests.journeys.acceptance.running import run_case
from tests.journeys.acceptance.words import Unsupported


@pytest.mark.django_db
def test_acceptance_case(acceptance_case):
    try:
        checked = run_case(acceptance_case)
    except Unsupported as unsupported:
        pytest.skip(f"unsupported: {unsupported}")
    assert checked, "the case expects nothing"
