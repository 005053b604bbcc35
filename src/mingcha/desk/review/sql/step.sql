-- Chosen findings stand at their next step, with its deadline, and the history says how they came there.
UPDATE finding f
SET step = %(after)s, step_since = now(), extended = false, paused_left = NULL, assignee = NULL,
    due = (%(due)s::jsonb ->> f.fund_area)::date, outcome = coalesce(%(outcome)s, f.outcome),
    counted_fen = CASE WHEN %(gone)s THEN 0 ELSE f.counted_fen END,
    fund_loss_fen = CASE WHEN %(gone)s THEN NULL ELSE f.fund_loss_fen END
FROM chosen c WHERE f.id = c.finding;
