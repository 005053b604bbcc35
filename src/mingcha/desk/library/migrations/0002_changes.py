# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0002_changes.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.TextField()),
                ("intent", models.CharField(choices=[("revise", "修订"), ("withdraw", "停用")], max_length=16)),
                ("state", models.CharField(max_length=16)),
                ("author", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                ("content", models.JSONField(null=True)),
                ("base_version", models.IntegerField()),
                ("valid_from", models.DateField()),
                ("revision", models.IntegerField(default=1)),
                ("remarks", models.JSONField(default=list)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "rule_draft",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["draft", "checked", "trialled", "shadow", "submitted", "signed", "discarded"],
                            )
                        ),
                        name="rule_draft_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content", None), ("intent", "withdraw")),
                            models.Q(("content__isnull", False), ("intent", "revise")),
                            _connector="OR",
                        ),
                        name="rule_draft_content",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("signed", "discarded")), _negated=True),
                        fields=("rule",),
                        name="rule_draft_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("revision", models.IntegerField()),
                ("shadow", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "排队"), ("running", "进行中"), ("done", "已完成"), ("failed", "未完成")],
                        max_length=16,
                    ),
                ),
                ("by", models.CharField(max_length=64)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                ("watermark", models.BigIntegerField(null=True)),
                ("step", models.TextField(default="")),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("beat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("report", models.JSONField(null=True)),
                ("error", models.TextField(default="")),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="library.draft")),
            ],
            options={
                "db_table": "rule_trial",
            },
        ),
        migrations.CreateModel(
            name="TrialHit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "side",
                    models.CharField(
                        choices=[("added", "新增命中"), ("gone", "不再命中"), ("changed", "金额有变")], max_length=16
                    ),
                ),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("provider", models.TextField()),
                ("visit", models.TextField(null=True)),
                ("line", models.TextField(null=True)),
                ("day", models.DateField()),
                ("item", models.TextField(null=True)),
                ("old_fen", models.BigIntegerField(null=True)),
                ("new_fen", models.BigIntegerField(null=True)),
                ("message", models.TextField()),
                ("trial", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="library.trial")),
            ],
            options={
                "db_table": "rule_trial_hit",
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.TextField()),
                ("number", models.IntegerField()),
                ("intent", models.CharField(choices=[("revise", "修订"), ("withdraw", "停用")], max_length=16)),
                ("content", models.JSONField(null=True)),
                ("valid_from", models.DateField()),
                ("author", models.CharField(max_length=64)),
                ("signer", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                ("signed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("draft", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="library.draft")),
            ],
            options={
                "db_table": "rule_version",
            },
        ),
        migrations.AddIndex(
            model_name="trial",
            index=models.Index(fields=["draft", "-id"], name="rule_trial_newest"),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("rule", "number"), name="rule_version_once"),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(("author", models.F("signer")), _negated=True), name="rule_version_two_people"
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
