-- The lines of a new statement: every line of the provider's signed findings, each with what is taken of it.
-- A finding is taken whole or not at all: one counted line without an amount to take leaves it signed.
INSERT INTO money_statement_line (statement_id, finding_id, fund_area, provider, visit, line, fund, counted_fen,
                                  fund_loss_fen, fen, basis)
WITH wanted AS (
    SELECT l.*, l.provider <> f.provider AS elsewhere,
           CASE WHEN l.counted_fen = 0 THEN 0 WHEN l.fund_loss_fen IS NOT NULL THEN l.fund_loss_fen
                WHEN %(without_settlement)s THEN l.counted_fen END AS wanted_fen,
           -- the fund's share of the line: what it paid of this line at most, rounded as fund_loss_fen is
           CASE WHEN l.fund_loss_fen IS NOT NULL AND l.in_scope_fen IS NOT NULL THEN
               div(2 * l.in_scope_fen::numeric * l.settled_fund_fen + l.settled_in_scope_fen,
                   2 * l.settled_in_scope_fen::numeric)::bigint END AS share_fen
    FROM finding f JOIN finding_line l ON l.finding_id = f.id
    WHERE f.step = 'signed' AND f.fund_area = %(area)s AND f.provider = %(provider)s AND f.day <= %(until)s
), whole AS (
    SELECT *, bool_or(elsewhere) OVER (PARTITION BY finding_id) AS strays,
           bool_or(wanted_fen IS NULL) OVER (PARTITION BY finding_id) AS unsettled
    FROM wanted
), before AS (
    SELECT visit, line, sum(fen) AS fen FROM money_entry
    WHERE provider = %(provider)s AND account = 'receivable' AND finding_id IS NOT NULL GROUP BY visit, line
), running AS (  -- two findings may hold parts of one line: together they never take more than the fund's share
    SELECT w.*, coalesce(b.fen, 0) + coalesce(sum(CASE WHEN strays OR unsettled THEN 0 ELSE wanted_fen END) OVER (
               PARTITION BY w.visit, w.line ORDER BY w.finding_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0) AS taken_fen
    FROM whole w LEFT JOIN before b USING (visit, line)
)
SELECT %(statement)s, finding_id, %(area)s, %(provider)s, visit, line, 'unknown', counted_fen, fund_loss_fen,
       CASE WHEN strays OR unsettled THEN 0
            ELSE least(wanted_fen, counted_fen, greatest(0, coalesce(share_fen - taken_fen, wanted_fen))) END,
       CASE WHEN strays THEN 'other_provider' WHEN unsettled THEN 'no_settlement'
            WHEN fund_loss_fen IS NULL AND counted_fen > 0 THEN 'counted' ELSE 'fund_loss' END
FROM running;
