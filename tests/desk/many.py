"""A hundred thousand invented findings in the test's database, with lines, observations, history, money and a trail."""

from __future__ import annotations

import psycopg

from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, OTHER_AREA

MANY = 100_000

_FINDINGS = """
INSERT INTO audit (by, started_at, finished_at, status, watermark, snapshot, pack_hash, pack_version, scope)
SELECT 'seed', now(), now(), 'done', n, n, repeat('a', 64), '2026.11', '{}' FROM generate_series(1, 3) AS n;
INSERT INTO provider_directory (provider, name, type, level, area)
SELECT 'H' || n, '示例医院' || n, '1', '3', %(area)s FROM generate_series(1, 300) AS n;
INSERT INTO rule_directory (rule, name) SELECT 'rule-' || n, '示例规则' || n FROM generate_series(1, 60) AS n;
INSERT INTO finding_item (name) SELECT '示例项目' || n FROM generate_series(1, 3000) AS n;

INSERT INTO finding (id, fund_area, care_area, rule, frame, key, rule_version, certainty, provider, person, visit, line,
                     day, step, due, outcome, improper_fen, counted_fen, lines, first_audit_id, latest_observation,
                     withdrawn_reason, practitioner, item_name)
SELECT 'YD' || upper(left(md5(n::text), 16)), (ARRAY[%(area)s, %(other)s])[1 + n / 7 %% 2],
       (ARRAY[%(area)s, %(other)s])[1 + n / 3 %% 2], 'rule-' || 1 + (59 * u * u)::int, 'line', n::text, 1,
       (ARRAY['definite', 'suspected', 'advisory', 'lead'])[1 + (3 * u)::int], 'H' || 1 + (299 * v * v)::int, n / 5,
       'V' || n / 4, 'L' || n %% 4, DATE '2025-01-01' + n %% 600, step,
       CASE WHEN step IN ('first', 'notified', 'appealed', 'final') THEN current_date + n %% 30 - 3 END,
       CASE WHEN step IN ('dropped', 'revoked', 'deducted') THEN 'confirmed' END, 100 + n %% 99991,
       CASE WHEN step IN ('dropped', 'revoked', 'withdrawn') THEN 0 ELSE 100 + n %% 99991 END, 1, 1, n,
       CASE WHEN step = 'withdrawn' THEN 'not_flagged' END, 'D' || n %% 900, '示例项目' || 1 + n %% 3000
FROM (
    SELECT n, hashint4(n)::bigint %% 1000 / 1000.0 AS s, abs(hashint4(n + 1)::bigint) %% 1000 / 1000.0 AS u,
           abs(hashint4(n + 2)::bigint) %% 1000 / 1000.0 AS v
    FROM generate_series(1, %(many)s) AS n
) x, LATERAL (SELECT CASE WHEN abs(s) < 0.04 THEN 'first' WHEN abs(s) < 0.07 THEN 'notified' WHEN abs(s) < 0.08 THEN
    'appealed' WHEN abs(s) < 0.09 THEN 'final' WHEN abs(s) < 0.1 THEN 'signed' WHEN abs(s) < 0.2 THEN 'deducted'
    WHEN abs(s) < 0.6 THEN 'dropped' WHEN abs(s) < 0.65 THEN 'revoked' ELSE 'withdrawn' END AS step) y;

INSERT INTO observation (id, finding_id, audit_id, fund_area, care_area, rule_version, pack_hash, watermark, verdict,
                         certainty, improper_fen, knowledge_ids, witnesses, why, message, digest)
SELECT latest_observation, id, 1, fund_area, care_area, 1, repeat('a', 64), 1, 'flagged', certainty, improper_fen, '[]',
       '[]', '{}', '示例', md5(id) FROM finding;
INSERT INTO finding_line (finding_id, fund_area, care_area, provider, visit, line, improper_fen, in_scope_fen, counted_fen)
SELECT id, fund_area, care_area, provider, visit, line, improper_fen, improper_fen, counted_fen FROM finding;
INSERT INTO audit_count (audit_id, fund_area, care_area, rule, provider, findings, lines, counted_fen, added, withdrawn)
SELECT a.id, f.fund_area, f.care_area, f.rule, f.provider, count(*), count(*), sum(f.counted_fen), 0, 0
FROM finding f CROSS JOIN audit a GROUP BY 1, 2, 3, 4, 5;
INSERT INTO cannot_tell (audit_id, care_area, rule, provider, missing, count)
SELECT a.id, %(area)s, r.rule, p.provider, 'in_scope', 3
FROM audit a CROSS JOIN rule_directory r CROSS JOIN provider_directory p;
"""
_REST = """
INSERT INTO review_act (token, name, by, passed_over)
SELECT md5(n::text)::uuid, 'drop', 'zhou', '{}' FROM generate_series(1, 200) AS n;
INSERT INTO review_move (act_id, finding_id, fund_area, care_area, provider, name, level, before, after, by, counted_fen)
SELECT 1 + latest_observation %% 200, id, fund_area, care_area, provider, 'drop', 'first', 'first', 'dropped', 'zhou', 0
FROM finding WHERE step <> 'first';

INSERT INTO money_statement (token, fund_area, provider, until, status, drafted_by, drafted_as, closed_by, closed_at,
                             act_id)
SELECT md5(fund_area || provider)::uuid, fund_area, provider, current_date, 'approved', 'sun', 'finance', 'he', now(), 1
FROM finding WHERE step = 'deducted' GROUP BY fund_area, provider;
INSERT INTO money_statement_line (statement_id, finding_id, fund_area, provider, visit, line, counted_fen, fen, basis)
SELECT m.id, f.id, f.fund_area, f.provider, f.visit, f.line, f.counted_fen, f.counted_fen, 'counted'
FROM finding f JOIN money_statement m USING (fund_area, provider) WHERE f.step = 'deducted';
INSERT INTO money_posting (kind, statement_id, fund_area, provider, act_id, day, by)
SELECT 'deduction', id, fund_area, provider, 1, current_date, 'sun' FROM money_statement;
INSERT INTO money_entry (posting_id, kind, statement_id, fund_area, provider, account, fund, finding_id, visit, line, fen)
SELECT p.id, p.kind, p.statement_id, p.fund_area, p.provider, side.account, 'unknown', l.finding_id, l.visit, l.line,
       side.sign * l.fen
FROM money_posting p JOIN money_statement_line l USING (statement_id)
CROSS JOIN (VALUES ('receivable', 1), ('refund', -1)) AS side (account, sign);
INSERT INTO money_plan (token, statement_id, fund_area, provider, fen, reason, status, drafted_by, decided_by, decided_at)
SELECT md5('plan' || id)::uuid, id, fund_area, provider, 600, '资金困难', 'granted', 'sun', 'he', now() FROM money_statement;
INSERT INTO money_instalment (plan_id, number, statement_id, fund_area, provider, due, fen)
SELECT p.id, n, p.statement_id, p.fund_area, p.provider, current_date + 30 * (n - 2), 100
FROM money_plan p CROSS JOIN generate_series(1, 6) AS n;

INSERT INTO review_paper (finding_id, fund_area, care_area, provider, name, type, size, sha256, by)
SELECT id, fund_area, care_area, provider, '病历.pdf', 'application/pdf', 1, md5(id), 'wu' FROM finding WHERE step = 'revoked';
INSERT INTO review_opinion (finding_id, fund_area, care_area, expert, asked_by)
SELECT id, fund_area, care_area, 'expert' || latest_observation %% 50, 'ma' FROM finding WHERE step = 'revoked';

INSERT INTO trail (at, by, action, subject, detail)
SELECT now() - n * interval '1 minute', 'zhou', 'review.drop', 'finding:' || n, '{}' FROM generate_series(1, 50000) AS n;
"""


def fill(home: Home) -> None:
    """Write them, as the owner, and let the planner know."""
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        with psycopg.ClientCursor(owner) as cursor:
            for part in (_FINDINGS, _REST):
                cursor.execute(part.encode(), {"area": AREA, "other": OTHER_AREA, "many": MANY})
    with connect(home, "owner", autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")
