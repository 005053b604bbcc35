-- Each flag's own amount per line (procedure.amounts.spread and own_amount, set-based). A flag whose lines come without
-- amounts has its amount spread by in-scope amount: largest remainder, ties to the earlier key.
-- div() is exact on numeric; "/" would round.
CREATE TEMP TABLE staged_claim ON COMMIT DROP AS
WITH weighed AS (
    SELECT l.*, greatest(coalesce(l.in_scope_fen, 0), 0)::numeric AS weight,
           sum(greatest(coalesce(l.in_scope_fen, 0), 0)::numeric) OVER f AS total,
           least(s.improper_fen, sum(greatest(coalesce(l.in_scope_fen, 0), 0)::numeric) OVER f) AS amount
    FROM staged_line l JOIN staged_flag s USING (finding)
    WINDOW f AS (PARTITION BY l.finding)
), parts AS (
    SELECT *, CASE WHEN total = 0 THEN 0 ELSE div(amount * weight, total) END AS part,
           CASE WHEN total = 0 THEN 0 ELSE mod(amount * weight, total) END AS remainder
    FROM weighed
), placed AS (
    SELECT *, sum(part) OVER (PARTITION BY finding) AS placed,
           row_number() OVER (PARTITION BY finding ORDER BY remainder DESC,
               provider COLLATE "C", visit COLLATE "C", line COLLATE "C") AS place
    FROM parts
)
SELECT finding, provider, visit, line, in_scope_fen, settled_fund_fen, settled_in_scope_fen,
       (CASE
           WHEN amount_fen IS NOT NULL THEN greatest(0, least(amount_fen, coalesce(in_scope_fen, amount_fen)))
           ELSE part + (CASE WHEN total > 0 AND place <= amount - placed THEN 1 ELSE 0 END)
       END)::bigint AS own_fen
FROM placed;
