-- Every place where finding, statement and ledger don't agree to the fen: none in sound books.
SELECT 'unbalanced' AS what, p.fund_area, p.provider, p.id::text AS subject, sum(e.fen)::bigint AS fen
FROM money_posting p JOIN money_entry e ON e.posting_id = p.id GROUP BY p.id, e.fund HAVING sum(e.fen) <> 0
UNION ALL  -- deducted findings whose statement isn't in the books, and the other way round
SELECT 'not_booked', f.fund_area, f.provider, f.id, f.counted_fen
FROM finding f WHERE f.step = 'deducted' AND NOT EXISTS (
    SELECT FROM money_statement_line l JOIN money_statement s ON s.id = l.statement_id
    WHERE l.finding_id = f.id AND s.status = 'approved' AND l.basis IN ('fund_loss', 'counted'))
UNION ALL
SELECT 'not_deducted', f.fund_area, f.provider, f.id, e.fen
FROM (SELECT finding_id, sum(fen)::bigint AS fen FROM money_entry
      WHERE account = 'receivable' AND finding_id IS NOT NULL GROUP BY 1 HAVING sum(fen) <> 0) e
JOIN finding f ON f.id = e.finding_id WHERE f.step <> 'deducted'
UNION ALL  -- a deducted line in the books is what the statement says
SELECT 'other_amount', l.fund_area, l.provider, l.finding_id, l.fen - coalesce(e.fen, 0)
FROM money_statement_line l JOIN money_statement s ON s.id = l.statement_id AND s.status = 'approved'
LEFT JOIN money_entry e ON (e.finding_id, e.visit, e.line) = (l.finding_id, l.visit, l.line)
     AND e.kind = 'deduction' AND e.account = 'receivable' AND e.statement_id = l.statement_id
WHERE l.fen <> coalesce(e.fen, 0)
UNION ALL  -- what was decided is what was deducted: the finding's lines still count what the statement read
SELECT 'changed_since', f.fund_area, f.provider, f.id, fl.counted_fen - l.counted_fen
FROM finding f JOIN finding_line fl ON fl.finding_id = f.id
JOIN money_statement_line l ON (l.finding_id, l.provider, l.visit, l.line) = (f.id, fl.provider, fl.visit, fl.line)
JOIN money_statement s ON s.id = l.statement_id AND s.status = 'approved'
WHERE f.step = 'deducted' AND l.basis IN ('fund_loss', 'counted')
  AND (fl.counted_fen, fl.fund_loss_fen) IS DISTINCT FROM (l.counted_fen, l.fund_loss_fen)
UNION ALL
SELECT 'over_paid', s.fund_area, s.provider, s.number, -sum(e.fen)::bigint
FROM money_entry e JOIN money_statement s ON s.id = e.statement_id WHERE e.account = 'receivable'
GROUP BY s.id HAVING sum(e.fen) FILTER (WHERE e.kind <> 'reversal') < 0
ORDER BY 1, 3, 4
