# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0002_gaps")]

    operations = [
        migrations.AddField("reminder", "instead", models.TextField(default="", db_default="")),
    ]
