-- A statement's amounts enter the books: each line is owed by the provider and comes back to the fund.
WITH posted AS (
    INSERT INTO money_posting (kind, statement_id, fund_area, provider, act_id, day, by)
    SELECT 'deduction', id, fund_area, provider, %(act)s, %(today)s, %(by)s FROM money_statement WHERE id = %(statement)s
    RETURNING *
)
INSERT INTO money_entry (posting_id, kind, statement_id, fund_area, provider, account, fund, finding_id, visit, line, fen)
SELECT p.id, p.kind, p.statement_id, p.fund_area, p.provider, side.account, l.fund, l.finding_id, l.visit, l.line,
       side.sign * l.fen
FROM posted p JOIN money_statement_line l ON l.statement_id = p.statement_id AND l.fen > 0
CROSS JOIN (VALUES ('receivable', 1), ('refund', -1)) AS side (account, sign);
