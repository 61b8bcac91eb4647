"""Install the triggers of storage.triggers on the tables made by the modules above."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers."""
    del apps
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    """Drop the triggers."""
    del apps
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("journal", "0002_initial"),
        ("receivables", "0001_initial"),
        ("outreach", "0002_initial"),
    ]
    operations = [migrations.RunPython(install, remove)]
