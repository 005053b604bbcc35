# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations

TABLES = Path(__file__).with_name("0001_selfcheck.sql").read_text("utf-8")


class Migration(migrations.Migration):
    """SQL alone: nothing here goes through the ORM."""

    initial = True

    dependencies = [("jobs", "0002_selfcheck")]

    operations = [migrations.RunSQL(TABLES, "DROP TABLE selfcheck_finding, selfcheck_run")]
