-- DuckDB: the city's lines in an order that only the seed decides.
CREATE OR REPLACE TEMP TABLE seed_line AS
SELECT row_number() OVER (ORDER BY hash(l.provider, l.visit, l.line, $seed), l.line) - 1 AS place,
       l.provider, l.visit, l.line, l.person, l.fund_area, l.care_area, l.service_day AS day, l.item_name,
       greatest(coalesce(l.in_scope, l.amount), 100) AS fen, v.visit_type,
       coalesce(v.department_name, v.department) AS department, v.practitioner
FROM facts.fee_line AS l JOIN facts.visit AS v ON v.provider = l.provider AND v.visit = l.visit
WHERE l.amount > 0 AND l.refund_of IS NULL
QUALIFY row_number() OVER (PARTITION BY l.provider, l.visit, l.line ORDER BY l.batch_seq) = 1
