-- Who is told of what was `taken` from the outbox: -> reached, one row a recipient, event, subject and window.
DROP TABLE IF EXISTS reached;
CREATE TEMP TABLE reached ON COMMIT DROP AS
WITH RECURSIVE latest AS (
    SELECT DISTINCT ON (code) code, parent FROM facts.area WHERE valid_from <= current_date
    ORDER BY code, valid_from DESC
), up AS (
    SELECT DISTINCT area AS within, area AS code, 0 AS far FROM taken WHERE area IS NOT NULL
    UNION
    SELECT up.within, latest.parent, up.far + 1 FROM up JOIN latest USING (code)
    WHERE latest.parent IS NOT NULL AND up.far < 20
), event AS (
    SELECT * FROM jsonb_to_recordset(%(events)s::jsonb) AS e(event text, whose text, roles text[], minutes int)
), person AS (
    SELECT t.id, a.username FROM taken t JOIN event e ON e.event = t.event AND e.whose = 'person'
    JOIN account a ON a.username = t.account AND a.is_active
    UNION
    SELECT t.id, a.username FROM taken t JOIN event e ON e.event = t.event AND e.whose = 'provider'
    JOIN account a ON a.provider = t.provider AND a.is_active
    UNION
    SELECT t.id, a.username FROM taken t JOIN event e ON e.event = t.event AND e.whose = 'office'
    JOIN up ON up.within = t.area
    JOIN account a ON a.is_active AND a.role = ANY (e.roles)
        AND (a.scope = '*' OR t.area = '*' OR up.code = ANY (string_to_array(a.scope, ',')))
), stood_in AS (
    SELECT p.id, d.username FROM person p JOIN taken t USING (id)
    JOIN event e ON e.event = t.event AND e.whose <> 'person'
    JOIN account l ON l.username = p.username
    JOIN delegation g ON g.lender_id = l.id AND g.ended_at IS NULL AND %(today)s::date BETWEEN g.since AND g.until
    JOIN account d ON d.id = g.delegate_id AND d.is_active
), told AS (
    SELECT p.username, t.*, CASE e.minutes WHEN 0 THEN t.at
        ELSE date_bin(make_interval(mins => e.minutes), t.at, timestamptz '2020-01-01 00:00+08') END AS slot
    FROM (SELECT * FROM person UNION SELECT * FROM stood_in) p JOIN taken t USING (id) JOIN event e USING (event)
    WHERE p.username <> t.by OR e.whose = 'person'
)
SELECT username AS recipient, event, subject, slot, sum(n)::int AS n, min(at) AS first_at, max(at) AS at,
       (array_agg(detail ORDER BY id DESC))[1] AS detail
FROM told GROUP BY 1, 2, 3, 4;
