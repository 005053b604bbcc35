# ruff: noqa: RUF012  (Django wants plain lists here)

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

RIGHTS = """
REVOKE ALL ON delegation, recusal, access_request FROM mingcha_app, mingcha_job;
GRANT SELECT ON delegation, recusal, access_request TO mingcha_app, mingcha_job;
GRANT INSERT ON delegation, recusal, access_request TO mingcha_app;
GRANT UPDATE (ended_at) ON delegation TO mingcha_app;
GRANT UPDATE (until) ON recusal TO mingcha_app;
GRANT UPDATE (status, decided_at, decided_by, answer) ON access_request TO mingcha_app;

-- Whatever is done with a lent post says for whom, whichever app enters it.
CREATE FUNCTION trail_says_for_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('mingcha.for', true), '') <> '' THEN
        NEW.detail := NEW.detail || jsonb_build_object('for', current_setting('mingcha.for', true));
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER trail_says_for_whom BEFORE INSERT ON trail FOR EACH ROW EXECUTE FUNCTION trail_says_for_whom();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_second_step"), ("trail", "0001_initial")]

    operations = [
        migrations.CreateModel(
            "Delegation",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("reason", models.TextField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "lender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lent", to="accounts.account"
                    ),
                ),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="borrowed", to="accounts.account"
                    ),
                ),
            ],
            options={
                "db_table": "delegation",
                "constraints": [
                    models.CheckConstraint(
                        name="delegation_to_another",
                        condition=models.Q(("lender", models.F("delegate")), _negated=True),
                    ),
                    models.CheckConstraint(
                        name="delegation_forward", condition=models.Q(("until__gte", models.F("since")))
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Recusal",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.TextField()),
                ("provider", models.TextField()),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("reason", models.TextField()),
                ("declared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "recusal",
                "indexes": [models.Index(name="recusal_by_account", fields=["account", "provider"])],
                "constraints": [
                    models.CheckConstraint(
                        name="recusal_forward",
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "AccessRequest",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=16)),
                ("scope", models.TextField()),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("status", models.CharField(default="pending", max_length=16)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, default="", max_length=64)),
                ("answer", models.TextField(blank=True, default="")),
                (
                    "account",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.account"),
                ),
            ],
            options={
                "db_table": "access_request",
                "constraints": [
                    models.UniqueConstraint(
                        name="access_request_one_open",
                        fields=["account"],
                        condition=models.Q(("status", "pending")),
                    ),
                    models.CheckConstraint(
                        name="access_request_decided",
                        condition=models.Q(
                            models.Q(("status", "pending"), ("decided_at", None)),
                            models.Q(("status__in", ["approved", "declined"]), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
