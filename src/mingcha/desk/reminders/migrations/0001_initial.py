# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0001_rights.sql").read_text()


class Migration(migrations.Migration):
    initial = True

    dependencies = [("audit", "0001_initial"), ("onboarding", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("gate", models.TextField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("place", models.BigIntegerField()),
                ("delivered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "reminder_mark",
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("gate", models.TextField()),
                ("number", models.BigIntegerField()),
                ("asked", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("infno", models.CharField(max_length=8)),
                ("provider", models.TextField()),
                ("environment", models.CharField(max_length=16)),
                ("key", models.TextField(null=True)),
                ("msgid", models.TextField(null=True)),
                ("bundle", models.IntegerField()),
                ("microseconds", models.IntegerField()),
                ("whole", models.BooleanField()),
                ("person", models.BigIntegerField(null=True)),
                ("visit", models.TextField(null=True)),
                ("practitioner", models.TextField(null=True)),
                ("department", models.TextField(null=True)),
                ("orders", models.IntegerField()),
                ("reminders", models.IntegerField()),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
            ],
            options={
                "db_table": "reminder_call",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="reminder_call_by_time"),
                    models.Index(fields=["provider", "-at"], name="reminder_call_by_provider"),
                    models.Index(fields=["provider", "visit"], name="reminder_call_by_visit"),
                ],
                "constraints": [models.UniqueConstraint(fields=("gate", "number", "asked"), name="reminder_call_once")],
            },
        ),
        migrations.CreateModel(
            name="ProviderTotal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.TextField()),
                ("environment", models.CharField(max_length=16)),
                ("care_area", models.TextField()),
                ("calls", models.BigIntegerField()),
                ("orders", models.BigIntegerField()),
                ("reminders", models.BigIntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "reminder_total",
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "environment", "care_area"), name="reminder_total_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reaction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("gate", models.TextField()),
                ("number", models.BigIntegerField()),
                ("place", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("provider", models.TextField()),
                ("reminder", models.TextField()),
                ("stage", models.CharField(max_length=8)),
                (
                    "outcome",
                    models.CharField(choices=[("changed", "已修改"), ("insisted", "坚持并说明")], max_length=16),
                ),
                ("reason", models.TextField(null=True)),
            ],
            options={
                "db_table": "reaction",
                "indexes": [models.Index(fields=["reminder", "provider"], name="reaction_by_reminder")],
                "constraints": [models.UniqueConstraint(fields=("gate", "number", "place"), name="reaction_once")],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.TextField(unique=True)),
                ("provider", models.TextField()),
                ("environment", models.CharField(max_length=16)),
                ("stage", models.CharField(max_length=8)),
                ("rule", models.TextField()),
                ("rule_version", models.IntegerField()),
                ("strength", models.CharField(max_length=16)),
                ("certainty", models.CharField(max_length=16)),
                ("amount_fen", models.BigIntegerField()),
                ("message", models.TextField()),
                ("person", models.BigIntegerField(null=True)),
                ("visit", models.TextField(null=True)),
                ("practitioner", models.TextField(null=True)),
                ("department", models.TextField(null=True)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("day", models.DateField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("times", models.IntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("changed", "已修改"), ("insisted", "坚持并说明")], max_length=16, null=True
                    ),
                ),
                ("reason", models.TextField(null=True)),
                ("reacted_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("false_alarm", "误报"), ("right", "提醒正确")], max_length=16, null=True
                    ),
                ),
                ("verdict_reason", models.TextField(null=True)),
                ("verdict_by", models.CharField(max_length=64, null=True)),
                ("verdict_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "reminder",
                "indexes": [
                    models.Index(fields=["day", "provider"], name="reminder_by_day"),
                    models.Index(fields=["provider", "-id"], name="reminder_by_provider"),
                    models.Index(fields=["rule", "day"], name="reminder_by_rule"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", None), ("reacted_at", None)),
                            models.Q(("outcome__in", ["changed", "insisted"]), ("reacted_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="reminder_outcome_with_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("verdict", None), ("verdict_at", None), ("verdict_by", None), ("verdict_reason", None)
                            ),
                            models.Q(
                                ("outcome__isnull", False),
                                ("verdict__in", ["false_alarm", "right"]),
                                ("verdict_at__isnull", False),
                                ("verdict_by__isnull", False),
                                ("verdict_reason__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="reminder_verdict_by_somebody",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
