-- The totals of this audit, kept so that they stay true when findings change later.
INSERT INTO audit_count (audit_id, fund_area, care_area, rule, provider, findings, lines, counted_fen, added, withdrawn)
SELECT %(audit)s, fund_area, care_area, rule, provider, sum(findings), sum(lines), sum(counted_fen), sum(added), sum(withdrawn)
FROM (
    SELECT f.fund_area, f.care_area, f.rule, f.provider, 1 AS findings, f.lines, f.counted_fen,
           (s.how IN ('added', 'again'))::int AS added, 0 AS withdrawn
    FROM staged s JOIN finding f ON f.id = s.finding
    UNION ALL
    SELECT f.fund_area, f.care_area, f.rule, f.provider, 1, f.lines, f.counted_fen, 0, 0
    FROM standing s JOIN finding f ON f.id = s.finding
    UNION ALL
    SELECT f.fund_area, f.care_area, f.rule, f.provider, 0, 0, 0, 0, 1
    FROM gone g JOIN finding f ON f.id = g.finding
) x
GROUP BY fund_area, care_area, rule, provider;

INSERT INTO cannot_tell (audit_id, care_area, rule, provider, missing, count)
SELECT %(audit)s, coalesce(d.area, ''), u.rule, u.provider, u.missing, u.count
FROM staged_unknown u LEFT JOIN provider_directory d USING (provider);
