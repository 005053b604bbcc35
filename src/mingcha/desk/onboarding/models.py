"""Providers' connections to the gate, their keys and the strengths of reminders. Written only by actions.py."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mingcha.knowledge.bundle import ADVISE, BLOCK, JUSTIFY
from mingcha.procedure.onboarding import ENVIRONMENTS, STATES

EVERYWHERE = "*"
"""The area of a strength that holds for all."""


class StrengthChoice(models.TextChoices):
    """How strong a reminder is."""

    ADVISE = ADVISE, "提示"
    JUSTIFY = JUSTIFY, "须填理由"
    BLOCK = BLOCK, "拦截"


class Onboarding(models.Model):
    """One provider's connection: whose system it is, whom to call, and how far it is."""

    provider = models.TextField(primary_key=True)
    area = models.TextField()
    name = models.TextField()
    system = models.TextField(blank=True, default="")
    contact = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    status = models.CharField(max_length=16, default="adapting")
    client = models.CharField(max_length=64, blank=True, default="")
    public_key = models.CharField(max_length=130, blank=True, default="")
    encrypted = models.BooleanField(default=False)
    registered_at = models.DateTimeField(db_default=models.functions.Now())
    registered_by = models.CharField(max_length=64)

    class Meta:
        db_table = "onboarding"
        constraints: ClassVar = [
            models.CheckConstraint(name="onboarding_status_known", condition=Q(status__in=list(STATES))),
            models.CheckConstraint(
                name="onboarding_secrecy_with_client", condition=~Q(client="") | Q(public_key="", encrypted=False)
            ),
        ]


class Step(models.Model):
    """When a connection became what it is or was, and who moved it. Never changed."""

    id = models.BigAutoField(primary_key=True)
    onboarding = models.ForeignKey(Onboarding, on_delete=models.PROTECT)
    area = models.TextField()
    status = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=models.functions.Now())
    by = models.CharField(max_length=64)
    reason = models.TextField(blank=True, default="")

    class Meta:
        db_table = "onboarding_step"


class Key(models.Model):
    """A signing key. The secret is sealed with a key of the home, was shown once, and is never shown again."""

    id = models.CharField(primary_key=True, max_length=16)
    onboarding = models.ForeignKey(Onboarding, on_delete=models.PROTECT)
    area = models.TextField()
    environment = models.CharField(max_length=16)
    sealed = models.BinaryField()
    issued_at = models.DateTimeField(db_default=models.functions.Now())
    issued_by = models.CharField(max_length=64)
    valid_until = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, null=True)
    revoked_reason = models.TextField(null=True)

    class Meta:
        db_table = "onboarding_key"
        constraints: ClassVar = [
            models.CheckConstraint(name="onboarding_key_environment", condition=Q(environment__in=list(ENVIRONMENTS))),
            models.CheckConstraint(
                name="onboarding_key_revoked_by_somebody",
                condition=Q(revoked_at=None, revoked_by=None, revoked_reason=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False, revoked_reason__isnull=False),
            ),
        ]


class Problem(models.Model):
    """Something that stands between a provider and going live, until somebody closes it."""

    id = models.BigAutoField(primary_key=True)
    onboarding = models.ForeignKey(Onboarding, on_delete=models.PROTECT)
    area = models.TextField()
    words = models.TextField()
    opened_at = models.DateTimeField(db_default=models.functions.Now())
    opened_by = models.CharField(max_length=64)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, null=True)
    closed_how = models.TextField(null=True)

    class Meta:
        db_table = "onboarding_problem"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="onboarding_problem_closed_by_somebody",
                condition=Q(closed_at=None, closed_by=None, closed_how=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_how__isnull=False),
            ),
        ]


class ReminderStrength(models.Model):
    """How strong a rule's reminders are in an area (and those below it), or with one provider, until withdrawn."""

    id = models.BigAutoField(primary_key=True)
    rule = models.TextField()
    area = models.TextField()
    provider = models.TextField(null=True)
    strength = models.CharField(max_length=16, choices=StrengthChoice.choices)
    reason = models.TextField()
    set_at = models.DateTimeField(db_default=models.functions.Now())
    set_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, null=True)
    withdrawn_reason = models.TextField(null=True)

    class Meta:
        db_table = "reminder_strength"
        constraints: ClassVar = [
            models.CheckConstraint(name="reminder_strength_known", condition=Q(strength__in=StrengthChoice.values)),
            models.CheckConstraint(
                name="reminder_strength_withdrawn_by_somebody",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn_reason__isnull=False),
            ),
            models.UniqueConstraint(
                "rule",
                "area",
                models.functions.Coalesce("provider", models.Value("")),
                name="reminder_strength_one_a_place",
                condition=Q(withdrawn_at=None),
            ),
        ]


class Snooze(models.Model):
    """A rule's advice that a provider, or a department or practitioner of it, isn't shown until a day.

    It ends by itself after that day, or when somebody ends it.
    """

    id = models.BigAutoField(primary_key=True)
    rule = models.TextField()
    area = models.TextField()
    provider = models.TextField()
    department = models.TextField(default="")
    practitioner = models.TextField(default="")
    until = models.DateField()
    reason = models.TextField()
    set_at = models.DateTimeField(db_default=models.functions.Now())
    set_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, null=True)
    ended_reason = models.TextField(null=True)

    class Meta:
        db_table = "reminder_snooze"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reminder_snooze_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None, ended_reason=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__isnull=False),
            ),
            models.UniqueConstraint(
                name="reminder_snooze_one_a_place",
                fields=["rule", "provider", "department", "practitioner"],
                condition=Q(ended_at=None),
            ),
        ]


class CodeAlias(models.Model):
    """What a code of an area's own stands for, for it and the areas below; `national` is empty for one of its own."""

    id = models.BigAutoField(primary_key=True)
    area = models.TextField()
    field = models.CharField(max_length=30)
    code = models.CharField(max_length=20)
    national = models.CharField(max_length=20, default="")
    reason = models.TextField()
    set_at = models.DateTimeField(db_default=models.functions.Now())
    set_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, null=True)
    ended_reason = models.TextField(null=True)

    class Meta:
        db_table = "code_alias"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="code_alias_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None, ended_reason=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__isnull=False),
            ),
            models.UniqueConstraint(
                name="code_alias_one_an_area", fields=["area", "field", "code"], condition=Q(ended_at=None)
            ),
        ]
