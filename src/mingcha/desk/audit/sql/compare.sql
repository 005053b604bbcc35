-- What each flag means for what is already known: added, again (after a withdrawal), changed, or the same.
CREATE UNIQUE INDEX ON staged_flag (finding);
CREATE UNIQUE INDEX ON staged_claim (finding, provider, visit, line);
ANALYZE staged_flag;
ANALYZE staged_claim;

CREATE TEMP TABLE staged ON COMMIT DROP AS
WITH content AS (
    SELECT s.*, coalesce(c.own_fen, s.improper_fen) AS own_fen, coalesce(c.lines, 0) AS lines,
           md5(ROW(s.rule_version, s.certainty, s.person, s.day, s.improper_fen, s.quantity, s.knowledge_ids,
                   s.witnesses, s.why, s.message, c.content)::text) AS digest
    FROM staged_flag s
    LEFT JOIN (
        SELECT finding, sum(own_fen)::bigint AS own_fen, count(*)::int AS lines,
               md5(string_agg(ROW(provider, visit, line, own_fen, in_scope_fen, settled_fund_fen,
                                  settled_in_scope_fen)::text, ';'
                   ORDER BY provider COLLATE "C", visit COLLATE "C", line COLLATE "C")) AS content
        FROM staged_claim GROUP BY finding
    ) c USING (finding)
), known AS (
    SELECT c.*, f.state,
           CASE
               WHEN f.id IS NULL THEN 'added'
               WHEN f.state = 'withdrawn' THEN 'again'
               WHEN o.verdict = 'flagged' AND o.digest = c.digest AND o.pack_hash = coalesce(c.pack_hash, %(pack)s) THEN 'same'
               ELSE 'changed'
           END AS how,
           coalesce(o.watermark > %(watermark)s, false) AS outdated  -- an audit of older facts changes nothing that shows
    FROM content c
    LEFT JOIN finding f ON f.id = c.finding
    LEFT JOIN observation o ON o.id = f.latest_observation
)
SELECT *, how <> 'same' AND state IS DISTINCT FROM 'decided' AND NOT outdated AS rewrites,
       CASE WHEN how <> 'same' THEN nextval(pg_get_serial_sequence('observation', 'id')) END AS observation
FROM known;

CREATE UNIQUE INDEX ON staged (finding);
ANALYZE staged;

-- Findings that an incremental audit had no reason to judge again: they stand as they are.
CREATE TEMP TABLE standing ON COMMIT DROP AS
SELECT f.id AS finding FROM finding f
WHERE %(incremental)s AND f.state <> 'withdrawn' AND f.rule = ANY(%(asked)s) AND f.rule <> ALL(%(whole)s)
  AND CASE
      WHEN f.frame IN ('trace', 'pack') THEN f.key NOT IN (SELECT key FROM reach_key)
      WHEN f.person IS NOT NULL THEN f.person NOT IN (SELECT person FROM reach_person)
      ELSE (f.provider, f.visit) NOT IN (SELECT provider, visit FROM reach_visit)
  END
  AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.finding = f.id);
CREATE UNIQUE INDEX ON standing (finding);
ANALYZE standing;

-- Open findings inside this audit's filter that it did not flag. Of a rule that was not asked (it only reminds the doctor,
-- and once was run by name) nothing is known; of a rule the pack has no more, everything is gone.
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT f.id AS finding, CASE WHEN f.rule = ANY(%(known_rules)s) THEN 'not_flagged' ELSE 'rule_gone' END AS reason
FROM finding f JOIN observation o ON o.id = f.latest_observation
WHERE f.state = 'open' AND o.watermark <= %(watermark)s
  AND (%(providers)s::text[] IS NULL OR f.provider = ANY(%(providers)s))
  AND (%(rules)s::text[] IS NULL OR f.rule = ANY(%(rules)s))
  AND (f.rule = ANY(%(asked)s) OR f.rule <> ALL(%(known_rules)s))
  AND (%(since)s::date IS NULL OR f.day >= %(since)s)
  AND (%(until)s::date IS NULL OR f.day <= %(until)s)
  AND (%(areas)s::text[] IS NULL OR f.fund_area = ANY(%(areas)s) OR f.care_area = ANY(%(areas)s))
  AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.finding = f.id)
  AND NOT EXISTS (SELECT 1 FROM standing s WHERE s.finding = f.id);

-- Lines whose booking may move: those of rewritten and of withdrawn findings, before and after.
CREATE TEMP TABLE touched ON COMMIT DROP AS
SELECT c.provider, c.visit, c.line FROM staged_claim c JOIN staged s USING (finding) WHERE s.rewrites
UNION
SELECT l.provider, l.visit, l.line FROM finding_line l JOIN staged s ON s.finding = l.finding_id
WHERE s.rewrites AND s.how <> 'added'
UNION
SELECT l.provider, l.visit, l.line FROM finding_line l JOIN gone g ON g.finding = l.finding_id;
ANALYZE touched;

INSERT INTO claim (provider, visit, line, finding, rule, certainty, own_fen, frozen_fen, grows)
SELECT c.provider, c.visit, c.line, s.finding, s.rule, s.certainty, c.own_fen, NULL::bigint, false
FROM staged_claim c JOIN staged s USING (finding) WHERE s.rewrites
UNION ALL
SELECT l.provider, l.visit, l.line, f.id, f.rule, f.certainty, coalesce(l.decided_fen, l.improper_fen),
       CASE WHEN f.state = 'decided' THEN l.counted_fen END, f.step = ANY(%(growing)s)
FROM touched t
JOIN finding_line l USING (provider, visit, line)
JOIN finding f ON f.id = l.finding_id
WHERE f.step <> ALL(%(over)s)
  AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.finding = f.id AND s.rewrites)
  AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.finding = f.id);
ANALYZE claim;
