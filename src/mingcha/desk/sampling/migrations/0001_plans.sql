-- 数据抽查: a plan says what was drawn from and how, so that anybody can draw it again; its cases are answered once.
CREATE TABLE sampling_plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid NOT NULL UNIQUE,
    name text NOT NULL CHECK (name <> ''),
    area text NOT NULL,
    provider text,
    since date NOT NULL,
    until date NOT NULL CHECK (until >= since),
    method text NOT NULL CHECK (method IN ('simple', 'stratified', 'risk')),
    strata text NOT NULL CHECK (strata IN ('level', 'care', 'provider')),
    confidence smallint NOT NULL CHECK (confidence IN (90, 95, 99)),
    margin numeric(5, 4) NOT NULL,
    expected numeric(5, 4) NOT NULL,
    count int NOT NULL CHECK (count > 0),
    seed text NOT NULL,
    watermark bigint NOT NULL,
    population bigint NOT NULL,
    population_fen bigint NOT NULL,
    sizes jsonb NOT NULL,
    context jsonb NOT NULL,
    digest text NOT NULL,
    drawn_by text NOT NULL,
    drawn_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN sampling_plan.sizes IS 'settlements of the population by stratum';
COMMENT ON COLUMN sampling_plan.context IS 'what drawing needs beside the lake as of the watermark: levels, or what findings claimed';
COMMENT ON COLUMN sampling_plan.digest IS 'SHA-256 over the keys drawn, in their order';

CREATE TABLE sampling_case (
    plan_id bigint NOT NULL REFERENCES sampling_plan,
    n int NOT NULL,
    area text NOT NULL,
    provider text NOT NULL,
    visit text NOT NULL,
    person bigint,
    day date NOT NULL,
    visit_type text,
    stratum text NOT NULL,
    chance double precision NOT NULL,
    times int NOT NULL DEFAULT 1,
    total_fen bigint NOT NULL,
    expert text,
    verdict text CHECK (verdict IN ('clean', 'fault')),
    improper_fen bigint,
    words text NOT NULL DEFAULT '',
    given_by text,
    given_at timestamptz,
    PRIMARY KEY (plan_id, n),
    UNIQUE (plan_id, provider, visit),
    CHECK ((verdict IS NULL) = (given_at IS NULL) AND (verdict IS NULL) = (improper_fen IS NULL)),
    CHECK (verdict IS DISTINCT FROM 'clean' OR improper_fen = 0),
    CHECK (verdict IS DISTINCT FROM 'fault' OR improper_fen BETWEEN 1 AND total_fen AND words <> '')
);
CREATE INDEX sampling_case_by_expert ON sampling_case (expert, plan_id) WHERE expert IS NOT NULL;

SELECT facts.protect(name::regclass) FROM unnest(ARRAY['sampling_plan', 'sampling_case']) AS name;
ALTER TABLE sampling_plan FORCE ROW LEVEL SECURITY;
ALTER TABLE sampling_case FORCE ROW LEVEL SECURITY;
CREATE POLICY given ON sampling_case USING (expert = (SELECT facts.own_account()));
CREATE FUNCTION facts.plans_given_me() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
RETURN (SELECT coalesce(array_agg(DISTINCT plan_id), '{}') FROM sampling_case WHERE expert = facts.own_account());
COMMENT ON FUNCTION facts.plans_given_me IS 'the plans of which the session''s person was given cases as an expert';
GRANT EXECUTE ON FUNCTION facts.plans_given_me TO mingcha_app, mingcha_job;
CREATE POLICY given ON sampling_plan FOR SELECT USING (id = ANY ((SELECT facts.plans_given_me())::bigint[]));

REVOKE ALL ON sampling_plan, sampling_case FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON sampling_plan, sampling_case TO mingcha_app;
GRANT UPDATE (expert, verdict, improper_fen, words, given_by, given_at) ON sampling_case TO mingcha_app;
GRANT SELECT ON sampling_plan, sampling_case TO mingcha_job;
