-- Lines of findings that stand move their booking, and their sums follow: booked -> finding_line, finding, moved.
CREATE TEMP TABLE moved (finding text) ON COMMIT DROP;
WITH shifted AS (
    UPDATE finding_line l
    SET counted_fen = b.counted_fen, counted_under = b.counted_under,
        fund_loss_fen = CASE WHEN l.settled_in_scope_fen > 0 THEN
            div(2 * b.counted_fen::numeric * l.settled_fund_fen + l.settled_in_scope_fen,
                2 * l.settled_in_scope_fen::numeric)::bigint END
    FROM booked b
    WHERE l.finding_id = b.finding AND l.provider = b.provider AND l.visit = b.visit AND l.line = b.line
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
WHERE f.id = n.finding_id;
