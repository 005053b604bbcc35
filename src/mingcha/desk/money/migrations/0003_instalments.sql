-- What comes in is transferred, or kept back from what the fund pays the provider next (冲减); then it names the voucher.
ALTER TABLE money_posting ADD COLUMN manner text NOT NULL DEFAULT 'transfer'
    CHECK (manner IN ('transfer', 'offset')),
    ADD CONSTRAINT money_posting_offset_has_voucher CHECK (manner = 'transfer' OR (kind = 'receipt' AND voucher <> ''));

-- 分期: what is open of a statement, by days. Drafted by finance, granted by a leader; one in force at a time.
CREATE TABLE money_plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid NOT NULL UNIQUE,
    statement_id bigint NOT NULL,
    fund_area text NOT NULL,
    provider text NOT NULL,
    fen bigint NOT NULL CHECK (fen > 0),
    reason text NOT NULL CHECK (reason <> ''),
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'granted', 'discarded', 'ended')),
    drafted_by text NOT NULL,
    drafted_at timestamptz NOT NULL DEFAULT now(),
    decided_by text,
    decided_at timestamptz,
    ended_by text,
    ended_at timestamptz,
    words text NOT NULL DEFAULT '',
    UNIQUE (id, statement_id, fund_area, provider),
    FOREIGN KEY (statement_id, fund_area, provider) REFERENCES money_statement (id, fund_area, provider),
    CHECK ((status = 'draft') = (decided_by IS NULL) AND (status = 'draft') = (decided_at IS NULL)),
    CHECK (status NOT IN ('granted', 'ended') OR decided_by <> drafted_by),
    CHECK ((status = 'ended') = (ended_by IS NOT NULL) AND (status = 'ended') = (ended_at IS NOT NULL)),
    CHECK (status IN ('draft', 'granted') OR words <> '')
);
CREATE UNIQUE INDEX money_plan_one_draft ON money_plan (statement_id) WHERE status = 'draft';
CREATE UNIQUE INDEX money_plan_one_in_force ON money_plan (statement_id) WHERE status = 'granted';
CREATE INDEX money_plan_by_statement ON money_plan (statement_id, id);

CREATE TABLE money_instalment (
    plan_id bigint NOT NULL,
    number smallint NOT NULL CHECK (number > 0),
    statement_id bigint NOT NULL,
    fund_area text NOT NULL,
    provider text NOT NULL,
    due date NOT NULL,
    fen bigint NOT NULL CHECK (fen > 0),
    PRIMARY KEY (plan_id, number),
    UNIQUE (plan_id, due),
    FOREIGN KEY (plan_id, statement_id, fund_area, provider) REFERENCES money_plan (id, statement_id, fund_area, provider)
);

SELECT facts.protect(name::regclass) FROM unnest(ARRAY['money_plan', 'money_instalment']) AS name;
ALTER TABLE money_plan FORCE ROW LEVEL SECURITY;
ALTER TABLE money_instalment FORCE ROW LEVEL SECURITY;
-- A provider reads what it was granted.
CREATE POLICY own ON money_plan FOR SELECT
    USING (provider = (SELECT facts.own_provider()) AND status IN ('granted', 'ended'));
CREATE POLICY own ON money_instalment FOR SELECT USING (provider = (SELECT facts.own_provider())
    AND EXISTS (SELECT FROM money_plan p WHERE p.id = plan_id));

REVOKE ALL ON money_plan, money_instalment FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON money_plan, money_instalment TO mingcha_app;
GRANT UPDATE (status, decided_by, decided_at, ended_by, ended_at, words) ON money_plan TO mingcha_app;
GRANT SELECT ON money_plan, money_instalment TO mingcha_job;
