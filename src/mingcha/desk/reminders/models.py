"""Calls of gates, their reminders and the reactions to them. Filled by delivering.py; reviewed through actions.py."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Outcome(models.TextChoices):
    """What the practitioner did about a reminder, by 3103; nothing is said until it comes."""

    CHANGED = "changed", "已修改"
    INSISTED = "insisted", "坚持并说明"


class Verdict(models.TextChoices):
    """What a reviewer says of a reminder that was insisted against."""

    FALSE_ALARM = "false_alarm", "误报"
    RIGHT = "right", "提醒正确"


class Mark(models.Model):
    """How far a gate's journal was delivered: the number of the last entry, and where in the file it ends."""

    gate = models.TextField(primary_key=True)
    number = models.BigIntegerField()
    place = models.BigIntegerField()
    delivered_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "reminder_mark"


class Call(models.Model):
    """One person asked about in one request. The person is a token; `orders` were judged, `reminders` told.

    `refused` says why a message was sent back; it is about nobody then, and nothing was judged.
    """

    id = models.BigAutoField(primary_key=True)
    gate = models.TextField()
    number = models.BigIntegerField()
    asked = models.IntegerField()
    at = models.DateTimeField()
    infno = models.CharField(max_length=8)
    provider = models.TextField()
    environment = models.CharField(max_length=16)
    key = models.TextField(null=True)
    msgid = models.TextField(null=True)
    bundle = models.IntegerField()
    microseconds = models.IntegerField()
    whole = models.BooleanField()
    person = models.BigIntegerField(null=True)
    visit = models.TextField(null=True)
    practitioner = models.TextField(null=True)
    department = models.TextField(null=True)
    orders = models.IntegerField()
    reminders = models.IntegerField()
    refused = models.TextField(default="", db_default="")
    fund_area = models.TextField()
    care_area = models.TextField()

    class Meta:
        db_table = "reminder_call"
        constraints: ClassVar = [
            models.UniqueConstraint(name="reminder_call_once", fields=["gate", "number", "asked"]),
        ]
        indexes: ClassVar = [
            models.Index(name="reminder_call_by_time", fields=["-at", "-id"]),
            models.Index(name="reminder_call_by_provider", fields=["provider", "-at"]),
            models.Index(name="reminder_call_by_visit", fields=["provider", "visit"]),
        ]


class Reminder(models.Model):
    """One rule's reminder about the same rows, however often it was told.

    `snoozed` ones were counted and shown to nobody so far. Until somebody reacts, words, strength and amount are
    those of the last call; from then on they stay.
    """

    id = models.BigAutoField(primary_key=True)
    number = models.TextField(unique=True)
    provider = models.TextField()
    environment = models.CharField(max_length=16)
    stage = models.CharField(max_length=8)
    rule = models.TextField()
    rule_version = models.IntegerField()
    strength = models.CharField(max_length=16)
    certainty = models.CharField(max_length=16)
    amount_fen = models.BigIntegerField()
    message = models.TextField()
    instead = models.TextField(default="", db_default="")
    snoozed = models.BooleanField(default=False, db_default=False)
    person = models.BigIntegerField(null=True)
    visit = models.TextField(null=True)
    practitioner = models.TextField(null=True)
    department = models.TextField(null=True)
    fund_area = models.TextField()
    care_area = models.TextField()
    day = models.DateField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices, null=True)
    reason = models.TextField(null=True)
    reacted_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, null=True)
    verdict_reason = models.TextField(null=True)
    verdict_by = models.CharField(max_length=64, null=True)
    verdict_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reminder"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reminder_outcome_with_time",
                condition=Q(outcome=None, reacted_at=None) | Q(outcome__in=Outcome.values, reacted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="reminder_verdict_by_somebody",
                condition=Q(verdict=None, verdict_by=None, verdict_at=None, verdict_reason=None)
                | Q(verdict__in=Verdict.values, verdict_by__isnull=False, verdict_at__isnull=False,
                    verdict_reason__isnull=False, outcome__isnull=False),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(name="reminder_by_day", fields=["day", "provider"]),
            models.Index(name="reminder_by_provider", fields=["provider", "-id"]),
            models.Index(name="reminder_by_rule", fields=["rule", "day"]),
            models.Index(name="reminder_open", fields=["last_at"], condition=Q(outcome=None, snoozed=False)),
        ]


class Reaction(models.Model):
    """One reaction of a 3103 as it came. It counts if the reminder is its provider's; the last one is the outcome."""

    id = models.BigAutoField(primary_key=True)
    gate = models.TextField()
    number = models.BigIntegerField()
    place = models.IntegerField()
    at = models.DateTimeField()
    provider = models.TextField()
    reminder = models.TextField()
    stage = models.CharField(max_length=8)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.TextField(null=True)

    class Meta:
        db_table = "reaction"
        constraints: ClassVar = [
            models.UniqueConstraint(name="reaction_once", fields=["gate", "number", "place"]),
        ]
        indexes: ClassVar = [models.Index(name="reaction_by_reminder", fields=["reminder", "provider"])]


class ProviderTotal(models.Model):
    """Calls and reminders of a provider since it began, kept while delivering: lists must not count millions."""

    id = models.BigAutoField(primary_key=True)
    provider = models.TextField()
    environment = models.CharField(max_length=16)
    care_area = models.TextField()
    calls = models.BigIntegerField()
    orders = models.BigIntegerField()
    reminders = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "reminder_total"
        constraints: ClassVar = [
            models.UniqueConstraint(name="reminder_total_once", fields=["provider", "environment", "care_area"]),
        ]


class Gap(models.Model):
    """How many calls of a provider lacked something: a blank field, an unknown code, or what a rule needed.

    `call` is the latest one; it and `first_at` are empty for what was noted before they were kept. Of the last kind,
    `rule` names it and `name` is the column in our words; the others have no rule.
    """

    class Kind(models.TextChoices):
        BLANK = "blank", "没有填"
        UNKNOWN = "unknown", "代码不认识"
        LACKING = "lacking", "规则无法判断"

    id = models.BigAutoField(primary_key=True)
    provider = models.TextField()
    environment = models.CharField(max_length=16)
    care_area = models.TextField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.TextField()
    rule = models.TextField(default="")
    calls = models.BigIntegerField()
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    call = models.BigIntegerField(null=True)

    class Meta:
        db_table = "reminder_gap"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="reminder_gap_once", fields=["provider", "environment", "care_area", "kind", "name", "rule"]
            ),
        ]


class DayTotal(models.Model):
    """What reminders and calls of a practitioner come to on a day; triggers keep it while those are written.

    Who didn't say department or practitioner has empty ones. `told` is what calls told, `n` the reminders by day,
    of which nobody reacted to `open`.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    provider = models.TextField()
    environment = models.CharField(max_length=16)
    fund_area = models.TextField()
    care_area = models.TextField()
    department = models.TextField()
    practitioner = models.TextField()
    n = models.BigIntegerField(default=0, db_default=0)
    snoozed = models.BigIntegerField(default=0, db_default=0)
    open = models.BigIntegerField(default=0, db_default=0)
    times = models.BigIntegerField(default=0, db_default=0)
    changed = models.BigIntegerField(default=0, db_default=0)
    insisted = models.BigIntegerField(default=0, db_default=0)
    avoided_fen = models.BigIntegerField(default=0, db_default=0)
    judged = models.BigIntegerField(default=0, db_default=0)
    false_alarms = models.BigIntegerField(default=0, db_default=0)
    orders = models.BigIntegerField(default=0, db_default=0)
    told = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "reminder_day"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="reminder_day_once",
                fields=["day", "provider", "environment", "fund_area", "care_area", "department", "practitioner"],
            ),
        ]
