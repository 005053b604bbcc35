# ruff: noqa: RUF012  (Django wants plain lists here)

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="TrailEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.CharField(max_length=64)),
                ("action", models.CharField(max_length=64)),
                ("subject", models.TextField()),
                ("detail", models.JSONField()),
                ("items_digest", models.CharField(max_length=64, null=True)),
            ],
            options={
                "db_table": "trail",
                "indexes": [models.Index(fields=["subject"], name="trail_by_subject")],
            },
        ),
        migrations.RunSQL(
            "REVOKE ALL ON trail FROM mingcha_app, mingcha_job;"
            "GRANT SELECT, INSERT ON trail TO mingcha_app, mingcha_job",
            migrations.RunSQL.noop,
        ),
    ]
