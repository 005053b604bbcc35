-- A provider sees its own findings from the notification on, with their lines and what the audit said of them.
CREATE POLICY own ON finding USING (provider = (SELECT facts.own_provider())
    AND step IN ('notified', 'appealed', 'upheld', 'panel', 'final', 'signed', 'deducted', 'revoked'));
CREATE POLICY own ON finding_line USING (provider = (SELECT facts.own_provider())
    AND EXISTS (SELECT FROM finding f WHERE f.id = finding_id));
CREATE POLICY own ON observation FOR SELECT USING ((SELECT facts.own_provider()) IS NOT NULL
    AND EXISTS (SELECT FROM finding f WHERE f.id = finding_id));

-- The desk moves findings and what their lines count; what audits found it never writes.
GRANT UPDATE (step, step_since, due, extended, assignee, outcome, counted_fen, fund_loss_fen) ON finding TO mingcha_app;
GRANT UPDATE (decided_fen, counted_fen, counted_under, fund_loss_fen) ON finding_line TO mingcha_app, mingcha_job;
