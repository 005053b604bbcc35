"""Writing the trail. Called inside the transaction of the action it records; nothing else writes here."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Executes(Protocol):
    """A cursor of psycopg or of Django."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...


def enter(
    cursor: Executes, *, by: str, action: str, subject: str, detail: dict[str, Any] | None = None,
    items_digest: str | None = None,
) -> None:  # fmt: skip
    """Add one entry. `detail` holds codes and counts, never names or numbers of insured persons."""
    cursor.execute(
        "INSERT INTO trail (by, action, subject, detail, items_digest) VALUES (%s, %s, %s, %s::jsonb, %s)",
        (by, action, subject, json.dumps(detail or {}, ensure_ascii=False), items_digest),
    )
