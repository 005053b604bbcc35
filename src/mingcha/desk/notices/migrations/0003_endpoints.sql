-- 推送: endpoints that an area's own systems or chat groups listen at. Addresses and secrets are sealed.
CREATE TABLE notice_endpoint (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area text NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('webhook', 'wecom', 'dingtalk')),
    url bytea NOT NULL,
    host text NOT NULL,
    secret bytea,
    former bytea,
    former_until timestamptz,
    events text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'broken')),
    failing_since timestamptz,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((former IS NULL) = (former_until IS NULL))
);
COMMENT ON COLUMN notice_endpoint.url IS 'sealed: a robot''s address holds its key';
COMMENT ON COLUMN notice_endpoint.former IS 'the secret before the last rotation; signs too until former_until';
COMMENT ON COLUMN notice_endpoint.events IS 'what it is told of; empty: everything';
SELECT facts.protect('notice_endpoint');
ALTER TABLE notice_endpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY work ON notice_endpoint TO mingcha_job USING (true);
CREATE POLICY endpoint ON notice FOR SELECT USING (
    recipient IN (SELECT 'endpoint:' || e.id FROM notice_endpoint e));
CREATE POLICY endpoint ON notice_delivery USING (
    recipient IN (SELECT 'endpoint:' || e.id FROM notice_endpoint e));

REVOKE ALL ON notice_endpoint FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON notice_endpoint TO mingcha_app;
GRANT UPDATE (name, url, host, secret, former, former_until, events, state, failing_since) ON notice_endpoint
    TO mingcha_app;
GRANT SELECT, UPDATE ON notice_endpoint TO mingcha_job;
GRANT UPDATE (state, next_at, attempts, ended_at, error) ON notice_delivery TO mingcha_app;
