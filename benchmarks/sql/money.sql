-- What is deducted stands on an approved statement of its provider and in the books, so that these add up.
CREATE TEMP TABLE deducted ON COMMIT DROP AS
SELECT *, coalesce(fund_loss_fen, counted_fen) AS fen FROM seeded WHERE step = 'deducted';

INSERT INTO money_statement (token, fund_area, provider, until, status, drafted_by, drafted_as, closed_by, closed_at, act_id)
SELECT md5(fund_area || provider)::uuid, fund_area, provider, %(day)s, 'approved', 'seed', 'finance', 'seed-leader', now(),
       (SELECT min(act) FROM acted WHERE name = 'deduct')
FROM deducted GROUP BY fund_area, provider ORDER BY fund_area, provider;

INSERT INTO money_statement_line (statement_id, finding_id, fund_area, provider, visit, line, counted_fen, fund_loss_fen,
                                  fen, basis)
SELECT m.id, d.id, d.fund_area, d.provider, d.visit, d.line, d.counted_fen, d.fund_loss_fen, d.fen,
       CASE WHEN d.fund_loss_fen IS NULL THEN 'counted' ELSE 'fund_loss' END
FROM deducted d JOIN money_statement m USING (fund_area, provider);

INSERT INTO money_posting (kind, statement_id, fund_area, provider, act_id, day, by)
SELECT 'deduction', id, fund_area, provider, act_id, %(day)s, 'seed' FROM money_statement ORDER BY id;

INSERT INTO money_entry (posting_id, kind, statement_id, fund_area, provider, account, fund, finding_id, visit, line, fen)
SELECT p.id, p.kind, p.statement_id, p.fund_area, p.provider, side.account, l.fund, l.finding_id, l.visit, l.line,
       side.sign * l.fen
FROM money_posting p JOIN money_statement_line l USING (statement_id)
CROSS JOIN (VALUES ('receivable', 1), ('refund', -1)) AS side (account, sign)
WHERE l.fen > 0;
