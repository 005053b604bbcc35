# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations

TABLES = Path(__file__).with_name("0001_notices.sql").read_text()


class Migration(migrations.Migration):
    """SQL alone: nothing here goes through the ORM."""

    initial = True

    dependencies = [("accounts", "0007_standing")]

    operations = [
        migrations.RunSQL(TABLES, migrations.RunSQL.noop),
    ]
