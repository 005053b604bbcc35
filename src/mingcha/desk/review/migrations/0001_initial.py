# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0001_rights.sql").read_text()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0004_steps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.UUIDField(unique=True)),
                ("name", models.CharField(max_length=16)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("moved", models.IntegerField(db_default=0)),
                ("passed_over", models.JSONField(default=dict)),
                ("fen", models.BigIntegerField(db_default=0)),
            ],
            options={
                "db_table": "review_act",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "name__in",
                                [
                                    "adopt",
                                    "drop",
                                    "make-lead",
                                    "accept",
                                    "appeal",
                                    "appeal-again",
                                    "lapse",
                                    "uphold",
                                    "grant",
                                    "ask-panel",
                                    "panel-uphold",
                                    "panel-revoke",
                                    "sign",
                                    "send-back",
                                    "deduct",
                                    "reverse",
                                    "rule-gone",
                                    "reopen",
                                ],
                            )
                        ),
                        name="review_act_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Moved",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("provider", models.TextField()),
                ("name", models.CharField(max_length=16)),
                ("level", models.CharField(max_length=16)),
                ("before", models.CharField(max_length=16)),
                ("after", models.CharField(max_length=16)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("reason", models.TextField(db_default="")),
                ("counted_fen", models.BigIntegerField()),
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
                "db_table": "review_move",
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "act"), name="review_move_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "before__in",
                                [
                                    "first",
                                    "notified",
                                    "appealed",
                                    "upheld",
                                    "panel",
                                    "final",
                                    "signed",
                                    "deducted",
                                    "dropped",
                                    "revoked",
                                    "lead",
                                    "withdrawn",
                                ],
                            )
                        ),
                        name="review_move_steps",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("expert", models.CharField(max_length=64)),
                ("question", models.TextField(db_default="")),
                ("asked_by", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due", models.DateField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("uphold", "支持认定"), ("partly", "部分支持"), ("revoke", "不支持认定")],
                        max_length=16,
                        null=True,
                    ),
                ),
                ("words", models.TextField(db_default="")),
                ("given_at", models.DateTimeField(null=True)),
                ("finding", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="audit.finding")),
            ],
            options={
                "db_table": "review_opinion",
                "indexes": [models.Index(fields=["expert", "-asked_at"], name="review_opinion_by_expert")],
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "expert"), name="review_opinion_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_at", None), ("verdict", None)),
                            models.Q(
                                ("given_at__isnull", False),
                                ("verdict__isnull", False),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="review_opinion_given_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("provider", models.TextField()),
                ("name", models.TextField()),
                ("type", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finding", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="audit.finding")),
            ],
            options={
                "db_table": "review_paper",
                "constraints": [models.UniqueConstraint(fields=("finding", "sha256"), name="review_paper_once")],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
