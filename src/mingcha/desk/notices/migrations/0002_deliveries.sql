-- 投递: one row a notice and channel; what a person set; addresses sealed.
CREATE TABLE notice_person (
    account text PRIMARY KEY,
    email bytea,
    sms bytea,
    rhythm text NOT NULL DEFAULT 'soon' CHECK (rhythm IN ('soon', 'daily')),
    quiet_since time,
    quiet_until time,
    CHECK ((quiet_since IS NULL) = (quiet_until IS NULL))
);
COMMENT ON TABLE notice_person IS 'addresses are sealed with the home''s keys, bound to account and channel';

CREATE TABLE notice_choice (
    account text NOT NULL,
    event text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    wanted boolean NOT NULL,
    PRIMARY KEY (account, event, channel)
);

CREATE TABLE notice_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id bigint NOT NULL REFERENCES notice ON DELETE CASCADE,
    recipient text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'endpoint')),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'given_up', 'dropped')),
    attempts int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    batch uuid,
    error text NOT NULL DEFAULT '',
    made_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    UNIQUE (notice_id, channel),
    CHECK (state <> 'sending' OR batch IS NOT NULL),
    CHECK ((state IN ('waiting', 'sending')) = (ended_at IS NULL))
);
COMMENT ON COLUMN notice_delivery.batch IS 'the message it went with: the same on every attempt, so that a receiver can tell a repetition';
COMMENT ON COLUMN notice_delivery.error IS 'what went wrong last, never with an address in it';
CREATE INDEX notice_delivery_due ON notice_delivery (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX notice_delivery_of ON notice_delivery (recipient, id DESC);

ALTER TABLE notice_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_person FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notice_person USING (account = (SELECT facts.own_account()));
CREATE POLICY work ON notice_person TO mingcha_job USING (true);
ALTER TABLE notice_choice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_choice FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notice_choice USING (account = (SELECT facts.own_account()));
CREATE POLICY work ON notice_choice TO mingcha_job USING (true);
ALTER TABLE notice_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notice_delivery FOR SELECT USING (recipient = (SELECT facts.own_account()));
CREATE POLICY work ON notice_delivery TO mingcha_job USING (true);

REVOKE ALL ON notice_person, notice_choice, notice_delivery FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT, UPDATE ON notice_person, notice_choice TO mingcha_app;
GRANT SELECT ON notice_delivery TO mingcha_app;
GRANT SELECT ON notice_person, notice_choice TO mingcha_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_delivery TO mingcha_job;

-- What became of deliveries to people within one's areas, for whoever sees to the channels: no names, no addresses.
CREATE POLICY counted ON notice_delivery FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION facts.notice_health() RETURNS TABLE (channel text, state text, n bigint, error text, last timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
BEGIN ATOMIC
    SELECT d.channel, CASE WHEN d.state = 'waiting' AND d.attempts > 0 THEN 'again' ELSE d.state END, count(*),
           (array_agg(d.error ORDER BY d.id DESC) FILTER (WHERE d.error <> ''))[1], max(coalesce(d.ended_at, d.made_at))
    FROM notice_delivery d JOIN account a ON a.username = d.recipient
    WHERE d.made_at > now() - interval '7 days'
      AND ((SELECT facts.sees_all()) OR string_to_array(a.scope, ',') <@ (SELECT facts.scope_areas()))
    GROUP BY 1, 2;
END;
COMMENT ON FUNCTION facts.notice_health IS 'deliveries of the last seven days by channel and state, with the last error';
REVOKE EXECUTE ON FUNCTION facts.notice_health FROM public;
GRANT EXECUTE ON FUNCTION facts.notice_health TO mingcha_app;
