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
                     day, step, due, improper_fen, counted_fen, fund_loss_fen, lines, first_audit_id, latest_observation,
                     visit_type, department, practitioner, practitioner_name, item_name)
SELECT s.finding, s.fund_area, s.care_area, s.rule, s.frame, s.key, s.rule_version, s.certainty, s.provider, s.person,
       s.visit, s.line, s.day, 'first', (%(due)s::jsonb ->> s.fund_area)::date, s.own_fen, coalesce(n.counted_fen, 0), n.fund_loss_fen, s.lines, %(audit)s,
       s.observation, d.visit_type, d.department, d.practitioner, d.practitioner_name, d.item_name
FROM staged s LEFT JOIN sum_now n USING (finding) LEFT JOIN described d USING (finding)
WHERE s.how = 'added'
ORDER BY s.day, s.finding;

UPDATE finding f
SET rule_version = s.rule_version, certainty = s.certainty, care_area = s.care_area, person = s.person, day = s.day,
    step = 'first', withdrawn_reason = NULL, due = CASE WHEN s.how = 'again' THEN (%(due)s::jsonb ->> s.fund_area)::date ELSE f.due END,
    step_since = CASE WHEN s.how = 'again' THEN now() ELSE f.step_since END, improper_fen = s.own_fen, counted_fen = coalesce(n.counted_fen, 0),
    fund_loss_fen = n.fund_loss_fen, lines = s.lines, latest_observation = s.observation,
    visit_type = d.visit_type, department = d.department, practitioner = d.practitioner,
    practitioner_name = d.practitioner_name, item_name = d.item_name
FROM staged s LEFT JOIN sum_now n USING (finding) LEFT JOIN described d USING (finding)
WHERE f.id = s.finding AND s.rewrites AND s.how <> 'added';

INSERT INTO finding_item (name) SELECT DISTINCT item_name FROM described WHERE item_name IS NOT NULL
ON CONFLICT DO NOTHING;

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
