"""What ends soon, told on working days before anybody has to ask; once a day, whichever desk looks first.

Terms of findings and claims, lent posts, and instalments of statements.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, LiteralString

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

_RUNNING = """
WITH running AS (
    SELECT p.statement_id, s.number, p.fund_area, p.provider, n.due, n.fen, p.fen - o.open AS paid,
           sum(n.fen) OVER (PARTITION BY p.id ORDER BY n.number) AS running
    FROM money_plan p JOIN money_statement s ON s.id = p.statement_id JOIN money_instalment n ON n.plan_id = p.id
    CROSS JOIN LATERAL (SELECT coalesce(sum(fen), 0) AS open FROM money_entry
                        WHERE statement_id = p.statement_id AND account = 'receivable') o
    WHERE p.status = 'granted'
)
INSERT INTO notice_told (event, area, provider, subject, n, by, detail, once)
SELECT %(event)s::text, fund_area, provider, number, 1, 'clock', jsonb_build_object('due', max(due), 'number', number,
           'statement', statement_id, 'yuan', to_char(sum(least(fen, running - paid)) / 100, 'FM999,999,999,990.00')),
       concat_ws(':', %(event)s::text, statement_id, """
_INSTALMENT_DUE = f"""{_RUNNING}max(due))
FROM running WHERE running > paid AND due BETWEEN %(now)s AND %(soon)s
GROUP BY statement_id, number, fund_area, provider ON CONFLICT (once) DO NOTHING"""
_INSTALMENT_LATE = f"""{_RUNNING}to_char(%(now)s::date, 'IYYY-IW'))
FROM running WHERE running > paid AND due < %(now)s
GROUP BY statement_id, number, fund_area, provider ON CONFLICT (once) DO NOTHING"""
_MONEY: dict[str, LiteralString] = {"instalment-due": _INSTALMENT_DUE, "instalment-late": _INSTALMENT_LATE}
_POST_ENDS = """
INSERT INTO notice_told (event, account, subject, n, by, detail, once)
SELECT 'post-ends', whom.username, 'lent:' || d.id, 1, 'clock',
       jsonb_build_object('who', l.display_name, 'whom', b.display_name, 'until', d.until),
       concat_ws(':', 'post-ends', d.id, whom.username)
FROM delegation d JOIN account l ON l.id = d.lender_id JOIN account b ON b.id = d.delegate_id
CROSS JOIN LATERAL (VALUES (l.username), (b.username)) AS whom (username)
WHERE d.ended_at IS NULL AND d.since < %(now)s AND d.until BETWEEN %(now)s AND %(soon)s
ON CONFLICT (once) DO NOTHING"""
_CLAIMS_DUE = """
INSERT INTO notice_told (event, area, n, by, detail, once)
SELECT 'benefits-due', fund_area, count(*), 'clock', jsonb_build_object('due', %(soon)s::date),
       concat_ws(':', 'benefits-due', %(now)s::date, fund_area)
FROM benefit_item WHERE step IN ('first', 'check', 'focus', 'site', 'sign') AND due <= %(soon)s
GROUP BY fund_area ON CONFLICT (once) DO NOTHING"""
_ORDINARY: tuple[LiteralString, ...] = (_SOON, _MINE, _LATE, _POST_ENDS, _CLAIMS_DUE)


def look_ahead(home: Home, now: date) -> int:
    """Tell whom the next terms concern, and once a week what is overdue; how many rows were told now.

    On a day on which offices rest nobody is told.
    """
    if not works(now):
        return 0
    values = {"now": now, "soon": after_working_days(now, AHEAD)}
    with connect(home, "job") as job:
        told = sum(job.execute(one, values).rowcount for one in _ORDINARY)
        return told + sum(job.execute(one, values | {"event": event}).rowcount for event, one in _MONEY.items())
