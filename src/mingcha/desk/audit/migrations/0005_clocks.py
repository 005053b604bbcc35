# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models

RIGHTS = "GRANT UPDATE (paused_left) ON finding TO mingcha_app"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_steps"),
    ]

    operations = [
        migrations.AddField(model_name="finding", name="paused_left", field=models.SmallIntegerField(null=True)),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                name="finding_clock_runs_or_stands",
                condition=models.Q(("due", None), ("paused_left", None), _connector="OR"),
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
