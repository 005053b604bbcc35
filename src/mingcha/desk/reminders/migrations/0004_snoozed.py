# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_instead")]

    operations = [
        migrations.AddField("reminder", "snoozed", models.BooleanField(default=False, db_default=False)),
    ]
