-- What was deducted for the chosen findings is taken back, entry by entry with the opposite sign, in this transaction.
-- Run by review.actions.move for every way that leads from `deducted` to `revoked`.
WITH back AS (
    SELECT e.* FROM chosen c JOIN money_entry e ON e.finding_id = c.finding AND e.kind = 'deduction'
    WHERE c.step = 'deducted'
), posted AS (
    INSERT INTO money_posting (kind, statement_id, fund_area, provider, act_id, day, by)
    SELECT DISTINCT 'reversal', statement_id, fund_area, provider, %(act)s::bigint, %(today)s::date, %(by)s FROM back
    RETURNING *
)
INSERT INTO money_entry (posting_id, kind, statement_id, fund_area, provider, account, fund, finding_id, visit, line, fen)
SELECT p.id, p.kind, p.statement_id, p.fund_area, p.provider, b.account, b.fund, b.finding_id, b.visit, b.line, -b.fen
FROM back b JOIN posted p USING (statement_id);
