# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models

RIGHTS = """
ALTER TABLE review_view ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON review_view USING (account = (SELECT facts.own_account()));
REVOKE ALL ON review_view FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON review_view TO mingcha_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0002_clocks"),
    ]

    operations = [
        migrations.CreateModel(
            name="View",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=20)),
                ("query", models.TextField()),
            ],
            options={
                "db_table": "review_view",
                "constraints": [
                    models.UniqueConstraint(fields=("account", "name"), name="review_view_once"),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
