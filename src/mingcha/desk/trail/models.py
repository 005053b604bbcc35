"""The trail has no foreign keys: it neither blocks nor dies with the rows it speaks of."""

from typing import ClassVar

from django.db import models


class TrailEntry(models.Model):
    """One action. A bulk action is one entry with a digest over its items (DECISIONS 27). Never changed or deleted."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=models.functions.Now())
    by = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    subject = models.TextField()
    detail = models.JSONField()
    items_digest = models.CharField(max_length=64, null=True)

    class Meta:
        db_table = "trail"
        indexes: ClassVar = [
            models.Index(name="trail_by_subject", fields=["subject"]),
            models.Index(name="trail_at", fields=["at", "id"]),
            models.Index(name="trail_by_person", fields=["by", "at", "id"]),
            models.Index(name="trail_by_action", fields=["action", "at", "id"]),
        ]


class TrailSeal(models.Model):
    """A link of the chain over the entries (chain.py): which entry, when, its digest and the hash of all up to it."""

    n = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    digest = models.BinaryField()
    hash = models.BinaryField(unique=True)

    class Meta:
        db_table = "trail_seal"
        constraints: ClassVar = [models.CheckConstraint(name="trail_seal_numbered", condition=models.Q(n__gt=0))]
