# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations


class Migration(migrations.Migration):
    """Without indexes no query reads any more: a move of fifty thousand findings writes every index there is.

    The last is Django's for LIKE, which PostgreSQL doesn't use under row security (docs/adr/0021).
    """

    dependencies = [
        ("audit", "0006_counts"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="finding", name="finding_by_provider"),
        migrations.RemoveIndex(model_name="finding", name="finding_by_visit"),
        migrations.RunSQL("DROP INDEX IF EXISTS finding_id_7b45e814_like", migrations.RunSQL.noop),
    ]
