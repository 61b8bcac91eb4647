"""Install the triggers again: an allocation may now come from a write-off, which only grows too."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the table exists."""

    dependencies = [
        ("storage", "0003_arrangements_triggers"),
        ("receivables", "0003_write_offs_and_charges"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
