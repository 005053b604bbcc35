# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0001_rights.sql").read_text()


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Onboarding",
            fields=[
                ("provider", models.TextField(primary_key=True, serialize=False)),
                ("area", models.TextField()),
                ("name", models.TextField()),
                ("system", models.TextField(blank=True, default="")),
                ("contact", models.TextField(blank=True, default="")),
                ("phone", models.TextField(blank=True, default="")),
                ("status", models.CharField(default="adapting", max_length=16)),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("registered_by", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "onboarding",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["adapting", "testing", "live"])),
                        name="onboarding_status_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReminderStrength",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.TextField()),
                ("area", models.TextField()),
                ("provider", models.TextField(null=True)),
                (
                    "strength",
                    models.CharField(
                        choices=[("advise", "提示"), ("justify", "须填理由"), ("block", "拦截")], max_length=16
                    ),
                ),
                ("reason", models.TextField()),
                ("set_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("set_by", models.CharField(max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(max_length=64, null=True)),
                ("withdrawn_reason", models.TextField(null=True)),
            ],
            options={
                "db_table": "reminder_strength",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("strength__in", ["advise", "justify", "block"])),
                        name="reminder_strength_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None), ("withdrawn_reason", None)),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                ("withdrawn_reason__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="reminder_strength_withdrawn_by_somebody",
                    ),
                    models.UniqueConstraint(
                        models.F("rule"),
                        models.F("area"),
                        django.db.models.functions.comparison.Coalesce("provider", models.Value("")),
                        condition=models.Q(("withdrawn_at", None)),
                        name="reminder_strength_one_a_place",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("area", models.TextField()),
                ("status", models.CharField(max_length=16)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.CharField(max_length=64)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "onboarding",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="onboarding.onboarding"),
                ),
            ],
            options={
                "db_table": "onboarding_step",
            },
        ),
        migrations.CreateModel(
            name="Key",
            fields=[
                ("id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("area", models.TextField()),
                ("environment", models.CharField(max_length=16)),
                ("sealed", models.BinaryField()),
                ("issued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("issued_by", models.CharField(max_length=64)),
                ("valid_until", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(max_length=64, null=True)),
                ("revoked_reason", models.TextField(null=True)),
                (
                    "onboarding",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="onboarding.onboarding"),
                ),
            ],
            options={
                "db_table": "onboarding_key",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("environment__in", ["test", "production"])),
                        name="onboarding_key_environment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at", None), ("revoked_by", None), ("revoked_reason", None)),
                            models.Q(
                                ("revoked_at__isnull", False),
                                ("revoked_by__isnull", False),
                                ("revoked_reason__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="onboarding_key_revoked_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Problem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("area", models.TextField()),
                ("words", models.TextField()),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("opened_by", models.CharField(max_length=64)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(max_length=64, null=True)),
                ("closed_how", models.TextField(null=True)),
                (
                    "onboarding",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="onboarding.onboarding"),
                ),
            ],
            options={
                "db_table": "onboarding_problem",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None), ("closed_how", None)),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("closed_how__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="onboarding_problem_closed_by_somebody",
                    )
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
