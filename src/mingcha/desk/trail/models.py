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
        indexes: ClassVar = [models.Index(name="trail_by_subject", fields=["subject"])]
