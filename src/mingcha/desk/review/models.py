"""What people did with findings: acts, the moves they made of single findings, papers and experts' opinions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from mingcha.desk.audit.models import Finding
from mingcha.procedure.review import CLOCKS, MOVES, STEPS


class Act(models.Model):
    """One press of a button: a move of one finding or of fifty thousand. `token` comes with the form, once."""

    id = models.BigAutoField(primary_key=True)
    token = models.UUIDField(unique=True)
    name = models.CharField(max_length=16)
    by = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=models.functions.Now())
    moved = models.IntegerField(db_default=0)
    passed_over = models.JSONField(default=dict)
    fen = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "review_act"
        constraints: ClassVar = [
            models.CheckConstraint(name="review_act_known", condition=models.Q(name__in=[*MOVES, *CLOCKS])),
        ]


class Moved(models.Model):
    """One finding's way from step to step. Append-only: the history of every finding."""

    id = models.BigAutoField(primary_key=True)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="+")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, db_index=False)
    fund_area = models.TextField()
    care_area = models.TextField()
    provider = models.TextField()
    name = models.CharField(max_length=16)
    level = models.CharField(max_length=16)
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    by = models.CharField(max_length=64)
    acting_for = models.CharField(max_length=64, db_default="")  # whose lent post it was done with
    at = models.DateTimeField(db_default=models.functions.Now())
    reason = models.TextField(db_default="")
    counted_fen = models.BigIntegerField()

    class Meta:
        db_table = "review_move"
        constraints: ClassVar = [
            models.UniqueConstraint(name="review_move_once", fields=["finding", "act"]),
            models.CheckConstraint(name="review_move_steps", condition=models.Q(before__in=list(STEPS))),
        ]


class LineAnswer(models.Model):
    """What a provider accepts and what it disputes of one line, in fen; kept beside the appeal it came with."""

    id = models.BigAutoField(primary_key=True)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="+")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, db_index=False)  # leads a unique constraint
    fund_area = models.TextField()
    care_area = models.TextField()
    provider = models.TextField()
    visit = models.TextField()
    line = models.TextField()
    claim_fen = models.BigIntegerField()
    accepted_fen = models.BigIntegerField()
    disputed_fen = models.BigIntegerField()
    reason = models.TextField(db_default="")

    class Meta:
        db_table = "review_line_answer"
        constraints: ClassVar = [
            models.UniqueConstraint(name="review_line_answer_once", fields=["finding", "act", "visit", "line"]),
            models.CheckConstraint(
                name="review_line_answer_adds_up",
                condition=models.Q(
                    accepted_fen__gte=0,
                    disputed_fen__gte=0,
                    claim_fen=models.F("accepted_fen") + models.F("disputed_fen"),
                ),
            ),
            models.CheckConstraint(
                name="review_line_answer_says_why", condition=models.Q(disputed_fen=0) | ~models.Q(reason="")
            ),
        ]


class View(models.Model):
    """A filter of the worklist that somebody keeps under a name, for themselves."""

    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=64)
    name = models.CharField(max_length=20)
    query = models.TextField()

    class Meta:
        db_table = "review_view"
        constraints: ClassVar = [models.UniqueConstraint(name="review_view_once", fields=["account", "name"])]


class Paper(models.Model):
    """A file put to a finding. Its bytes lie in the home's `papers` under their SHA-256, never under the web root."""

    id = models.BigAutoField(primary_key=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT)
    fund_area = models.TextField()
    care_area = models.TextField()
    provider = models.TextField()
    name = models.TextField()
    type = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "review_paper"
        constraints: ClassVar = [
            models.UniqueConstraint(name="review_paper_once", fields=["finding", "sha256"]),
        ]


class Verdict(models.TextChoices):
    """What an expert makes of a finding."""

    UPHOLD = "uphold", "支持认定"
    PARTLY = "partly", "部分支持"
    REVOKE = "revoke", "不支持认定"


class Opinion(models.Model):
    """An expert asked about one finding, and what came back. An opinion given is never changed."""

    id = models.BigAutoField(primary_key=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT)
    fund_area = models.TextField()
    care_area = models.TextField()
    expert = models.CharField(max_length=64)
    question = models.TextField(db_default="")
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    due = models.DateField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, null=True)
    words = models.TextField(db_default="")
    given_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_opinion"
        constraints: ClassVar = [
            models.UniqueConstraint(name="review_opinion_once", fields=["finding", "expert"]),
            models.CheckConstraint(
                name="review_opinion_given_whole",
                condition=models.Q(verdict=None, given_at=None)
                | (models.Q(verdict__isnull=False, given_at__isnull=False) & ~models.Q(words="")),
            ),
        ]
        indexes: ClassVar = [models.Index(name="review_opinion_by_expert", fields=["expert", "-asked_at"])]
