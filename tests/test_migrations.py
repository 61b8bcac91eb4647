"""The migrations say what the models say."""

from io import StringIO

import pytest
from django.core.management import call_command

REMEDY = "run `.venv/bin/python -m django makemigrations --settings huikuan.project.settings`"


@pytest.mark.django_db
def test_no_model_change_is_without_its_migration():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(f"{REMEDY}:\n{said.getvalue()}")
