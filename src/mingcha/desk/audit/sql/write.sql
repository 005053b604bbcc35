-- Writes what compare.sql and book.sql decided. Decided findings keep everything but the pointer to the newest observation.
ANALYZE booked;

CREATE TEMP TABLE line_now ON COMMIT DROP AS
SELECT s.finding, s.fund_area, s.care_area, c.provider, c.visit, c.line, c.own_fen, c.in_scope_fen,
       b.counted_fen, b.counted_under, c.settled_fund_fen, c.settled_in_scope_fen,
       CASE WHEN c.settled_in_scope_fen > 0 THEN
           div(2 * b.counted_fen::numeric * c.settled_fund_fen + c.settled_in_scope_fen,
               2 * c.settled_in_scope_fen::numeric)::bigint
       END AS fund_loss_fen
FROM staged s
JOIN staged_claim c ON c.finding = s.finding
JOIN booked b ON (b.finding, b.provider, b.visit, b.line) = (c.finding, c.provider, c.visit, c.line)
WHERE s.rewrites;

CREATE TEMP TABLE sum_now ON COMMIT DROP AS
SELECT finding, sum(counted_fen)::bigint AS counted_fen,
       CASE WHEN bool_and(fund_loss_fen IS NOT NULL OR counted_fen = 0) THEN sum(coalesce(fund_loss_fen, 0))::bigint END
       AS fund_loss_fen
FROM line_now GROUP BY finding;
ANALYZE sum_now;

INSERT INTO finding (id, fund_area, care_area, rule, frame, key, rule_version, certainty, provider, person, visit, line,
                     day, state, improper_fen, counted_fen, fund_loss_fen, lines, first_audit_id, latest_observation,
                     visit_type, department, practitioner, practitioner_name, item_name)
SELECT s.finding, s.fund_area, s.care_area, s.rule, s.frame, s.key, s.rule_version, s.certainty, s.provider, s.person,
       s.visit, s.line, s.day, 'open', s.own_fen, coalesce(n.counted_fen, 0), n.fund_loss_fen, s.lines, %(audit)s,
       s.observation, d.visit_type, d.department, d.practitioner, d.practitioner_name, d.item_name
FROM staged s LEFT JOIN sum_now n USING (finding) LEFT JOIN described d USING (finding)
WHERE s.how = 'added'
ORDER BY s.day, s.finding;

UPDATE finding f
SET rule_version = s.rule_version, certainty = s.certainty, care_area = s.care_area, person = s.person, day = s.day,
    state = 'open', withdrawn_reason = NULL, improper_fen = s.own_fen, counted_fen = coalesce(n.counted_fen, 0),
    fund_loss_fen = n.fund_loss_fen, lines = s.lines, latest_observation = s.observation,
    visit_type = d.visit_type, department = d.department, practitioner = d.practitioner,
    practitioner_name = d.practitioner_name, item_name = d.item_name
FROM staged s LEFT JOIN sum_now n USING (finding) LEFT JOIN described d USING (finding)
WHERE f.id = s.finding AND s.rewrites AND s.how <> 'added';

UPDATE finding f SET latest_observation = s.observation
FROM staged s WHERE f.id = s.finding AND s.how <> 'same' AND NOT s.rewrites AND NOT s.outdated;

INSERT INTO observation (id, finding_id, audit_id, fund_area, care_area, rule_version, pack_hash, watermark, verdict,
                         certainty, improper_fen, quantity, knowledge_ids, witnesses, why, message, digest)
SELECT s.observation, s.finding, %(audit)s, s.fund_area, s.care_area, s.rule_version,
       coalesce(s.pack_hash, %(pack)s), %(watermark)s, 'flagged',
       s.certainty, s.own_fen, s.quantity, s.knowledge_ids, s.witnesses, s.why, s.message, s.digest
FROM staged s WHERE s.how <> 'same'
ORDER BY s.observation;

-- Lines of rewritten findings are replaced; those of other findings only move their booking.
DELETE FROM finding_line l USING staged s WHERE l.finding_id = s.finding AND s.rewrites AND s.how <> 'added';

INSERT INTO finding_line (finding_id, fund_area, care_area, provider, visit, line, improper_fen, in_scope_fen,
                          counted_fen, counted_under, settled_fund_fen, settled_in_scope_fen, fund_loss_fen)
SELECT finding, fund_area, care_area, provider, visit, line, own_fen, in_scope_fen, counted_fen, counted_under,
       settled_fund_fen, settled_in_scope_fen, fund_loss_fen
FROM line_now;

CREATE TEMP TABLE moved (finding text) ON COMMIT DROP;
WITH shifted AS (
    UPDATE finding_line l
    SET counted_fen = b.counted_fen, counted_under = b.counted_under,
        fund_loss_fen = CASE WHEN l.settled_in_scope_fen > 0 THEN
            div(2 * b.counted_fen::numeric * l.settled_fund_fen + l.settled_in_scope_fen,
                2 * l.settled_in_scope_fen::numeric)::bigint END
    FROM booked b
    WHERE l.finding_id = b.finding AND l.provider = b.provider AND l.visit = b.visit AND l.line = b.line
      AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.finding = b.finding AND s.rewrites)
      AND (l.counted_fen, l.counted_under) IS DISTINCT FROM (b.counted_fen, b.counted_under)
    RETURNING l.finding_id
)
INSERT INTO moved SELECT DISTINCT finding_id FROM shifted;

UPDATE finding f SET counted_fen = n.counted_fen, fund_loss_fen = n.fund_loss_fen
FROM (
    SELECT l.finding_id, sum(l.counted_fen)::bigint AS counted_fen,
           CASE WHEN bool_and(l.fund_loss_fen IS NOT NULL OR l.counted_fen = 0)
                THEN sum(coalesce(l.fund_loss_fen, 0))::bigint END AS fund_loss_fen
    FROM finding_line l JOIN moved m ON m.finding = l.finding_id GROUP BY l.finding_id
) n
WHERE f.id = n.finding_id AND f.state <> 'decided';

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
SET state = 'withdrawn', withdrawn_reason = g.reason, latest_observation = seen.id, counted_fen = 0, fund_loss_fen = NULL
FROM gone g JOIN seen ON seen.finding_id = g.finding
WHERE f.id = g.finding;

UPDATE finding_line l SET counted_fen = 0, counted_under = NULL, fund_loss_fen = NULL
FROM gone g WHERE l.finding_id = g.finding;
