"""Papers over HTTP: taken from a form and kept, and handed out so that a browser runs nothing of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest

from mingcha.desk.review.papers import SHOWN, checked, keep, place_of

MOST = 50
"""Files of one form."""


class Paper(NamedTuple):
    """A file that was kept: its plain name, type, bytes and digest."""

    name: str
    kind: str
    size: int
    sha256: str


def taken(request: HttpRequest) -> Iterator[Paper]:
    """The files of a form, each kept before it is told of: a file nobody tells of harms nobody.

    UsageError, before any is kept, for one that isn't taken.
    """
    files = [(file.read(), file.name or "") for file in request.FILES.getlist("papers")[:MOST]]
    for content, name, kind in [(content, *checked(name, content)) for content, name in files]:
        yield Paper(name, kind, len(content), keep(settings.HOME, content))


def handed_out(paper: Mapping[str, Any] | None) -> FileResponse:
    """The file of a row with `sha256`, `name` and `type`, shown where a browser can without running anything.

    404 for none, and for one whose bytes are gone.
    """
    place = place_of(settings.HOME, paper["sha256"]) if paper else None
    if paper is None or place is None or not place.exists():
        raise Http404
    response = FileResponse(place.open("rb"), as_attachment=paper["type"] not in SHOWN, filename=paper["name"],
                            content_type=paper["type"])  # fmt: skip
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response["Cache-Control"] = "no-store"
    return response
