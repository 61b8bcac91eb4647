"""Install the triggers that keep what providers told us."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("storage", "0005_template_triggers"),
        ("outreach", "0009_provider_receipt"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
