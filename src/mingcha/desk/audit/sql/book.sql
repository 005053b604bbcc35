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
), opened AS (
    SELECT *, CASE WHEN frozen_fen IS NULL AND place = 1 THEN least(own_fen, greatest(0, remaining)) ELSE 0 END AS taken,
           CASE WHEN grows THEN greatest(0, own_fen - frozen_fen) ELSE 0 END AS room
    FROM ranked
), grown AS (  -- what no open finding takes goes to decided ones that may still grow, in order
    SELECT *, greatest(0, remaining) - sum(taken) OVER (PARTITION BY provider, visit, line)
              - (sum(room) OVER (
                    PARTITION BY provider, visit, line
                    ORDER BY own_fen DESC, surety, rule COLLATE "C", finding COLLATE "C"
                    ROWS UNBOUNDED PRECEDING) - room) AS spare
    FROM opened
), counted AS (
    SELECT *, (coalesce(frozen_fen, 0) + taken + least(room, greatest(0, spare)))::bigint AS counted_fen FROM grown
)
SELECT provider, visit, line, finding, own_fen, counted_fen,
       CASE WHEN counted_fen = 0 AND max(counted_fen) OVER l > 0 THEN first_value(finding) OVER leaders END
FROM counted
WINDOW l AS (PARTITION BY provider, visit, line),
       leaders AS (
           PARTITION BY provider, visit, line
           ORDER BY (counted_fen > 0) DESC, own_fen DESC, surety, rule COLLATE "C", finding COLLATE "C"
       );
