-- DuckDB: findings `since` to `until`. Four of five point at a line of the city as long as there are lines; the others
-- are of invented providers and visits, a year earlier each time round. Rules and money are skewed as in life.
WITH numbered AS (
    SELECT n, n % (SELECT count(*) FROM seed_line) AS place, n // (SELECT count(*) FROM seed_line) AS round,
           hash(n, $seed) AS h, hash(n, $seed, 'rule') % 1000000 / 1e6 AS u
    FROM range($since, $until) AS t(n)
), told AS (
    SELECT n, h, round, u, round = 0 AND n % 5 <> 0 AS real, l.* EXCLUDE (place)
    FROM numbered JOIN seed_line AS l USING (place)
), placed AS (
    SELECT * REPLACE (
        CASE WHEN real THEN provider ELSE 'Y' || lpad(CAST(floor(1500 * pow(h % 10007 / 10007.0, 2)) AS INTEGER)::VARCHAR, 11, '0') END AS provider,
        CASE WHEN real THEN visit ELSE 'Y' || round || '-' || visit END AS visit,
        day - INTERVAL 1 YEAR * round AS day)
    FROM told
)
SELECT p.n + 1 AS observation, p.fund_area, p.care_area, r.rule, p.provider || '|' || p.visit || '|' || p.line AS key,
       r.certainty, p.provider, p.person, p.visit, p.line, p.day::DATE AS day,
       (SELECT arg_min(step, below) FROM seed_step WHERE below > p.n) AS step,
       p.fen AS improper_fen, p.h % 10 < 7 AS settled, p.visit_type, p.department, p.practitioner, p.item_name,
       $day::DATE + CAST(p.h % 20 AS INTEGER) - 4 AS due,
       r.name || '：' || coalesce(p.item_name, '') || '（示例）' AS message
FROM placed AS p JOIN seed_rule AS r ON r.place = CAST(floor($rules * pow(p.u, 2.5)) AS INTEGER)
ORDER BY p.n
