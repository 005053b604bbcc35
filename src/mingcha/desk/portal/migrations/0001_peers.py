# ruff: noqa: RUF012  (Django wants plain lists here)

from pathlib import Path

from django.db import migrations

PEERS = Path(__file__).with_name("0001_peers.sql").read_text("utf-8")


class Migration(migrations.Migration):
    """A provider beside others of its kind, of whom it learns quartiles and nothing else."""

    dependencies = [("audit", "0007_fewer_indexes"), ("reminders", "0007_day")]

    operations = [migrations.RunSQL(PEERS, "DROP FUNCTION facts.peer_statistics(); DROP POLICY peers ON reminder_day")]
