# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models
from django.db.models.functions import Now

ALIVE = ["waiting", "running"]
RIGHTS = """
-- A job is seen by whoever asked for it, and by the process that does it.
ALTER TABLE desk_job ENABLE ROW LEVEL SECURITY;
ALTER TABLE desk_job FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON desk_job USING (by = (SELECT facts.own_account()));
CREATE POLICY work ON desk_job TO mingcha_job USING (true);
REVOKE ALL ON desk_job FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON desk_job TO mingcha_app;
GRANT UPDATE (state, finished_at) ON desk_job TO mingcha_app;
GRANT SELECT, UPDATE, DELETE ON desk_job TO mingcha_job;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.UUIDField(unique=True)),
                ("kind", models.CharField(choices=[("export", "导出疑点清单"), ("count", "精确计数")], max_length=16)),
                ("by", models.CharField(max_length=64)),
                ("scope", models.TextField()),
                ("query", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等待中"), ("running", "进行中"), ("done", "已完成"), ("failed", "未完成"),
                            ("cancelled", "已取消"),
                        ],
                        db_default="waiting", max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("done", models.BigIntegerField(db_default=0)),
                ("total", models.BigIntegerField(null=True)),
                ("fen", models.BigIntegerField(null=True)),
                ("bytes", models.BigIntegerField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "desk_job"},
        ),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                name="desk_job_asked_once", fields=["by", "kind", "query"], condition=models.Q(state__in=ALIVE)
            ),
        ),
        migrations.AddConstraint(
            "job",
            models.CheckConstraint(
                name="desk_job_finished_when_over",
                condition=models.Q(state__in=ALIVE, finished_at=None)
                | (~models.Q(state__in=ALIVE) & models.Q(finished_at__isnull=False)),
            ),
        ),
        migrations.AddIndex("job", models.Index(name="desk_job_by_owner", fields=["by", "-id"])),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]  # fmt: skip
