# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    """A self-check is a job, too; the database knows kinds as text."""

    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.AlterField(
            "job",
            "kind",
            models.CharField(
                choices=[("export", "导出疑点清单"), ("count", "精确计数"), ("selfcheck", "自查")], max_length=16
            ),
        ),
    ]
