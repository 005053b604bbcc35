-- Findings with one observation and one line each; two thirds of what settled lines cost was the fund's.
ANALYZE staged_finding;
INSERT INTO provider_directory (provider, name, type, level, area)
SELECT provider, '示例诊所' || ltrim(right(provider, 6), '0'), '1', '3', min(care_area) FROM staged_finding
WHERE provider LIKE 'Y%%' GROUP BY provider ON CONFLICT DO NOTHING;

CREATE TEMP TABLE seeded ON COMMIT DROP AS
SELECT s.*, CASE WHEN step IN ('dropped', 'revoked', 'lead', 'withdrawn') THEN 0 ELSE improper_fen END AS counted_fen,
       CASE WHEN settled THEN 3 * improper_fen END AS settled_in_scope_fen,
       CASE WHEN settled THEN 2 * improper_fen END AS settled_fund_fen
FROM staged_finding s;
ALTER TABLE seeded ADD fund_loss_fen bigint;
UPDATE seeded SET fund_loss_fen = div(2 * counted_fen::numeric * settled_fund_fen + settled_in_scope_fen,
                                      2 * settled_in_scope_fen::numeric)
WHERE settled AND step NOT IN ('dropped', 'revoked', 'lead', 'withdrawn');

INSERT INTO finding (id, fund_area, care_area, rule, frame, key, rule_version, certainty, provider, person, visit, line,
                     day, step, due, outcome, improper_fen, counted_fen, fund_loss_fen, lines, first_audit_id,
                     latest_observation, withdrawn_reason, visit_type, department, practitioner, item_name)
SELECT id, fund_area, care_area, rule, 'line', key, 1, certainty, provider, person, visit, line, day, step,
       CASE WHEN step IN ('first', 'notified', 'appealed', 'upheld', 'panel', 'final') THEN due END,
       %(moves)s::jsonb -> (%(ways)s::jsonb -> step ->> -1) ->> 'outcome',
       improper_fen, counted_fen, fund_loss_fen, 1, (SELECT max(id) FROM audit), observation,
       CASE WHEN step = 'withdrawn' THEN 'not_flagged' END, visit_type, department, practitioner, item_name
FROM seeded ORDER BY observation;

INSERT INTO observation (id, finding_id, audit_id, fund_area, care_area, rule_version, pack_hash, watermark, verdict,
                         certainty, improper_fen, knowledge_ids, witnesses, why, message, digest)
SELECT observation, id, (SELECT max(id) FROM audit), fund_area, care_area, 1, %(pack)s, %(watermark)s, 'flagged',
       certainty, improper_fen, '[]', '[]', '{}', message, md5(id)
FROM seeded ORDER BY observation;
SELECT setval(pg_get_serial_sequence('observation', 'id'), (SELECT max(observation) FROM seeded));

INSERT INTO finding_line (finding_id, fund_area, care_area, provider, visit, line, improper_fen, in_scope_fen,
                          counted_fen, settled_fund_fen, settled_in_scope_fen, fund_loss_fen)
SELECT id, fund_area, care_area, provider, visit, line, improper_fen, improper_fen, counted_fen, settled_fund_fen,
       settled_in_scope_fen, fund_loss_fen
FROM seeded ORDER BY observation;

INSERT INTO finding_item (name) SELECT DISTINCT item_name FROM seeded WHERE item_name IS NOT NULL ON CONFLICT DO NOTHING;
