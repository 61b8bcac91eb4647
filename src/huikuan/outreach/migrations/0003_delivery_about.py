"""Say what a delivery speaks of that no run decided: a receipt, a plan, a dispute."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Index, Q


class Migration(migrations.Migration):
    """Add `Delivery.about` with a default of the database, because runs insert in bulk."""

    dependencies: ClassVar = [("outreach", "0002_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="delivery",
            name="about",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="What it speaks of, “plan:12”; blank: the whole claim.",
                max_length=80,
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="template",
            field=models.CharField(help_text="A kind of `outreach.rules.kinds`.", max_length=60),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=Index(condition=~Q(about=""), fields=["about"], name="delivery_about"),
        ),
    ]
