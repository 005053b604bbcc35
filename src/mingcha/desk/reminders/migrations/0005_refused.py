# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0004_snoozed")]

    operations = [
        migrations.AddField("call", "refused", models.TextField(default="", db_default="")),
    ]
