# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0005_refused")]

    operations = [
        migrations.AddField("gap", "first_at", models.DateTimeField(null=True)),
        migrations.AddField("gap", "call", models.BigIntegerField(null=True)),
    ]
