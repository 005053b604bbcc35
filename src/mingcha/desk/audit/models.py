"""Audits and what they found. Written only by actions.py; rows are visible by area through row-level security."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from mingcha.procedure.review import STEPS


class Certainty(models.TextChoices):
    """How sure a rule is (DECISIONS 3)."""

    DEFINITE = "definite", "明确违规"
    SUSPECTED = "suspected", "可疑"
    ADVISORY = "advisory", "提示"
    LEAD = "lead", "线索"


class State(models.TextChoices):
    """What audits make of a finding's step: open ones follow the facts; a decision freezes the amounts."""

    OPEN = "open", "待核实"
    DECIDED = "decided", "已认定"
    WITHDRAWN = "withdrawn", "已撤回"


class Withdrawal(models.TextChoices):
    """Why an audit took a finding back."""

    NOT_FLAGGED = "not_flagged", "重新机审未再命中"
    RULE_GONE = "rule_gone", "规则已停用"


class Outcome(models.TextChoices):
    """What people found (DECISIONS 3); the precision of a rule is counted from it."""

    CONFIRMED = "confirmed", "属实"
    PARTLY = "partly", "部分属实"
    FALSE_POSITIVE = "false_positive", "误报"
    NO_DATA = "no_data", "无法核实"
    WITHDRAWN = "withdrawn", "撤回"


UNDER_WAY = ["notified", "appealed", "upheld", "panel", "final", "signed"]
"""Steps between the first decision and the end: few findings stand there, whatever was found in years."""


class Audit(models.Model):
    """One machine run over the facts as of a watermark with one pack. `running` past a restart means interrupted."""

    class Status(models.TextChoices):
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "已中断"

    id = models.BigAutoField(primary_key=True)
    by = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=16, choices=Status.choices)
    watermark = models.BigIntegerField()
    snapshot = models.BigIntegerField()
    pack_hash = models.TextField()
    pack_version = models.TextField()
    scope = models.JSONField()
    rules = models.JSONField(null=True)  # content hash by rule: what an incremental audit compares with

    class Meta:
        db_table = "audit"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="audit_finished_when_done",
                condition=models.Q(status="running", finished_at=None)
                | (models.Q(status__in=("done", "failed")) & ~models.Q(finished_at=None)),
            )
        ]


class AuditCount(models.Model):
    """What one audit found, counted by areas, rule and provider: totals that stay true when findings change later."""

    id = models.BigAutoField(primary_key=True)
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT)
    fund_area = models.TextField()
    care_area = models.TextField()
    rule = models.TextField()
    provider = models.TextField()
    findings = models.IntegerField()
    lines = models.IntegerField()
    counted_fen = models.BigIntegerField()
    added = models.IntegerField()
    withdrawn = models.IntegerField()

    class Meta:
        db_table = "audit_count"


class Finding(models.Model):
    """One rule on one subject, once for ever (DECISIONS 1). `id` derives from the identity (procedure.identity)."""

    id = models.CharField(primary_key=True, max_length=18)
    fund_area = models.TextField()
    care_area = models.TextField()
    rule = models.TextField()
    frame = models.TextField()
    key = models.TextField()
    rule_version = models.IntegerField()
    certainty = models.CharField(max_length=16, choices=Certainty.choices)
    provider = models.TextField()
    person = models.BigIntegerField(null=True)
    visit = models.TextField(null=True)
    line = models.TextField(null=True)
    day = models.DateField()
    step = models.CharField(max_length=16, default="first")  # procedure.review says which follow which
    state = models.GeneratedField(  # procedure.review.state_of
        expression=models.Case(
            models.When(step="first", then=models.Value("open")),
            models.When(step="withdrawn", then=models.Value("withdrawn")),
            default=models.Value("decided"),
        ),
        output_field=models.CharField(max_length=16),
        db_persist=True,
    )
    tab = models.GeneratedField(  # the worklist's tab that holds the step; audit.forms.STEPS_OF
        expression=models.Case(
            models.When(step="first", then=models.Value("open")),
            models.When(step="upheld", then=models.Value("notified")),
            models.When(step__in=["dropped", "revoked", "lead"], then=models.Value("closed")),
            default=models.F("step"),
        ),
        output_field=models.CharField(max_length=16),
        db_persist=True,
    )
    step_since = models.DateTimeField(db_default=models.functions.Now())
    due = models.DateField(null=True)
    extended = models.BooleanField(db_default=False)
    paused_left = models.SmallIntegerField(null=True)  # working days left of the term while its clock stands
    assignee = models.CharField(max_length=64, null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, null=True)
    improper_fen = models.BigIntegerField()
    counted_fen = models.BigIntegerField()
    fund_loss_fen = models.BigIntegerField(null=True)
    lines = models.IntegerField()
    first_audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="+", db_index=False)
    latest_observation = models.BigIntegerField(null=True)
    withdrawn_reason = models.CharField(max_length=16, choices=Withdrawal.choices, null=True)
    # Copied from the facts for lists only; a finding page reads the facts themselves.
    visit_type = models.TextField(null=True)
    department = models.TextField(null=True)
    practitioner = models.TextField(null=True)
    practitioner_name = models.TextField(null=True)
    item_name = models.TextField(null=True)

    class Meta:
        db_table = "finding"
        constraints: ClassVar = [
            models.UniqueConstraint(name="finding_identity", fields=["fund_area", "rule", "frame", "key"]),
            models.CheckConstraint(name="finding_step_known", condition=models.Q(step__in=list(STEPS))),
            models.CheckConstraint(name="finding_certainty_known", condition=models.Q(certainty__in=Certainty.values)),
            models.CheckConstraint(
                name="finding_amounts_in_order",
                condition=models.Q(counted_fen__gte=0, improper_fen__gte=models.F("counted_fen")),
            ),
            models.CheckConstraint(
                name="finding_clock_runs_or_stands", condition=models.Q(due=None) | models.Q(paused_left=None)
            ),
            models.CheckConstraint(
                name="finding_withdrawn_with_reason",
                condition=models.Q(step="withdrawn", withdrawn_reason__isnull=False)
                | (~models.Q(step="withdrawn") & models.Q(withdrawn_reason=None)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="finding_by_amount", fields=["-counted_fen", "id"]),
            models.Index(name="finding_by_day", fields=["-day", "id"]),
            models.Index(name="finding_by_person", fields=["person"]),
            models.Index(name="finding_by_tab_amount", fields=["tab", "-counted_fen", "id"]),
            models.Index(name="finding_by_tab_day", fields=["tab", "-day", "id"]),
            models.Index(name="finding_by_provider_tab", fields=["provider", "tab", "-counted_fen", "id"]),
            models.Index(name="finding_by_rule_tab", fields=["rule", "tab", "-counted_fen", "id"]),
            models.Index(name="finding_by_certainty", fields=["certainty", "-counted_fen", "id"],
                         condition=models.Q(step="first")),
            models.Index(name="finding_under_way", fields=["step", "provider"], condition=models.Q(step__in=UNDER_WAY)),
            models.Index(name="finding_by_item", fields=["item_name"]),
            models.Index(name="finding_by_practitioner", fields=["practitioner"]),
            models.Index(name="finding_by_visit_alone", fields=["visit"]),
            models.Index(name="finding_by_outcome", fields=["rule", "provider", "-step_since"],
                         condition=models.Q(outcome__isnull=False)),
            models.Index(name="finding_by_outcome_newest", fields=["rule", "-step_since"],
                         condition=models.Q(outcome__isnull=False)),
            models.Index(name="finding_by_due", fields=["due"], condition=models.Q(due__isnull=False)),
            models.Index(name="finding_by_assignee", fields=["assignee"], condition=models.Q(assignee__isnull=False)),
        ]  # fmt: skip


class FindingCount(models.Model):
    """How many findings and fen there are of one thing (migrations/0006_counts.sql says which); the sum of its rows."""

    id = models.BigAutoField(primary_key=True)
    fund_area = models.TextField()
    care_area = models.TextField()
    certainty = models.CharField(max_length=16)
    step = models.CharField(max_length=16)
    rule = models.TextField(db_default="")
    provider = models.TextField(db_default="")
    month = models.CharField(max_length=7, db_default="")
    n = models.BigIntegerField()
    fen = models.BigIntegerField()
    folded = models.BooleanField(db_default=False)

    class Meta:
        db_table = "finding_count"


class FindingItem(models.Model):
    """The items that findings are about, each once, for the keyword box."""

    name = models.TextField(primary_key=True)

    class Meta:
        db_table = "finding_item"


class Observation(models.Model):
    """What one audit saw of one finding. Append-only; identical facts and pack add none.

    `verdict` is null when the audit no longer flagged the row: whether clear, exempt or cannot tell is not kept row
    by row, and a missing fact must not be written down as clear.
    """

    id = models.BigAutoField(primary_key=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, db_index=False)  # leads a unique constraint
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT)
    fund_area = models.TextField()
    care_area = models.TextField()
    rule_version = models.IntegerField(null=True)
    pack_hash = models.TextField()
    watermark = models.BigIntegerField()
    verdict = models.CharField(max_length=16, null=True)
    certainty = models.CharField(max_length=16, choices=Certainty.choices)
    improper_fen = models.BigIntegerField()
    quantity = models.BigIntegerField(null=True)
    knowledge_ids = models.JSONField()
    witnesses = models.JSONField()
    why = models.JSONField()
    message = models.TextField()
    digest = models.CharField(max_length=32)

    class Meta:
        db_table = "observation"
        constraints: ClassVar = [
            models.UniqueConstraint(name="observation_once_per_audit", fields=["finding", "audit"]),
            models.CheckConstraint(
                name="observation_verdict_known",
                condition=models.Q(verdict=None) | models.Q(verdict__in=("flagged", "clear", "exempt", "cannot_tell")),
            ),
        ]


class FindingLine(models.Model):
    """A fee line that carries part of a finding's amount: what the finding claims, and what is booked under it.

    `decided_fen` is what people made of `improper_fen` where they adopted less; null means all of it.
    """

    id = models.BigAutoField(primary_key=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, db_index=False)  # leads a unique constraint
    fund_area = models.TextField()
    care_area = models.TextField()
    provider = models.TextField()
    visit = models.TextField()
    line = models.TextField()
    improper_fen = models.BigIntegerField()
    decided_fen = models.BigIntegerField(null=True)
    in_scope_fen = models.BigIntegerField(null=True)
    counted_fen = models.BigIntegerField()
    counted_under = models.CharField(max_length=18, null=True)
    settled_fund_fen = models.BigIntegerField(null=True)
    settled_in_scope_fen = models.BigIntegerField(null=True)
    fund_loss_fen = models.BigIntegerField(null=True)

    class Meta:
        db_table = "finding_line"
        constraints: ClassVar = [
            models.UniqueConstraint(name="finding_line_once", fields=["finding", "provider", "visit", "line"]),
            models.CheckConstraint(
                name="finding_line_amounts_in_order",
                condition=models.Q(counted_fen__gte=0, improper_fen__gte=models.F("counted_fen")),
            ),
        ]
        indexes: ClassVar = [models.Index(name="finding_line_by_line", fields=["provider", "visit", "line"])]


class CannotTell(models.Model):
    """How many rows an audit could not judge: by rule, provider and the column that was missing."""

    id = models.BigAutoField(primary_key=True)
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT)
    care_area = models.TextField()
    rule = models.TextField()
    provider = models.TextField()
    missing = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "cannot_tell"


class ProviderDirectory(models.Model):
    """Names of providers for lists: a copy of the newest version among the facts, rebuilt by every audit."""

    provider = models.TextField(primary_key=True)
    name = models.TextField()
    type = models.TextField(null=True)
    level = models.TextField(null=True)
    area = models.TextField(null=True)

    class Meta:
        db_table = "provider_directory"


class RuleDirectory(models.Model):
    """Names of rules for lists: a copy of the newest pack an audit ran with."""

    rule = models.TextField(primary_key=True)
    name = models.TextField()
    category = models.TextField(null=True)
    national_code = models.TextField(null=True)
    kind = models.TextField(null=True)
    severity = models.TextField(null=True)
    certainty = models.TextField(null=True)

    class Meta:
        db_table = "rule_directory"
