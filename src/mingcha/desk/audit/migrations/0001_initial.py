# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0001_rights.sql").read_text()


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ProviderDirectory",
            fields=[
                ("provider", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("type", models.TextField(null=True)),
                ("level", models.TextField(null=True)),
                ("area", models.TextField(null=True)),
            ],
            options={
                "db_table": "provider_directory",
            },
        ),
        migrations.CreateModel(
            name="RuleDirectory",
            fields=[
                ("rule", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("category", models.TextField(null=True)),
                ("national_code", models.TextField(null=True)),
                ("kind", models.TextField(null=True)),
                ("severity", models.TextField(null=True)),
                ("certainty", models.TextField(null=True)),
            ],
            options={
                "db_table": "rule_directory",
            },
        ),
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("by", models.CharField(max_length=64)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "进行中"), ("done", "已完成"), ("failed", "已中断")], max_length=16
                    ),
                ),
                ("watermark", models.BigIntegerField()),
                ("snapshot", models.BigIntegerField()),
                ("pack_hash", models.TextField()),
                ("pack_version", models.TextField()),
                ("scope", models.JSONField()),
            ],
            options={
                "db_table": "audit",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("status", "running")),
                            models.Q(
                                ("status__in", ("done", "failed")), models.Q(("finished_at", None), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="audit_finished_when_done",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("rule", models.TextField()),
                ("provider", models.TextField()),
                ("findings", models.IntegerField()),
                ("lines", models.IntegerField()),
                ("counted_fen", models.BigIntegerField()),
                ("added", models.IntegerField()),
                ("withdrawn", models.IntegerField()),
                ("audit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="audit.audit")),
            ],
            options={
                "db_table": "audit_count",
            },
        ),
        migrations.CreateModel(
            name="CannotTell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("care_area", models.TextField()),
                ("rule", models.TextField()),
                ("provider", models.TextField()),
                ("missing", models.TextField()),
                ("count", models.BigIntegerField()),
                ("audit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="audit.audit")),
            ],
            options={
                "db_table": "cannot_tell",
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.CharField(max_length=18, primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("rule", models.TextField()),
                ("frame", models.TextField()),
                ("key", models.TextField()),
                ("rule_version", models.IntegerField()),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("definite", "明确违规"),
                            ("suspected", "可疑"),
                            ("advisory", "提示"),
                            ("lead", "线索"),
                        ],
                        max_length=16,
                    ),
                ),
                ("provider", models.TextField()),
                ("person", models.BigIntegerField(null=True)),
                ("visit", models.TextField(null=True)),
                ("line", models.TextField(null=True)),
                ("day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待核实"), ("decided", "已认定"), ("withdrawn", "已撤回")], max_length=16
                    ),
                ),
                ("improper_fen", models.BigIntegerField()),
                ("counted_fen", models.BigIntegerField()),
                ("fund_loss_fen", models.BigIntegerField(null=True)),
                ("lines", models.IntegerField()),
                ("latest_observation", models.BigIntegerField(null=True)),
                (
                    "withdrawn_reason",
                    models.CharField(
                        choices=[("not_flagged", "重新机审未再命中"), ("rule_gone", "规则已停用")],
                        max_length=16,
                        null=True,
                    ),
                ),
                ("visit_type", models.TextField(null=True)),
                ("department", models.TextField(null=True)),
                ("practitioner", models.TextField(null=True)),
                ("item_name", models.TextField(null=True)),
                (
                    "first_audit",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.audit"
                    ),
                ),
            ],
            options={
                "db_table": "finding",
            },
        ),
        migrations.CreateModel(
            name="FindingLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("provider", models.TextField()),
                ("visit", models.TextField()),
                ("line", models.TextField()),
                ("improper_fen", models.BigIntegerField()),
                ("in_scope_fen", models.BigIntegerField(null=True)),
                ("counted_fen", models.BigIntegerField()),
                ("counted_under", models.CharField(max_length=18, null=True)),
                ("settled_fund_fen", models.BigIntegerField(null=True)),
                ("settled_in_scope_fen", models.BigIntegerField(null=True)),
                ("fund_loss_fen", models.BigIntegerField(null=True)),
                (
                    "finding",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="audit.finding"),
                ),
            ],
            options={
                "db_table": "finding_line",
            },
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("rule_version", models.IntegerField(null=True)),
                ("pack_hash", models.TextField()),
                ("watermark", models.BigIntegerField()),
                ("verdict", models.CharField(max_length=16, null=True)),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("definite", "明确违规"),
                            ("suspected", "可疑"),
                            ("advisory", "提示"),
                            ("lead", "线索"),
                        ],
                        max_length=16,
                    ),
                ),
                ("improper_fen", models.BigIntegerField()),
                ("quantity", models.BigIntegerField(null=True)),
                ("knowledge_ids", models.JSONField()),
                ("witnesses", models.JSONField()),
                ("why", models.JSONField()),
                ("message", models.TextField()),
                ("digest", models.CharField(max_length=32)),
                ("audit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="audit.audit")),
                (
                    "finding",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="audit.finding"),
                ),
            ],
            options={
                "db_table": "observation",
            },
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-counted_fen", "id"], name="finding_by_amount"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-day", "id"], name="finding_by_day"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["provider", "-day"], name="finding_by_provider"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["provider", "visit"], name="finding_by_visit"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["person"], name="finding_by_person"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("fund_area", "rule", "frame", "key"), name="finding_identity"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "decided", "withdrawn"])), name="finding_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["definite", "suspected", "advisory", "lead"])),
                name="finding_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_fen__gte", 0), ("improper_fen__gte", models.F("counted_fen"))),
                name="finding_amounts_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), ("withdrawn_reason__isnull", False)),
                    models.Q(models.Q(("state", "withdrawn"), _negated=True), ("withdrawn_reason", None)),
                    _connector="OR",
                ),
                name="finding_withdrawn_with_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="findingline",
            index=models.Index(fields=["provider", "visit", "line"], name="finding_line_by_line"),
        ),
        migrations.AddConstraint(
            model_name="findingline",
            constraint=models.UniqueConstraint(
                fields=("finding", "provider", "visit", "line"), name="finding_line_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="findingline",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_fen__gte", 0), ("improper_fen__gte", models.F("counted_fen"))),
                name="finding_line_amounts_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.UniqueConstraint(fields=("finding", "audit"), name="observation_once_per_audit"),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", None), ("verdict__in", ("flagged", "clear", "exempt", "cannot_tell")), _connector="OR"
                ),
                name="observation_verdict_known",
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
