# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="account",
            name="account_role_known",
        ),
        migrations.AlterField(
            model_name="account",
            name="role",
            field=models.CharField(
                choices=[
                    ("supervisor", "监管岗"),
                    ("reviewer", "审核岗"),
                    ("knowledge", "规则岗"),
                    ("leader", "分管领导"),
                    ("admin", "系统管理员"),
                ],
                max_length=16,
                verbose_name="岗位",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["supervisor", "reviewer", "knowledge", "leader", "admin"])),
                name="account_role_known",
            ),
        ),
    ]
