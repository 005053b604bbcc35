# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

RIGHTS = Path(__file__).with_name("0003_snooze.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0002_secrecy")]

    operations = [
        migrations.CreateModel(
            name="Snooze",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.TextField()),
                ("area", models.TextField()),
                ("provider", models.TextField()),
                ("department", models.TextField(default="")),
                ("practitioner", models.TextField(default="")),
                ("until", models.DateField()),
                ("reason", models.TextField()),
                ("set_at", models.DateTimeField(db_default=models.functions.Now())),
                ("set_by", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(max_length=64, null=True)),
                ("ended_reason", models.TextField(null=True)),
            ],
            options={
                "db_table": "reminder_snooze",
                "constraints": [
                    models.CheckConstraint(
                        name="reminder_snooze_ended_by_somebody",
                        condition=Q(ended_at=None, ended_by=None, ended_reason=None)
                        | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__isnull=False),
                    ),
                    models.UniqueConstraint(
                        name="reminder_snooze_one_a_place",
                        fields=["rule", "provider", "department", "practitioner"],
                        condition=Q(ended_at=None),
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
