"""Terms that end soon, told on working days before anybody has to ask; once a day, whichever desk looks first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mingcha.home.database import connect
from mingcha.terms.calendar import after_working_days, works

if TYPE_CHECKING:
    from mingcha.home.directory import Home

AHEAD = 2
"""Working days before the last one from which on people are told."""
_SOON = """
INSERT INTO notice_told (event, area, provider, n, by, detail, once)
SELECT 'findings-due', fund_area, provider, count(*), 'clock', jsonb_build_object('due', max(due)),
       concat_ws(':', 'findings-due', %(now)s::date, fund_area, provider)
FROM finding WHERE step IN ('notified', 'upheld') AND due BETWEEN %(now)s AND %(soon)s
GROUP BY fund_area, provider ON CONFLICT (once) DO NOTHING"""
_MINE = """
INSERT INTO notice_told (event, account, n, by, detail, once)
SELECT 'assigned-due', assignee, count(*), 'clock', jsonb_build_object('due', max(due)),
       concat_ws(':', 'assigned-due', %(now)s::date, assignee)
FROM finding WHERE assignee IS NOT NULL AND due BETWEEN %(now)s AND %(soon)s
GROUP BY assignee ON CONFLICT (once) DO NOTHING"""
_LATE = """
INSERT INTO notice_told (event, account, n, by, once)
SELECT 'assigned-late', assignee, count(*), 'clock',
       concat_ws(':', 'assigned-late', to_char(%(now)s::date, 'IYYY-IW'), assignee)
FROM finding WHERE assignee IS NOT NULL AND due < %(now)s
GROUP BY assignee ON CONFLICT (once) DO NOTHING"""


def look_ahead(home: Home, now: date) -> int:
    """Tell whom the next terms concern, and once a week what is overdue; how many rows were told now.

    On a day on which offices rest nobody is told.
    """
    if not works(now):
        return 0
    values = {"now": now, "soon": after_working_days(now, AHEAD)}
    with connect(home, "job") as job:
        return sum(job.execute(told, values).rowcount for told in (_SOON, _MINE, _LATE))
