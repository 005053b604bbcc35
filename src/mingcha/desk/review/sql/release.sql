-- Chosen findings claim nothing any more; their lines are counted anew among the others on them.
UPDATE finding_line l SET counted_fen = 0, counted_under = NULL, fund_loss_fen = NULL
FROM chosen c WHERE l.finding_id = c.finding;
