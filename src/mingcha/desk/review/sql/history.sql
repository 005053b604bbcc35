-- One row of history for each chosen finding; a finding whose amount moved with it shows that in its own lines.
INSERT INTO review_move (act_id, finding_id, fund_area, care_area, provider, name, level, before, after, by, reason,
                         counted_fen, acting_for)
SELECT %(act)s, f.id, f.fund_area, f.care_area, f.provider, %(name)s, %(level)s, c.step, %(after)s, %(by)s,
       coalesce(c.reason, %(reason)s), f.counted_fen, %(acting_for)s
FROM chosen c JOIN finding f ON f.id = c.finding
ORDER BY f.id;
