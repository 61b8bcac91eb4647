"""Install the triggers on the verdicts on promises and plans."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("storage", "0002_cash_triggers"),
        ("arrangements", "0001_initial"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
