"""Install the triggers on the lines of bank statements."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the table exists."""

    dependencies = [
        ("storage", "0001_triggers"),
        ("cash", "0001_initial"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
