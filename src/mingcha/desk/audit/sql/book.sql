-- Counts every line's amount once among its surviving findings: claim -> booked (procedure.amounts.book, set-based).
INSERT INTO booked (provider, visit, line, finding, own_fen, counted_fen, counted_under)
WITH ranked AS (
    SELECT *, array_position(ARRAY['definite', 'suspected', 'advisory', 'lead'], certainty) AS surety,
           max(own_fen) OVER l - sum(coalesce(frozen_fen, 0)) OVER l AS remaining,
           row_number() OVER (
               PARTITION BY provider, visit, line
               ORDER BY (frozen_fen IS NOT NULL), own_fen DESC,
                        array_position(ARRAY['definite', 'suspected', 'advisory', 'lead'], certainty),
                        rule COLLATE "C", finding COLLATE "C"
           ) AS place
    FROM claim
    WINDOW l AS (PARTITION BY provider, visit, line)
), counted AS (
    SELECT *, coalesce(frozen_fen, CASE WHEN place = 1 THEN least(own_fen, greatest(0, remaining)) ELSE 0 END)::bigint
              AS counted_fen
    FROM ranked
)
SELECT provider, visit, line, finding, own_fen, counted_fen,
       CASE WHEN counted_fen = 0 AND max(counted_fen) OVER l > 0 THEN first_value(finding) OVER leaders END
FROM counted
WINDOW l AS (PARTITION BY provider, visit, line),
       leaders AS (
           PARTITION BY provider, visit, line
           ORDER BY (counted_fen > 0) DESC, own_fen DESC, surety, rule COLLATE "C", finding COLLATE "C"
       );
