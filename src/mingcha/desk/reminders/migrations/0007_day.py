# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

RIGHTS = Path(__file__).with_name("0007_day.sql").read_text()
_TEXTS = ("provider", "environment", "fund_area", "care_area", "department", "practitioner")
_COUNTS = ("n", "snoozed", "open", "times", "changed", "insisted", "avoided_fen", "judged", "false_alarms", "orders",
           "told")  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("reminders", "0006_gap_when")]

    operations = [
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                *((name, models.CharField(max_length=16) if name == "environment" else models.TextField())
                  for name in _TEXTS),
                *((name, models.BigIntegerField(default=0, db_default=0)) for name in _COUNTS),
            ],
            options={
                "db_table": "reminder_day",
                "constraints": [
                    models.UniqueConstraint(fields=["day", *_TEXTS], name="reminder_day_once"),
                ],
            },
        ),
        migrations.AddIndex(
            "reminder",
            models.Index(name="reminder_open", fields=["last_at"], condition=Q(outcome=None, snoozed=False)),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
