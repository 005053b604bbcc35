"""Telling: one row in the transaction of the act, however many findings it moved. Nothing here waits for anybody.

Rows are only added, so two acts that tell the same people never wait for each other; posting.py folds them.
"""

from __future__ import annotations

import json
from typing import Any

from mingcha.desk.notices.events import EVENTS, MOVED, PROVIDER


def tell(
    cursor: Any, event: str, *, by: str, area: str | None = None, provider: str | None = None,
    account: str | None = None, subject: str = "", n: int = 1, **detail: Any,
) -> None:  # fmt: skip
    """Tell of one thing, as EVENTS says to whom. `by` isn't told of it. `detail` fills the sentence.

    KeyError for an event that isn't there. Notices of one `subject` are folded with each other only.
    """
    EVENTS[event]
    cursor.execute(
        "INSERT INTO notice_told (event, area, provider, account, subject, n, detail, by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
        [event, area, provider, account, subject, n, json.dumps(detail, ensure_ascii=False), by],
    )


def tell_each(cursor: Any, event: str, *, by: str, given: dict[str, int]) -> None:
    """Tell several accounts how many each got; one statement."""
    EVENTS[event]
    cursor.execute(
        "INSERT INTO notice_told (event, account, n, by) SELECT %s, key, value::int, %s"
        " FROM jsonb_each_text(%s::jsonb) WHERE value::int > 0 ORDER BY key",
        [event, by, json.dumps(given)],
    )


def tell_moved(cursor: Any, *, by: str, name: str) -> None:
    """Tell of a move of the findings in the temporary table `chosen`: a row for each provider, or each area."""
    told = [{"event": event, "each": EVENTS[event].to == PROVIDER} for event in MOVED.get(name, ())]
    if told:
        cursor.execute(_MOVED, {"by": by, "told": json.dumps(told)})


_MOVED = """
INSERT INTO notice_told (event, area, provider, n, by)
SELECT t.event, c.fund_area, CASE WHEN t.each THEN c.provider END, sum(c.n), %(by)s
FROM (SELECT fund_area, provider, count(*) AS n FROM chosen GROUP BY 1, 2) c,
     jsonb_to_recordset(%(told)s::jsonb) AS t(event text, each boolean)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
