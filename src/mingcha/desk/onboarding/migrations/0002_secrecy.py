# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0001_initial")]

    operations = [
        migrations.AddField("onboarding", "client", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("onboarding", "public_key", models.CharField(blank=True, default="", max_length=130)),
        migrations.AddField("onboarding", "encrypted", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "onboarding",
            models.CheckConstraint(
                name="onboarding_secrecy_with_client",
                condition=models.Q(("client", ""), _negated=True) | models.Q(("public_key", ""), ("encrypted", False)),
            ),
        ),
        migrations.RunSQL(
            "GRANT UPDATE (client, public_key, encrypted) ON onboarding TO mingcha_app",
            "REVOKE UPDATE (client, public_key, encrypted) ON onboarding FROM mingcha_app",
        ),
    ]
