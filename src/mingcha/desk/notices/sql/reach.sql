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
    SELECT * FROM jsonb_to_recordset(%(events)s::jsonb) AS e(event text, whose text, roles text[], minutes int, outside boolean)
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
), recipient AS (
    SELECT p.username AS recipient, t.id, t.subject, t.detail
    FROM (SELECT * FROM person UNION SELECT * FROM stood_in) p JOIN taken t USING (id) JOIN event e USING (event)
    WHERE p.username <> t.by OR e.whose = 'person'
    UNION ALL  -- an area's systems hear of each provider apart
    SELECT DISTINCT ON (o.id, t.id) 'endpoint:' || o.id, t.id, concat_ws(' ', nullif(t.subject, ''), t.provider),
           t.detail || jsonb_strip_nulls(jsonb_build_object('area', t.area, 'provider', t.provider))
    FROM taken t JOIN event e ON e.event = t.event AND e.outside JOIN up ON up.within = t.area
    JOIN notice_endpoint o ON o.state = 'on' AND (o.area IN ('*', up.code) OR t.area = '*')
        AND (o.events = '{}' OR t.event = ANY (o.events))
), told AS (
    -- What is told after its window, because no desk ran, is a notice of its own: none grows after it was sent.
    SELECT r.*, t.event, t.n, t.at, CASE WHEN e.minutes = 0 THEN t.at
        WHEN w.slot + w.long < now() THEN now() ELSE w.slot END AS slot,
        CASE WHEN e.minutes = 0 THEN t.at ELSE w.slot + w.long + interval '5 s' END AS ends  -- who posts at the edge is done
    FROM recipient r JOIN taken t USING (id) JOIN event e USING (event),
        LATERAL (SELECT make_interval(mins => greatest(e.minutes, 1)) AS long) l,
        LATERAL (SELECT l.long, date_bin(l.long, t.at, timestamptz '2020-01-01 00:00+08') AS slot) w
)
SELECT recipient, event, subject, slot, sum(n)::int AS n, min(at) AS first_at, max(at) AS at, max(ends) AS ends,
       (array_agg(detail ORDER BY id DESC))[1] AS detail
FROM told GROUP BY 1, 2, 3, 4;
