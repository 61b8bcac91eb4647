"""Install the triggers that keep the versions of message texts, their verdicts, and the words written by hand."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("storage", "0004_write_off_triggers"),
        ("outreach", "0005_template_versions"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
