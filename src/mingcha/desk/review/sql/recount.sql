-- The lines of chosen findings are counted anew among all that still claim them: -> booked (audit/sql/book.sql).
DROP TABLE IF EXISTS claim, booked, moved;
CREATE TEMP TABLE claim (
    provider text, visit text, line text, finding text, rule text, certainty text, own_fen bigint, frozen_fen bigint,
    grows boolean
) ON COMMIT DROP;
CREATE TEMP TABLE booked (
    provider text, visit text, line text, finding text, own_fen bigint, counted_fen bigint, counted_under text
) ON COMMIT DROP;

INSERT INTO claim
SELECT l.provider, l.visit, l.line, f.id, f.rule, f.certainty, coalesce(l.decided_fen, l.improper_fen),
       CASE WHEN f.step <> 'first' THEN least(l.counted_fen, coalesce(l.decided_fen, l.improper_fen)) END,
       f.step = ANY(%(growing)s)
FROM (SELECT DISTINCT m.provider, m.visit, m.line FROM finding_line m JOIN chosen c ON c.finding = m.finding_id) t
JOIN finding_line l USING (provider, visit, line)
JOIN finding f ON f.id = l.finding_id
WHERE f.step <> ALL(%(over)s);
ANALYZE claim;
