"""Static files under plain names with a version in the query: browsers keep them for a year, yet never a stale one."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedStatic(StaticFilesStorage):
    """Adds a digest of the file to its address."""

    def url(self, name: str) -> str:
        return super().url(name) + _version(name)


@cache  # files change with the program, and a page names a dozen
def _version(name: str) -> str:
    found = finders.find(name)
    return f"?v={sha256(Path(str(found)).read_bytes()).hexdigest()[:12]}" if found else ""
