"""Accounts of people. What a role may do stands in shell/permissions.py; which rows it sees, in the database."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Role(models.TextChoices):
    """A person's post. The words are the bureau's."""

    SUPERVISOR = "supervisor", "监管岗"
    REVIEWER = "reviewer", "审核岗"
    KNOWLEDGE = "knowledge", "规则岗"
    LEADER = "leader", "分管领导"
    ADMIN = "admin", "系统管理员"


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up by their login name; creating one is an action (actions.open_account)."""


class Account(AbstractBaseUser):
    """One person's login. `scope` lists the root areas of the subtrees whose rows this person may see."""

    username = models.CharField("用户名", max_length=64, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    organisation = models.CharField("单位", max_length=120, blank=True)
    role = models.CharField("岗位", max_length=16, choices=Role.choices)
    scope = models.TextField("辖区", help_text="辖区代码，多个用逗号分隔")
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.CharField(max_length=64)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name", "role", "scope"]  # noqa: RUF012  (as Django declares it)

    class Meta:
        db_table = "account"
        constraints: ClassVar = [
            models.CheckConstraint(name="account_role_known", condition=models.Q(role__in=Role.values)),
            models.CheckConstraint(name="account_scope_given", condition=~models.Q(scope="")),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def post(self) -> str:
        """The Chinese name of the role, as the top bar shows it."""
        return Role(self.role).label
