# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations

TABLES = Path(__file__).with_name("0001_batches.sql").read_text()


class Migration(migrations.Migration):
    """SQL alone, as the books are: nothing here goes through the ORM."""

    initial = True

    dependencies = [
        ("benefits", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(TABLES, migrations.RunSQL.noop),
    ]
