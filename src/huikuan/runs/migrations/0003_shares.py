from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0002_decisions_by_step'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='shares',
            field=models.JSONField(default=dict, help_text='Whose customers had it open, as runs.rules.snapshot says.'),
        ),
    ]
