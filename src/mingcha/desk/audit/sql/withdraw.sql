-- Withdrawals: with the reason, an observation that says the audit no longer flagged it, and nothing counted any more.
WITH seen AS (
    INSERT INTO observation (finding_id, audit_id, fund_area, care_area, rule_version, pack_hash, watermark, verdict,
                             certainty, improper_fen, knowledge_ids, witnesses, why, message, digest)
    SELECT f.id, %(audit)s, f.fund_area, f.care_area, NULL, %(pack)s, %(watermark)s, NULL, f.certainty, 0,
           '[]', '[]', '{}', '', md5(g.reason)
    FROM gone g JOIN finding f ON f.id = g.finding
    RETURNING id, finding_id
)
UPDATE finding f
SET step = 'withdrawn', step_since = now(), due = NULL, assignee = NULL, withdrawn_reason = g.reason, latest_observation = seen.id, counted_fen = 0, fund_loss_fen = NULL
FROM gone g JOIN seen ON seen.finding_id = g.finding
WHERE f.id = g.finding;

UPDATE finding_line l SET counted_fen = 0, counted_under = NULL, fund_loss_fen = NULL
FROM gone g WHERE l.finding_id = g.finding;
