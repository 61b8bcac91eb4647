"""Install the triggers that keep what interrupted a limitation period, who paid for whom, and what was set off."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("storage", "0007_statement_triggers"),
        ("receivables", "0006_limitation_set_off_assignment"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
