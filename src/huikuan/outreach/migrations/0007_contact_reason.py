"""Why nothing was paid, as the other side says, and the step of its process that it names (G3, C3)."""

from django.db import migrations, models

from huikuan.storage import triggers


def install(apps, schema_editor):
    """Create the triggers anew: SQLite remade the table."""
    del apps
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """Two columns; what was logged before says nothing."""

    dependencies = [
        ("outreach", "0006_contact_refusal"),
        ("storage", "0001_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("CASH_FLOW", "Cash-flow trouble"),
                    ("QUALITY", "Problem with goods or service"),
                    ("BOSS_ABSENT", "Boss absent"),
                    ("ACCOUNTANT_AWAY", "Accountant away"),
                    ("IN_PROCESS", "In process"),
                    ("NO_INVOICE", "Invoice missing"),
                    ("ALREADY_PAID", "Already paid"),
                    ("REFUSES", "Refuses"),
                    ("BANKRUPT", "Bankrupt"),
                    ("WRONG_PERSON", "Wrong person"),
                ],
                db_default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="named_step",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="“In process”: the step and its number, as named to us.",
                max_length=200,
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
