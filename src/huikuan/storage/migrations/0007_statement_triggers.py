"""Install the triggers that keep account statements, bills of exchange and what happened to them."""

from django.db import migrations

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers of the tables that exist by now."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [
        ("storage", "0006_receipt_triggers"),
        ("cash", "0005_account_statements"),
        ("receivables", "0005_bills"),
    ]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
