-- What the audit's page counts.
INSERT INTO audit_count (audit_id, fund_area, care_area, rule, provider, findings, lines, counted_fen, added, withdrawn)
SELECT max(first_audit_id), fund_area, care_area, rule, provider, count(*), sum(lines), sum(counted_fen), count(*), 0
FROM finding GROUP BY fund_area, care_area, rule, provider;
