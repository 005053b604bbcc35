# ruff: noqa: RUF012  (Django wants plain lists here)

import django.db.models.deletion
from django.db import migrations, models

RIGHTS = """
SELECT facts.protect('review_line_answer'::regclass);
ALTER TABLE review_line_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON review_line_answer USING (provider = (SELECT facts.own_provider()));
REVOKE ALL ON review_line_answer FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON review_line_answer TO mingcha_app, mingcha_job;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0003_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="LineAnswer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("provider", models.TextField()),
                ("visit", models.TextField()),
                ("line", models.TextField()),
                ("claim_fen", models.BigIntegerField()),
                ("accepted_fen", models.BigIntegerField()),
                ("disputed_fen", models.BigIntegerField()),
                ("reason", models.TextField(db_default="")),
                (
                    "act",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="review.act"),
                ),
                (
                    "finding",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="audit.finding"),
                ),
            ],
            options={
                "db_table": "review_line_answer",
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "act", "visit", "line"), name="review_line_answer_once"),
                    models.CheckConstraint(
                        name="review_line_answer_adds_up",
                        condition=models.Q(
                            accepted_fen__gte=0,
                            disputed_fen__gte=0,
                            claim_fen=models.F("accepted_fen") + models.F("disputed_fen"),
                        ),
                    ),
                    models.CheckConstraint(
                        name="review_line_answer_says_why",
                        condition=models.Q(disputed_fen=0) | ~models.Q(reason=""),
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
