-- The way each finding came: acts of five thousand findings, one move a finding and step of its way.
CREATE TEMP TABLE way ON COMMIT DROP AS
SELECT w.key AS step, m.place, m.name, lag(k.after, 1, 'first') OVER (PARTITION BY w.key ORDER BY m.place) AS before,
       k.after, k.level, k.reason
FROM jsonb_each(%(ways)s::jsonb) w
CROSS JOIN LATERAL jsonb_array_elements_text(w.value) WITH ORDINALITY AS m (name, place)
JOIN LATERAL jsonb_to_record(%(moves)s::jsonb -> m.name) AS k (level text, after text, reason text) ON true;

CREATE TEMP TABLE acted ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY step, place, slice) AS act, * FROM (
    SELECT DISTINCT w.step, w.place, w.name, s.observation / 5000 AS slice FROM seeded s JOIN way w USING (step)) x;
INSERT INTO review_act (id, token, name, by, passed_over)
SELECT act, md5('act ' || act)::uuid, name, 'seed', '{}' FROM acted ORDER BY act;
SELECT setval(pg_get_serial_sequence('review_act', 'id'), (SELECT max(act) FROM acted));

INSERT INTO review_move (act_id, finding_id, fund_area, care_area, provider, name, level, before, after, by, reason,
                         counted_fen)
SELECT a.act, s.id, s.fund_area, s.care_area, s.provider, w.name, w.level, w.before, w.after, 'seed', w.reason,
       s.counted_fen
FROM seeded s JOIN way w USING (step)
JOIN acted a ON (a.step, a.place, a.slice) = (w.step, w.place, s.observation / 5000)
ORDER BY a.act, s.id;
UPDATE review_act a SET moved = m.n, fen = m.fen
FROM (SELECT act_id, count(*) AS n, sum(counted_fen) AS fen FROM review_move GROUP BY 1) m WHERE m.act_id = a.id;
