# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

RIGHTS = Path(__file__).with_name("0004_code_alias.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0003_snooze")]

    operations = [
        migrations.CreateModel(
            name="CodeAlias",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("area", models.TextField()),
                ("field", models.CharField(max_length=30)),
                ("code", models.CharField(max_length=20)),
                ("national", models.CharField(default="", max_length=20)),
                ("reason", models.TextField()),
                ("set_at", models.DateTimeField(db_default=models.functions.Now())),
                ("set_by", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(max_length=64, null=True)),
                ("ended_reason", models.TextField(null=True)),
            ],
            options={
                "db_table": "code_alias",
                "constraints": [
                    models.CheckConstraint(
                        name="code_alias_ended_by_somebody",
                        condition=Q(ended_at=None, ended_by=None, ended_reason=None)
                        | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__isnull=False),
                    ),
                    models.UniqueConstraint(
                        fields=["area", "field", "code"], name="code_alias_one_an_area", condition=Q(ended_at=None)
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
