-- 自查: what a provider checked of its own data. Row security knows no area here: a bureau, whatever its scope, sees none.
CREATE TABLE selfcheck_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid NOT NULL UNIQUE,
    provider text NOT NULL,
    by text NOT NULL,
    job bigint,
    files jsonb NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    expires_at timestamptz NOT NULL,
    trouble text,
    totals jsonb,
    lacking jsonb,
    findings bigint,
    improper_fen bigint,
    pack text,
    CHECK ((finished_at IS NULL) = (num_nulls(trouble, totals) = 2)),
    CHECK (totals IS NULL OR num_nulls(lacking, findings, improper_fen, pack) = 0)
);
COMMENT ON COLUMN selfcheck_run.token IS 'names the folder that holds its files';
COMMENT ON COLUMN selfcheck_run.trouble IS 'why nothing came of it, in words for the provider';
COMMENT ON COLUMN selfcheck_run.improper_fen IS 'each line once, with the largest amount of its findings';
CREATE INDEX selfcheck_run_by_provider ON selfcheck_run (provider, id DESC);
CREATE INDEX selfcheck_run_by_end ON selfcheck_run (expires_at);

CREATE TABLE selfcheck_finding (
    run_id bigint NOT NULL REFERENCES selfcheck_run ON DELETE CASCADE,
    n int NOT NULL,
    provider text NOT NULL,
    rule text NOT NULL,
    rule_name text NOT NULL,
    certainty text NOT NULL,
    article text NOT NULL,
    person bigint,
    visit text,
    line text,
    item text,
    item_name text,
    day date,
    improper_fen bigint NOT NULL,
    message text NOT NULL,
    why jsonb NOT NULL,
    PRIMARY KEY (run_id, n)
);

ALTER TABLE selfcheck_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE selfcheck_run FORCE ROW LEVEL SECURITY;
ALTER TABLE selfcheck_finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE selfcheck_finding FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON selfcheck_run TO mingcha_app
    USING (provider = (SELECT facts.own_provider())) WITH CHECK (provider = (SELECT facts.own_provider()));
CREATE POLICY own ON selfcheck_finding TO mingcha_app
    USING (provider = (SELECT facts.own_provider())) WITH CHECK (provider = (SELECT facts.own_provider()));
-- Who sweeps learns which folders are in use and since when one is not, and no more.
CREATE POLICY folders ON selfcheck_run FOR SELECT TO mingcha_job USING (true);
CREATE POLICY sweep ON selfcheck_run FOR DELETE TO mingcha_job USING (expires_at <= now());

REVOKE ALL ON selfcheck_run, selfcheck_finding FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT, DELETE ON selfcheck_run, selfcheck_finding TO mingcha_app;
GRANT UPDATE (job, finished_at, trouble, totals, lacking, findings, improper_fen, pack) ON selfcheck_run TO mingcha_app;
GRANT SELECT (id, token, expires_at), DELETE ON selfcheck_run TO mingcha_job;
