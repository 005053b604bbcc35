# ruff: noqa: RUF012  (Django wants plain lists here)

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_outsiders")]

    operations = [
        migrations.AddField(
            "account",
            "password_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="密码修改时间"),
        ),
        migrations.AddField("account", "session_number", models.PositiveIntegerField(default=0)),
        migrations.AddField("account", "session_ended", models.CharField(blank=True, default="", max_length=16)),
        migrations.CreateModel(
            "FormerPassword",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128)),
                ("until", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.account"),
                ),
            ],
            options={"db_table": "former_password"},
        ),
        migrations.RunSQL(
            "REVOKE ALL ON former_password FROM mingcha_app, mingcha_job;"
            "GRANT SELECT, INSERT ON former_password TO mingcha_app",
            migrations.RunSQL.noop,
        ),
    ]
