# ruff: noqa: RUF012  (Django wants plain lists here)

import django.db.models.deletion
from django.db import migrations, models

RIGHTS = """
REVOKE ALL ON second_step, recovery_code FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON second_step TO mingcha_app;
GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON recovery_code TO mingcha_app;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_writes_within_scope")]

    operations = [
        migrations.CreateModel(
            "SecondStep",
            [
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "second_step"},
        ),
        migrations.CreateModel(
            "RecoveryCode",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.account"),
                ),
            ],
            options={
                "db_table": "recovery_code",
                "constraints": [
                    models.UniqueConstraint(fields=["account", "digest"], name="recovery_code_once"),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
