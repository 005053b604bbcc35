# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations

ORDER = """
CREATE INDEX money_statement_line_in_order ON money_statement_line (statement_id, fen DESC, finding_id, visit, line);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("money", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(ORDER, migrations.RunSQL.noop),
    ]
