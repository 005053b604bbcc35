# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models

_RIGHTS = """
REVOKE ALL ON trail, trail_seal FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT (by, action, subject, detail, items_digest) ON trail TO mingcha_app, mingcha_job;
GRANT SELECT ON trail_seal TO mingcha_app, mingcha_job;
GRANT INSERT ON trail_seal TO mingcha_job
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TrailSeal",
            fields=[
                ("n", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("digest", models.BinaryField()),
                ("hash", models.BinaryField(unique=True)),
            ],
            options={
                "db_table": "trail_seal",
                "constraints": [models.CheckConstraint(condition=models.Q(n__gt=0), name="trail_seal_numbered")],
            },
        ),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(fields=["at", "id"], name="trail_at"),
        ),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(fields=["by", "at", "id"], name="trail_by_person"),
        ),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(fields=["action", "at", "id"], name="trail_by_action"),
        ),
        # Number and time of an entry are the database's: nobody who writes entries can date one back.
        migrations.RunSQL(_RIGHTS, migrations.RunSQL.noop),
    ]
