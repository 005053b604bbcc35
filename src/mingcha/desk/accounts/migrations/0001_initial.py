# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=64, unique=True, verbose_name="用户名")),
                ("display_name", models.CharField(max_length=60, verbose_name="姓名")),
                ("organisation", models.CharField(blank=True, max_length=120, verbose_name="单位")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("supervisor", "监管岗"),
                            ("reviewer", "审核岗"),
                            ("leader", "分管领导"),
                            ("admin", "系统管理员"),
                        ],
                        max_length=16,
                        verbose_name="岗位",
                    ),
                ),
                ("scope", models.TextField(help_text="辖区代码，多个用逗号分隔", verbose_name="辖区")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("must_change_password", models.BooleanField(default=False, verbose_name="下次登录须改密码")),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                ("opened_by", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "account",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["supervisor", "reviewer", "leader", "admin"])),
                        name="account_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope", ""), _negated=True), name="account_scope_given"
                    ),
                ],
            },
        ),
        # Accounts are closed, never deleted: the trail keeps naming them.
        migrations.RunSQL(
            "REVOKE ALL ON account FROM mingcha_app, mingcha_job;"
            "GRANT SELECT, INSERT, UPDATE ON account TO mingcha_app",
            migrations.RunSQL.noop,
        ),
    ]
