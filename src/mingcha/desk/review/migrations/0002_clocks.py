# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models

NAMES = [
    "adopt", "drop", "make-lead", "accept", "appeal", "appeal-again", "lapse", "uphold", "grant", "ask-panel",
    "panel-uphold", "panel-revoke", "sign", "send-back", "deduct", "reverse", "rule-gone", "reopen", "extend", "pause",
    "resume",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0001_initial"),
        ("audit", "0005_clocks"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="act", name="review_act_known"),
        migrations.AddConstraint(
            model_name="act",
            constraint=models.CheckConstraint(name="review_act_known", condition=models.Q(name__in=NAMES)),
        ),
        migrations.AddField(
            model_name="moved", name="acting_for", field=models.CharField(db_default="", max_length=64)
        ),
    ]
