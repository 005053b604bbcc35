"""Local packs of this installation: which holds where. What they say lies in the home's archives, by hash."""

from typing import ClassVar

from django.db import models


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
