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
    FINANCE = "finance", "财务岗"
    EXPERT = "expert", "评审专家"
    PROVIDER = "provider", "机构医保办"
    ADMIN = "admin", "系统管理员"


OUTSIDERS = frozenset({Role.EXPERT.value, Role.PROVIDER.value})
"""Posts outside the office: they see no area, only what a table opens to their provider or to them by name."""


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up by their login name; creating one is an action (actions.open_account)."""


class Account(AbstractBaseUser):
    """One person's login. `scope` lists the root areas of the subtrees whose rows this person may see.

    For a post outside the office it says which areas look after the account, and opens nothing (see `sees`).
    """

    username = models.CharField("用户名", max_length=64, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    organisation = models.CharField("单位", max_length=120, blank=True)
    role = models.CharField("岗位", max_length=16, choices=Role.choices)
    scope = models.TextField("辖区", help_text="辖区代码，多个用逗号分隔")
    provider = models.CharField("定点机构", max_length=60, null=True, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    password_at = models.DateTimeField("密码修改时间", db_default=models.functions.Now())
    session_number = models.PositiveIntegerField(default=0)
    session_ended = models.CharField(max_length=16, blank=True, default="")
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
            models.CheckConstraint(
                name="account_provider_of_its_post",
                condition=models.Q(role="provider", provider__isnull=False)
                | (~models.Q(role="provider") & models.Q(provider=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def sees(self) -> str:
        """The areas whose rows the person sees, as `mingcha.scope` wants them; empty for posts outside the office."""
        return "" if self.role in OUTSIDERS else self.scope

    @property
    def post(self) -> str:
        """The Chinese name of the role, as the top bar shows it."""
        return Role(self.role).label


class FormerPassword(models.Model):
    """The hash of a password an account had before; never changed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    password = models.CharField(max_length=128)
    until = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "former_password"


class SecondStep(models.Model):
    """The secret of an account's one-time codes, sealed with the home's keys; in force once confirmed by a code."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True)
    sealed = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        db_table = "second_step"


class RecoveryCode(models.Model):
    """A code that opens the account once without the phone. Only its keyed digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        constraints: ClassVar = [models.UniqueConstraint(name="recovery_code_once", fields=["account", "digest"])]


class Delegation(models.Model):
    """A post lent to a colleague while its holder is away. In force from day to day unless taken back."""

    lender = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lent")
    delegate = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="borrowed")
    since = models.DateField()
    until = models.DateField()
    reason = models.TextField()
    made_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "delegation"
        constraints: ClassVar = [
            models.CheckConstraint(name="delegation_to_another", condition=~models.Q(lender=models.F("delegate"))),
            models.CheckConstraint(name="delegation_forward", condition=models.Q(until__gte=models.F("since"))),
        ]


class Recusal(models.Model):
    """A provider somebody must not decide on (回避), by login name so that set-based statements can ask for it."""

    account = models.TextField()
    provider = models.TextField()
    since = models.DateField()
    until = models.DateField(null=True)
    reason = models.TextField()
    declared_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "recusal"
        indexes: ClassVar = [models.Index(name="recusal_by_account", fields=["account", "provider"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="recusal_forward", condition=models.Q(until=None) | models.Q(until__gte=models.F("since"))
            )
        ]


class AccessRequest(models.Model):
    """Somebody's own wish for another post or wider areas, and what an administrator made of it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    role = models.CharField(max_length=16)
    scope = models.TextField()
    reason = models.TextField()
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    status = models.CharField(max_length=16, default="pending")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    answer = models.TextField(blank=True, default="")

    class Meta:
        db_table = "access_request"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="access_request_one_open", fields=["account"], condition=models.Q(status="pending")
            ),
            models.CheckConstraint(
                name="access_request_decided",
                condition=models.Q(status="pending", decided_at=None)
                | models.Q(status__in=["approved", "declined"], decided_at__isnull=False),
            ),
        ]
