# ruff: noqa: RUF012  (Django wants plain lists here)

import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = """
SELECT facts.protect('installed_pack');
ALTER TABLE installed_pack FORCE ROW LEVEL SECURITY;
-- Which rules hold where is no secret of an area: who works in a county reads the packs of its city and province.
CREATE POLICY reading ON installed_pack FOR SELECT USING (true);
REVOKE ALL ON installed_pack FROM mingcha_app, mingcha_job;
GRANT SELECT ON installed_pack TO mingcha_app;
GRANT SELECT, INSERT, UPDATE ON installed_pack TO mingcha_job;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="InstalledPack",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("area", models.TextField()),
                ("provider", models.TextField(null=True)),
                ("name", models.TextField()),
                ("version", models.TextField()),
                ("hash", models.TextField()),
                ("installed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("installed_by", models.CharField(max_length=64)),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.CharField(max_length=64, null=True)),
                ("removed_reason", models.TextField(null=True)),
            ],
            options={
                "db_table": "installed_pack",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("area"),
                        django.db.models.functions.comparison.Coalesce("provider", models.Value("")),
                        condition=models.Q(("removed_at", None)),
                        name="installed_pack_one_a_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at", None), ("removed_by", None), ("removed_reason", None)),
                            models.Q(
                                ("removed_at__isnull", False),
                                ("removed_by__isnull", False),
                                ("removed_reason__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="installed_pack_removed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
