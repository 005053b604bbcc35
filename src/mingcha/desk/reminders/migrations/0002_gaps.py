# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0002_gaps.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gap",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.TextField()),
                ("environment", models.CharField(max_length=16)),
                ("care_area", models.TextField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("blank", "没有填"), ("unknown", "代码不认识"), ("lacking", "规则无法判断")],
                        max_length=8,
                    ),
                ),
                ("name", models.TextField()),
                ("rule", models.TextField(default="")),
                ("calls", models.BigIntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "reminder_gap",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "environment", "care_area", "kind", "name", "rule"),
                        name="reminder_gap_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
