# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models

ROLES = [
    ("supervisor", "监管岗"),
    ("reviewer", "审核岗"),
    ("knowledge", "规则岗"),
    ("leader", "分管领导"),
    ("finance", "财务岗"),
    ("expert", "评审专家"),
    ("provider", "机构医保办"),
    ("admin", "系统管理员"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_knowledge_post"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="account", name="account_role_known"),
        migrations.AlterField(
            model_name="account",
            name="role",
            field=models.CharField(choices=ROLES, max_length=16, verbose_name="岗位"),
        ),
        migrations.AddField(
            model_name="account",
            name="provider",
            field=models.CharField(blank=True, max_length=60, null=True, verbose_name="定点机构"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", [role for role, _ in ROLES])), name="account_role_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("provider__isnull", False), ("role", "provider"))
                | models.Q(models.Q(("role", "provider"), _negated=True), ("provider", None)),
                name="account_provider_of_its_post",
            ),
        ),
    ]
