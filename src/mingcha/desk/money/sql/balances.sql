-- Statements with what they took, what was reversed, what came in and what is open.
SELECT s.*, coalesce(d.name, s.provider) AS provider_name, l.lines, l.fen AS drafted_fen, l.left_out,
       coalesce(e.deducted, 0)::bigint AS deducted_fen, coalesce(e.reversed, 0)::bigint AS reversed_fen,
       coalesce(e.received, 0)::bigint AS received_fen, coalesce(e.open, 0)::bigint AS open_fen,
       coalesce(i.late, 0)::bigint AS late_fen, i.next_due,
       CASE WHEN s.status <> 'approved' THEN s.status
            WHEN e.reversed > 0 AND e.reversed = e.deducted THEN 'reversed'
            WHEN coalesce(e.open, 0) <= 0 THEN 'settled'
            WHEN i.late > 0 THEN 'late'
            WHEN e.received > 0 THEN 'partly' ELSE 'unpaid' END AS stands
FROM money_statement s
LEFT JOIN provider_directory d ON d.provider = s.provider
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE basis IN ('fund_loss', 'counted')) AS lines, coalesce(sum(fen), 0)::bigint AS fen,
           count(DISTINCT finding_id) FILTER (WHERE basis NOT IN ('fund_loss', 'counted')) AS left_out
    FROM money_statement_line WHERE statement_id = s.id
) l
CROSS JOIN LATERAL (
    SELECT sum(fen) FILTER (WHERE kind = 'deduction') AS deducted, -sum(fen) FILTER (WHERE kind = 'reversal') AS reversed,
           -sum(fen) FILTER (WHERE kind = 'receipt') AS received, sum(fen) AS open
    FROM money_entry WHERE statement_id = s.id AND account = 'receivable'
) e
LEFT JOIN LATERAL (  -- what the plan in force wanted by yesterday, less what came in or was reversed since it was granted
    SELECT greatest(0, coalesce(sum(fen) FILTER (WHERE due < current_date), 0) - max(paid)) AS late,
           min(due) FILTER (WHERE running > paid) AS next_due
    FROM (SELECT n.due, n.fen, p.fen - e.open AS paid, sum(n.fen) OVER (ORDER BY n.number) AS running
          FROM money_plan p JOIN money_instalment n ON n.plan_id = p.id
          WHERE p.statement_id = s.id AND p.status = 'granted') n
) i ON true
