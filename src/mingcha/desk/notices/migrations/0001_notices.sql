-- 通知: acts tell (rows are only added), the desk folds what was told into one notice per person and window.
CREATE TABLE notice_told (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event text NOT NULL,
    area text,
    provider text,
    account text,
    subject text NOT NULL DEFAULT '',
    n int NOT NULL DEFAULT 1 CHECK (n > 0),
    detail jsonb NOT NULL DEFAULT '{}',
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    once text UNIQUE,
    posted_at timestamptz,
    CHECK (area IS NOT NULL OR provider IS NOT NULL OR account IS NOT NULL)
);
COMMENT ON TABLE notice_told IS 'the outbox: written in the transaction of the act, made into notices by the desk';
COMMENT ON COLUMN notice_told.once IS 'what clocks tell is told once: event, day and whom';
CREATE INDEX notice_told_waiting ON notice_told (id) WHERE posted_at IS NULL;

CREATE TABLE notice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL,
    event text NOT NULL,
    subject text NOT NULL DEFAULT '',
    slot timestamptz NOT NULL,
    n int NOT NULL CHECK (n > 0),
    detail jsonb NOT NULL DEFAULT '{}',
    first_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    read_at timestamptz,
    UNIQUE (recipient, event, subject, slot)
);
COMMENT ON COLUMN notice.slot IS 'beginning of the window whose happenings are one notice';
CREATE INDEX notice_newest ON notice (recipient, id DESC);
CREATE INDEX notice_unread ON notice (recipient, id DESC) WHERE read_at IS NULL;

CREATE TABLE notice_count (
    account text PRIMARY KEY,
    unread int NOT NULL CHECK (unread >= 0)
);
COMMENT ON TABLE notice_count IS 'unread notices of a person, kept in the transaction that adds or reads one';

ALTER TABLE notice_told ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_told FORCE ROW LEVEL SECURITY;
CREATE POLICY told ON notice_told FOR INSERT WITH CHECK (once IS NULL AND posted_at IS NULL);
CREATE POLICY work ON notice_told TO mingcha_job USING (true);
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notice USING (recipient = (SELECT facts.own_account()));
CREATE POLICY work ON notice TO mingcha_job USING (true);
ALTER TABLE notice_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_count FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notice_count USING (account = (SELECT facts.own_account()));
CREATE POLICY work ON notice_count TO mingcha_job USING (true);

REVOKE ALL ON notice_told, notice, notice_count FROM mingcha_app, mingcha_job;
GRANT INSERT (event, area, provider, account, subject, n, detail, by) ON notice_told TO mingcha_app;
GRANT SELECT ON notice, notice_count TO mingcha_app;
GRANT UPDATE (read_at) ON notice TO mingcha_app;
GRANT UPDATE (unread) ON notice_count TO mingcha_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_told, notice, notice_count TO mingcha_job;
-- Whom to tell is found by post and area; the password's hash stays the desk's.
GRANT SELECT (id, username, display_name, role, scope, provider, is_active) ON account TO mingcha_job;
