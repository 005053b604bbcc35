"""What is in force here besides the shipped pack: local packs of areas, and this office's own signed changes.

What a local pack says lies in the home's archives, by hash; a change holds the whole rule. Written only by actions.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from mingcha.procedure.rule_life import REVISE, STATES, WITHDRAW


class InstalledPack(models.Model):
    """One local pack, in force until removed or replaced. A row is never deleted."""

    id = models.BigAutoField(primary_key=True)
    area = models.TextField()
    provider = models.TextField(null=True)
    name = models.TextField()
    version = models.TextField()
    hash = models.TextField()
    installed_at = models.DateTimeField(db_default=models.functions.Now())
    installed_by = models.CharField(max_length=64)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=64, null=True)
    removed_reason = models.TextField(null=True)

    class Meta:
        db_table = "installed_pack"
        constraints: ClassVar = [
            models.UniqueConstraint(
                "area",
                models.functions.Coalesce("provider", models.Value("")),
                name="installed_pack_one_a_place",
                condition=models.Q(removed_at=None),
            ),
            models.CheckConstraint(
                name="installed_pack_removed_by_somebody",
                condition=models.Q(removed_at=None, removed_by=None, removed_reason=None)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False, removed_reason__isnull=False),
            ),
        ]


class Intent(models.TextChoices):
    """What a change wants."""

    REVISE = REVISE, "修订"
    WITHDRAW = WITHDRAW, "停用"


class Draft(models.Model):
    """A change to one rule. `content` is the whole rule as it would be (null for a withdrawal).

    `revision` grows with every edit: a form that was filled for an older one is told so and loses nothing.
    """

    id = models.BigAutoField(primary_key=True)
    rule = models.TextField()
    intent = models.CharField(max_length=16, choices=Intent.choices)
    state = models.CharField(max_length=16)
    author = models.CharField(max_length=64)
    reason = models.TextField()
    content = models.JSONField(null=True)
    base_version = models.IntegerField()
    valid_from = models.DateField()
    revision = models.IntegerField(default=1)
    remarks = models.JSONField(default=list)
    opened_at = models.DateTimeField(db_default=models.functions.Now())
    changed_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "rule_draft"
        constraints: ClassVar = [
            models.CheckConstraint(name="rule_draft_state_known", condition=models.Q(state__in=list(STATES))),
            models.CheckConstraint(
                name="rule_draft_content",
                condition=models.Q(intent=WITHDRAW, content=None) | models.Q(intent=REVISE, content__isnull=False),
            ),
            models.UniqueConstraint(
                name="rule_draft_one_open",
                fields=["rule"],
                condition=~models.Q(state__in=("signed", "discarded")),
            ),
        ]


class Version(models.Model):
    """A signed change: from `valid_from` on, the rule is this (revise) or is no more (withdraw). Never changed."""

    id = models.BigAutoField(primary_key=True)
    rule = models.TextField()
    number = models.IntegerField()
    intent = models.CharField(max_length=16, choices=Intent.choices)
    content = models.JSONField(null=True)
    valid_from = models.DateField()
    draft = models.OneToOneField(Draft, on_delete=models.PROTECT)
    author = models.CharField(max_length=64)
    signer = models.CharField(max_length=64)
    reason = models.TextField()
    signed_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "rule_version"
        constraints: ClassVar = [
            models.UniqueConstraint(name="rule_version_once", fields=["rule", "number"]),
            models.CheckConstraint(name="rule_version_two_people", condition=~models.Q(author=models.F("signer"))),
        ]


class Trial(models.Model):
    """A run of a change beside the rule in force, over history or beside an audit; it makes no findings."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT)
    revision = models.IntegerField()
    shadow = models.BooleanField()
    state = models.CharField(max_length=16, choices=State.choices)
    by = models.CharField(max_length=64)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    watermark = models.BigIntegerField(null=True)
    step = models.TextField(default="")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    queued_at = models.DateTimeField(db_default=models.functions.Now())
    beat_at = models.DateTimeField(db_default=models.functions.Now())
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "rule_trial"
        indexes: ClassVar = [models.Index(fields=["draft", "-id"], name="rule_trial_newest")]


class TrialHit(models.Model):
    """A row to look at: flagged only by the change, only by the rule in force, or by both with other amounts."""

    class Side(models.TextChoices):
        ADDED = "added", "新增命中"
        GONE = "gone", "不再命中"
        CHANGED = "changed", "金额有变"

    id = models.BigAutoField(primary_key=True)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    side = models.CharField(max_length=16, choices=Side.choices)
    fund_area = models.TextField()
    care_area = models.TextField()
    provider = models.TextField()
    visit = models.TextField(null=True)
    line = models.TextField(null=True)
    day = models.DateField()
    item = models.TextField(null=True)
    old_fen = models.BigIntegerField(null=True)
    new_fen = models.BigIntegerField(null=True)
    message = models.TextField()

    class Meta:
        db_table = "rule_trial_hit"
