# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations

TABLES = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    """Payment by instalments, and receipts that are kept back from what the fund pays."""

    dependencies = [
        ("money", "0002_lines_in_order"),
    ]

    operations = [
        migrations.RunSQL(TABLES, migrations.RunSQL.noop),
    ]
