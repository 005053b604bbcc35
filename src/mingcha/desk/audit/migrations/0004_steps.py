# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = Path(__file__).with_name("0004_steps.sql").read_text()
OLD = (  # row security holds for the owner too
    "SELECT set_config('mingcha.scope', '*', true);"
    " UPDATE finding SET step = CASE state WHEN 'open' THEN 'first' WHEN 'decided' THEN 'notified' ELSE state END"
)
STEPS = [
    "first", "notified", "appealed", "upheld", "panel", "final", "signed", "deducted", "dropped", "revoked", "lead",
    "withdrawn",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_audit_rules"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="finding", name="finding_state_known"),
        migrations.RemoveConstraint(model_name="finding", name="finding_withdrawn_with_reason"),
        migrations.AddField(
            model_name="finding", name="step", field=models.CharField(default="first", max_length=16)
        ),
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="finding", name="state"),
        migrations.AddField(
            model_name="finding",
            name="state",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(step="first", then=models.Value("open")),
                    models.When(step="withdrawn", then=models.Value("withdrawn")),
                    default=models.Value("decided"),
                ),
                output_field=models.CharField(max_length=16),
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="step_since",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(model_name="finding", name="due", field=models.DateField(null=True)),
        migrations.AddField(model_name="finding", name="extended", field=models.BooleanField(db_default=False)),
        migrations.AddField(model_name="finding", name="assignee", field=models.CharField(max_length=64, null=True)),
        migrations.AddField(
            model_name="finding",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("confirmed", "属实"),
                    ("partly", "部分属实"),
                    ("false_positive", "误报"),
                    ("no_data", "无法核实"),
                    ("withdrawn", "撤回"),
                ],
                max_length=16,
                null=True,
            ),
        ),
        migrations.AddField(model_name="findingline", name="decided_fen", field=models.BigIntegerField(null=True)),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["step", "-counted_fen", "id"], name="finding_by_step"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(condition=models.Q(("due__isnull", False)), fields=["due"], name="finding_by_due"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False)), fields=["assignee"], name="finding_by_assignee"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(condition=models.Q(("step__in", STEPS)), name="finding_step_known"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("step", "withdrawn"), ("withdrawn_reason__isnull", False)),
                    models.Q(models.Q(("step", "withdrawn"), _negated=True), ("withdrawn_reason", None)),
                    _connector="OR",
                ),
                name="finding_withdrawn_with_reason",
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
