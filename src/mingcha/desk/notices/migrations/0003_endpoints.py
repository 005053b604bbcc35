# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations

TABLES = Path(__file__).with_name("0003_endpoints.sql").read_text()


class Migration(migrations.Migration):
    """SQL alone: nothing here goes through the ORM."""

    dependencies = [("notices", "0002_deliveries")]

    operations = [
        migrations.RunSQL(TABLES, migrations.RunSQL.noop),
    ]
