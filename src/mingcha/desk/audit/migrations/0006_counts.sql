-- What the desk counts, kept in the transaction that changes it: signed rows are only ever added, so nobody waits for
-- anybody, and a sum over them is right in every snapshot. `counts.fold` puts rows of one thing together now and then.
--   all findings of an area       rule = '', provider = '', month = ''
--   those of a rule, a provider   rule or provider given
--   open ones of a provider       provider and month ('2026-03') given
CREATE INDEX finding_count_by_what ON finding_count (provider, rule, month, step);
CREATE INDEX finding_count_fresh ON finding_count (provider, rule, month) WHERE NOT folded;

CREATE FUNCTION facts.count_findings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed text;
BEGIN
    changed := concat_ws(' UNION ALL ',
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT *, 1 AS sign FROM now_there' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT *, -1 AS sign FROM was_there' END);
    EXECUTE format($sql$
        INSERT INTO finding_count (fund_area, care_area, certainty, step, rule, provider, month, n, fen)
        SELECT fund_area, care_area, certainty, step, coalesce(rule, ''), coalesce(provider, ''), coalesce(month, ''),
               sum(sign), sum(sign * counted_fen)
        FROM (SELECT *, to_char(day, 'YYYY-MM') AS month FROM (%s) c) c
        GROUP BY GROUPING SETS (
            (fund_area, care_area, certainty, step), (fund_area, care_area, certainty, step, rule),
            (fund_area, care_area, certainty, step, provider), (fund_area, care_area, certainty, step, provider, month))
        HAVING (sum(sign) <> 0 OR sum(sign * counted_fen) <> 0) AND (step = 'first' OR GROUPING(month) = 1)
        $sql$, changed);
    RETURN NULL;
END $$;
CREATE TRIGGER finding_counted_added AFTER INSERT ON finding
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION facts.count_findings();
CREATE TRIGGER finding_counted_changed AFTER UPDATE ON finding
    REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION facts.count_findings();
CREATE TRIGGER finding_counted_gone AFTER DELETE ON finding
    REFERENCING OLD TABLE AS was_there FOR EACH STATEMENT EXECUTE FUNCTION facts.count_findings();

-- Put together what was added since: one row for one thing. Nothing is counted twice or lost to whoever reads meanwhile.
CREATE FUNCTION facts.fold_counts() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
    WITH fresh AS (
        SELECT DISTINCT fund_area, care_area, certainty, step, rule, provider, month FROM finding_count WHERE NOT folded
    ), gone AS (
        DELETE FROM finding_count c USING fresh f
        WHERE (c.provider, c.rule, c.month, c.step) = (f.provider, f.rule, f.month, f.step)
          AND (c.fund_area, c.care_area, c.certainty) = (f.fund_area, f.care_area, f.certainty)
        RETURNING c.*
    ), kept AS (
        INSERT INTO finding_count (fund_area, care_area, certainty, step, rule, provider, month, n, fen, folded)
        SELECT fund_area, care_area, certainty, step, rule, provider, month, sum(n), sum(fen), true FROM gone
        GROUP BY fund_area, care_area, certainty, step, rule, provider, month HAVING sum(n) <> 0 OR sum(fen) <> 0
    )
    SELECT count(*) FROM gone;
END;

-- Where the counts differ from a recount: none, whatever was written by whom.
CREATE FUNCTION facts.recount() RETURNS TABLE (
    fund_area text, care_area text, certainty text, step text, rule text, provider text, month text, n bigint, fen bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp
BEGIN ATOMIC
    WITH true_ones AS (
        SELECT f.fund_area, f.care_area, f.certainty, f.step, coalesce(f.rule, '') AS rule,
               coalesce(f.provider, '') AS provider, coalesce(f.month, '') AS month, count(*)::bigint AS n,
               sum(f.counted_fen)::bigint AS fen
        FROM (SELECT *, to_char(day, 'YYYY-MM') AS month FROM finding) f
        GROUP BY GROUPING SETS (
            (f.fund_area, f.care_area, f.certainty, f.step), (f.fund_area, f.care_area, f.certainty, f.step, f.rule),
            (f.fund_area, f.care_area, f.certainty, f.step, f.provider),
            (f.fund_area, f.care_area, f.certainty, f.step, f.provider, f.month))
        HAVING f.step = 'first' OR GROUPING(f.month) = 1
    )
    SELECT x.fund_area, x.care_area, x.certainty, x.step, x.rule, x.provider, x.month, sum(x.n)::bigint,
           sum(x.fen)::bigint
    FROM (SELECT * FROM true_ones UNION ALL
          SELECT c.fund_area, c.care_area, c.certainty, c.step, c.rule, c.provider, c.month, -c.n, -c.fen
          FROM finding_count c) x
    GROUP BY x.fund_area, x.care_area, x.certainty, x.step, x.rule, x.provider, x.month
    HAVING sum(x.n) <> 0 OR sum(x.fen) <> 0;
END;

-- What differs is put right in one statement, over one snapshot: a move that is under way counts itself when it is done.
CREATE FUNCTION facts.settle_counts() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
    WITH put AS (
        INSERT INTO finding_count (fund_area, care_area, certainty, step, rule, provider, month, n, fen)
        SELECT * FROM facts.recount() RETURNING 1
    )
    SELECT count(*) FROM put;
END;

SELECT facts.protect('finding_count');
ALTER TABLE finding_count FORCE ROW LEVEL SECURITY;
-- Only the functions above write, as the owner, and they count what a session changed in whatever area it lies.
CREATE POLICY counting ON finding_count TO CURRENT_USER USING (true);
CREATE POLICY own ON finding_count FOR SELECT USING (provider = (SELECT facts.own_provider()) AND month = ''
    AND step IN ('notified', 'appealed', 'upheld', 'panel', 'final', 'signed', 'deducted', 'revoked'));

REVOKE ALL ON finding_count, finding_item FROM mingcha_app, mingcha_job;
GRANT SELECT ON finding_count, finding_item TO mingcha_app, mingcha_job;
GRANT INSERT ON finding_item TO mingcha_job;
REVOKE ALL ON FUNCTION facts.count_findings, facts.fold_counts, facts.settle_counts, facts.recount FROM PUBLIC;
GRANT EXECUTE ON FUNCTION facts.count_findings TO mingcha_app, mingcha_job;
GRANT EXECUTE ON FUNCTION facts.fold_counts, facts.settle_counts, facts.recount TO mingcha_job;

-- What was found before there were counts.
SELECT set_config('mingcha.scope', '*', true);
INSERT INTO finding_count (fund_area, care_area, certainty, step, rule, provider, month, n, fen, folded)
SELECT *, true FROM facts.recount();
INSERT INTO finding_item (name) SELECT DISTINCT item_name FROM finding WHERE item_name IS NOT NULL;
ANALYZE finding_count, finding_item;
