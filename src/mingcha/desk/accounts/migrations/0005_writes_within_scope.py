# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations

GUARD = """
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
-- Names stand beside acts all over the desk, and a login looks its account up before anybody is known.
CREATE POLICY known ON account FOR SELECT USING (true);
-- Who is logged in writes the own account and those all of whose areas lie within the own. Nobody logged in: a login
-- being made, or a process of the platform's own.
CREATE POLICY opened ON account FOR INSERT WITH CHECK (
    facts.own_account() IS NULL OR (SELECT facts.sees_all())
    OR string_to_array(scope, ',') <@ (SELECT facts.scope_areas()));
CREATE POLICY changed ON account FOR UPDATE USING (
    facts.own_account() IS NULL OR username = facts.own_account() OR (SELECT facts.sees_all())
    OR string_to_array(scope, ',') <@ (SELECT facts.scope_areas()));
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_sessions")]

    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
