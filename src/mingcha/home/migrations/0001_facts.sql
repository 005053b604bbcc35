-- The work state that belongs to the facts: batches, people, areas, settings. Run by mingcha_owner.
-- Row security from the first day (DECISIONS 8, 23): a session sees what its `mingcha.scope` covers, else nothing.

CREATE TABLE facts.area (
    code text NOT NULL,
    parent text,
    name text NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 5),  -- 0 nation, 1 province, 2 city, 3 county
    valid_from date NOT NULL DEFAULT '1900-01-01',
    valid_to date CHECK (valid_to >= valid_from),
    PRIMARY KEY (code, valid_from)
);
CREATE INDEX ON facts.area (parent);
COMMENT ON TABLE facts.area IS 'the tree of areas; a later row of a code moves or renames it, the last one says who sees its facts';

CREATE FUNCTION facts.sees_all() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce('*' = ANY (string_to_array(current_setting('mingcha.scope', true), ',')), false);
COMMENT ON FUNCTION facts.sees_all IS 'whether the session''s scope is the whole tree';

CREATE FUNCTION facts.scope_areas() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE latest AS (
        SELECT DISTINCT ON (code) code, parent FROM facts.area WHERE valid_from <= current_date
        ORDER BY code, valid_from DESC
    ), below AS (
        SELECT unnest(string_to_array(current_setting('mingcha.scope', true), ',')) AS code
        UNION
        SELECT latest.code FROM latest JOIN below ON latest.parent = below.code
    )
    SELECT coalesce(array_agg(code), '{}') FROM below WHERE code <> '';
END;
COMMENT ON FUNCTION facts.scope_areas IS 'every area in the subtrees of the session''s scope (mingcha.scope: root codes, comma separated)';

CREATE FUNCTION facts.in_scope(fund_area text, care_area text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN facts.sees_all() OR coalesce(fund_area = ANY (facts.scope_areas()), false)
    OR coalesce(care_area = ANY (facts.scope_areas()), false);
COMMENT ON FUNCTION facts.in_scope IS 'for one row at a time; tables are guarded by facts.protect, which asks for the scope once a statement';

CREATE FUNCTION facts.protect(guarded regclass) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    condition text;
BEGIN
    SELECT string_agg(format('%I = ANY ((SELECT facts.scope_areas())::text[])', attname), ' OR ' ORDER BY attname)
    INTO condition
    FROM pg_attribute
    WHERE attrelid = guarded AND attname IN ('fund_area', 'care_area', 'area') AND NOT attisdropped;
    IF condition IS NULL THEN
        RAISE EXCEPTION '% has neither fund_area, care_area nor area', guarded;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('DROP POLICY IF EXISTS scope ON %s', guarded);
    EXECUTE format('CREATE POLICY scope ON %s USING ((SELECT facts.sees_all()) OR %s)', guarded, condition);
END;
$$;
COMMENT ON FUNCTION facts.protect IS 'row security by area for a table: visible if one of its areas lies in the scope';

CREATE TABLE facts.setting (
    key text NOT NULL,
    area text NOT NULL DEFAULT '*',
    valid_from date NOT NULL DEFAULT '1900-01-01',
    value jsonb NOT NULL,
    PRIMARY KEY (key, area, valid_from)
);
COMMENT ON TABLE facts.setting IS 'dated settings of the platform (area *) or of an area';
SELECT facts.protect('facts.setting');
CREATE POLICY platform ON facts.setting FOR SELECT USING (area = '*');

CREATE TABLE facts.import_batch (
    batch_seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'loading' CHECK (state IN ('loading', 'done', 'dropped')),
    source_hash text NOT NULL,
    mapping_hash text NOT NULL,
    by text NOT NULL,
    area text NOT NULL DEFAULT '*',
    files text[] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    totals jsonb NOT NULL DEFAULT '{}',
    CHECK ((state = 'loading') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX ON facts.import_batch (source_hash, mapping_hash) WHERE state <> 'dropped';
SELECT facts.protect('facts.import_batch');
COMMENT ON TABLE facts.import_batch IS 'one row a batch; batch_seq grows in the order in which batches enter the lake';

CREATE TABLE facts.identity (
    token bigint PRIMARY KEY,
    blind bytea NOT NULL UNIQUE CHECK (length(blind) = 32),
    blind_id bytea CHECK (length(blind_id) = 32),
    fund_area text,
    sealed bytea NOT NULL,
    key_version smallint NOT NULL DEFAULT 1
);
CREATE INDEX ON facts.identity (blind_id);
SELECT facts.protect('facts.identity');
COMMENT ON TABLE facts.identity IS 'who a token is: SM4-GCM sealed JSON, found by HMAC-SM3 of the person or identity number';

GRANT USAGE ON SCHEMA facts TO mingcha_app, mingcha_job;
GRANT SELECT ON ALL TABLES IN SCHEMA facts TO mingcha_app;
GRANT INSERT, UPDATE ON facts.setting, facts.area TO mingcha_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA facts TO mingcha_job;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA facts TO mingcha_app, mingcha_job;
REVOKE EXECUTE ON FUNCTION facts.protect FROM mingcha_app, mingcha_job, public;
