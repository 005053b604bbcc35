-- How the provider the session speaks for stands among others of its type and level in its city: its own value of each
-- measure, and the quartiles of the others where there are at least five with a value. It reads what row security keeps
-- from the caller, and lets out nothing that names, counts or singles out another provider.
CREATE FUNCTION facts.peer_statistics() RETURNS TABLE (
    measure text, own double precision, peers bigint, low double precision, middle double precision, high double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
    WITH me AS (
        SELECT provider, type, level, left(area, 4) AS city FROM provider_directory
        WHERE provider = facts.own_provider()
    ), alike AS (
        SELECT p.provider, p.provider = me.provider AS is_own FROM provider_directory p, me
        WHERE p.type IS NOT DISTINCT FROM me.type AND left(p.area, 4) = me.city
          AND (me.type = '2' OR p.level IS NOT DISTINCT FROM me.level)
    ), found AS (
        SELECT provider, sum(n) AS told, sum(fen) AS fen, sum(n) FILTER (WHERE certainty = 'definite') AS definite,
               sum(n) FILTER (WHERE step = 'revoked') AS revoked,
               sum(n) FILTER (WHERE step IN ('signed', 'deducted', 'revoked')) AS ended
        FROM finding_count JOIN alike USING (provider)
        WHERE rule = '' AND month = ''
          AND step IN ('notified', 'appealed', 'upheld', 'panel', 'final', 'signed', 'deducted', 'revoked')
        GROUP BY 1
    ), reminded AS (
        SELECT provider, sum(n) AS n, sum(changed) AS changed FROM reminder_day JOIN alike USING (provider)
        WHERE day > current_date - 365 AND environment = 'production' GROUP BY 1
    ), measured AS (
        SELECT a.is_own, m.* FROM alike a LEFT JOIN found f USING (provider) LEFT JOIN reminded r USING (provider),
        LATERAL (VALUES
            ('told', coalesce(f.told, 0)::double precision), ('fen', coalesce(f.fen, 0)),
            ('each', f.fen::double precision / nullif(f.told, 0)),
            ('definite', coalesce(f.definite, 0)::double precision / nullif(f.told, 0)),
            ('revoked', coalesce(f.revoked, 0)::double precision / nullif(f.ended, 0)),
            ('changed', coalesce(r.changed, 0)::double precision / nullif(r.n, 0))) AS m (measure, value)
    ), summed AS (
        SELECT measure, max(value) FILTER (WHERE is_own) AS own, count(value) FILTER (WHERE NOT is_own) AS peers,
               percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY value) FILTER (WHERE NOT is_own) AS at
        FROM measured GROUP BY 1
    )
    SELECT s.measure, s.own, CASE WHEN s.peers >= 5 THEN s.peers END, CASE WHEN s.peers >= 5 THEN s.at[1] END,
           CASE WHEN s.peers >= 5 THEN s.at[2] END, CASE WHEN s.peers >= 5 THEN s.at[3] END
    FROM summed s;
END;
CREATE POLICY peers ON reminder_day FOR SELECT TO CURRENT_USER USING (true);  -- the owner's, whose rights it has
REVOKE ALL ON FUNCTION facts.peer_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION facts.peer_statistics() TO mingcha_app;
