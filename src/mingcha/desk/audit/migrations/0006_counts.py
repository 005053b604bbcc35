# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations, models

COUNTS = Path(__file__).with_name("0006_counts.sql").read_text()
GOING = ["notified", "appealed", "upheld", "panel", "final", "signed"]
TAB = models.Case(
    models.When(step="first", then=models.Value("open")),
    models.When(step="upheld", then=models.Value("notified")),
    models.When(step__in=["dropped", "revoked", "lead"], then=models.Value("closed")),
    default=models.F("step"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_clocks"),
    ]

    operations = [
        migrations.CreateModel(
            name="FindingCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fund_area", models.TextField()),
                ("care_area", models.TextField()),
                ("certainty", models.CharField(max_length=16)),
                ("step", models.CharField(max_length=16)),
                ("rule", models.TextField(db_default="")),
                ("provider", models.TextField(db_default="")),
                ("month", models.CharField(db_default="", max_length=7)),
                ("n", models.BigIntegerField()),
                ("fen", models.BigIntegerField()),
                ("folded", models.BooleanField(db_default=False)),
            ],
            options={"db_table": "finding_count"},
        ),
        migrations.CreateModel(
            name="FindingItem",
            fields=[("name", models.TextField(primary_key=True, serialize=False))],
            options={"db_table": "finding_item"},
        ),
        migrations.AddField(
            model_name="finding",
            name="tab",
            field=models.GeneratedField(
                db_persist=True, expression=TAB, output_field=models.CharField(max_length=16)
            ),
        ),
        migrations.RemoveIndex(model_name="finding", name="finding_by_step"),
        migrations.AddIndex(
            "finding", models.Index(fields=["tab", "-counted_fen", "id"], name="finding_by_tab_amount")
        ),
        migrations.AddIndex("finding", models.Index(fields=["tab", "-day", "id"], name="finding_by_tab_day")),
        migrations.AddIndex(
            "finding", models.Index(fields=["provider", "tab", "-counted_fen", "id"], name="finding_by_provider_tab")
        ),
        migrations.AddIndex(
            "finding", models.Index(fields=["rule", "tab", "-counted_fen", "id"], name="finding_by_rule_tab")
        ),
        migrations.AddIndex(
            "finding",
            models.Index(condition=models.Q(step="first"), fields=["certainty", "-counted_fen", "id"],
                         name="finding_by_certainty"),
        ),
        migrations.AddIndex(
            "finding",
            models.Index(condition=models.Q(step__in=GOING), fields=["step", "provider"], name="finding_under_way"),
        ),
        migrations.AddIndex("finding", models.Index(fields=["item_name"], name="finding_by_item")),
        migrations.AddIndex("finding", models.Index(fields=["practitioner"], name="finding_by_practitioner")),
        migrations.AddIndex("finding", models.Index(fields=["visit"], name="finding_by_visit_alone")),
        migrations.AddIndex(
            "finding",
            models.Index(condition=models.Q(outcome__isnull=False), fields=["rule", "provider", "-step_since"],
                         name="finding_by_outcome"),
        ),
        migrations.AddIndex(
            "finding",
            models.Index(condition=models.Q(outcome__isnull=False), fields=["rule", "-step_since"],
                         name="finding_by_outcome_newest"),
        ),
        migrations.RunSQL(COUNTS, migrations.RunSQL.noop),
    ]  # fmt: skip
