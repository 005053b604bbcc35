"""Static files under plain names with a version in the query: browsers keep them for a day, yet never a stale one."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedStatic(StaticFilesStorage):
    """Adds the file's time of change to its address."""

    def url(self, name: str) -> str:
        address = super().url(name)
        found = finders.find(name)
        return f"{address}?v={int(Path(str(found)).stat().st_mtime):x}" if found else address
