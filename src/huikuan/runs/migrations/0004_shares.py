from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0003_item_steps'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='shares',
            field=models.JSONField(default=dict, help_text='Whose customers had it open, as runs.rules.snapshot says.'),
        ),
    ]
