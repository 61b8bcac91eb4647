"""Install the triggers that keep how far every single item has climbed."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("storage", "0008_limitation_triggers"),
        ("runs", "0003_item_steps"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
