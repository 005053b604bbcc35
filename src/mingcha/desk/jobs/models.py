"""Jobs people asked for. A row is its owner's alone; the process that does it is known by an advisory lock."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

ALIVE = ["waiting", "running"]


class Job(models.Model):
    """One large export or exact count: what was asked, by whom in which scope, how far it is and what came of it."""

    class Kind(models.TextChoices):
        EXPORT = "export", "导出疑点清单"
        COUNT = "count", "精确计数"
        SELFCHECK = "selfcheck", "自查"

    class State(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        CANCELLED = "cancelled", "已取消"

    id = models.BigAutoField(primary_key=True)
    token = models.UUIDField(unique=True)  # part of the file's name
    kind = models.CharField(max_length=16, choices=Kind.choices)
    by = models.CharField(max_length=64)
    scope = models.TextField()
    query = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, db_default="waiting")
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    finished_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(db_default=0)
    total = models.BigIntegerField(null=True)
    fen = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_job"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="desk_job_asked_once", fields=["by", "kind", "query"], condition=models.Q(state__in=ALIVE)
            ),
            models.CheckConstraint(
                name="desk_job_finished_when_over",
                condition=models.Q(state__in=ALIVE, finished_at=None)
                | (~models.Q(state__in=ALIVE) & models.Q(finished_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [models.Index(name="desk_job_by_owner", fields=["by", "-id"])]
