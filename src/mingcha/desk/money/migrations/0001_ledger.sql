-- 整体扣款: a provider's signed findings up to a day become one statement; the ledger is double-entry and append-only.
CREATE TABLE money_statement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text GENERATED ALWAYS AS ('KK' || lpad(id::text, 8, '0')) STORED UNIQUE,
    token uuid NOT NULL UNIQUE,
    fund_area text NOT NULL,
    provider text NOT NULL,
    until date NOT NULL,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'approved', 'discarded')),
    drafted_by text NOT NULL,
    drafted_as text NOT NULL,
    drafted_at timestamptz NOT NULL DEFAULT now(),
    closed_by text,
    closed_at timestamptz,
    reason text NOT NULL DEFAULT '',
    act_id bigint REFERENCES review_act,
    UNIQUE (id, fund_area, provider),
    CHECK ((status = 'draft') = (closed_by IS NULL) AND (status = 'draft') = (closed_at IS NULL)),
    CHECK ((status = 'approved') = (act_id IS NOT NULL)),
    CHECK (status <> 'approved' OR closed_by <> drafted_by),
    CHECK (status <> 'discarded' OR reason <> '')
);
CREATE UNIQUE INDEX money_statement_one_draft ON money_statement (fund_area, provider) WHERE status = 'draft';
CREATE INDEX money_statement_by_provider ON money_statement (provider, id);

-- What a statement takes of each line: `basis` says from which amount, or why nothing (`fen` is 0 then).
CREATE TABLE money_statement_line (
    statement_id bigint NOT NULL,
    finding_id text NOT NULL REFERENCES finding,
    fund_area text NOT NULL,
    provider text NOT NULL,
    visit text NOT NULL,
    line text NOT NULL,
    fund text NOT NULL DEFAULT 'unknown',
    counted_fen bigint NOT NULL,
    fund_loss_fen bigint,
    fen bigint NOT NULL CHECK (fen >= 0 AND fen <= counted_fen),
    basis text NOT NULL CHECK (basis IN ('fund_loss', 'counted', 'no_settlement', 'other_provider')),
    PRIMARY KEY (statement_id, finding_id, visit, line),
    FOREIGN KEY (statement_id, fund_area, provider) REFERENCES money_statement (id, fund_area, provider),
    CHECK (basis IN ('fund_loss', 'counted') OR fen = 0)
);
CREATE INDEX money_statement_line_by_line ON money_statement_line (provider, visit, line);
CREATE INDEX money_statement_line_by_finding ON money_statement_line (finding_id);

CREATE TABLE money_posting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid UNIQUE,
    kind text NOT NULL CHECK (kind IN ('deduction', 'reversal', 'receipt')),
    statement_id bigint NOT NULL,
    fund_area text NOT NULL,
    provider text NOT NULL,
    act_id bigint REFERENCES review_act,
    day date NOT NULL,
    voucher text NOT NULL DEFAULT '',
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    UNIQUE (id, kind, statement_id, fund_area, provider),
    FOREIGN KEY (statement_id, fund_area, provider) REFERENCES money_statement (id, fund_area, provider),
    CHECK ((kind = 'receipt') = (act_id IS NULL))
);
CREATE UNIQUE INDEX money_posting_voucher ON money_posting (statement_id, voucher) WHERE voucher <> '';
CREATE INDEX money_posting_by_statement ON money_posting (statement_id);

-- Debit is positive, credit negative. receivable: what the provider owes; refund: what the fund gets back; recovered: paid.
CREATE TABLE money_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    posting_id bigint NOT NULL,
    kind text NOT NULL,
    statement_id bigint NOT NULL,
    fund_area text NOT NULL,
    provider text NOT NULL,
    account text NOT NULL CHECK (account IN ('receivable', 'refund', 'recovered')),
    fund text NOT NULL,
    finding_id text REFERENCES finding,
    visit text,
    line text,
    fen bigint NOT NULL CHECK (fen <> 0),
    FOREIGN KEY (posting_id, kind, statement_id, fund_area, provider)
        REFERENCES money_posting (id, kind, statement_id, fund_area, provider),
    CHECK ((kind = 'receipt') = (finding_id IS NULL))
);
-- A line of a finding is deducted once and reversed once, whatever the program does.
CREATE UNIQUE INDEX money_entry_once ON money_entry (finding_id, visit, line, kind, account);
CREATE INDEX money_entry_by_statement ON money_entry (statement_id, account);
CREATE INDEX money_entry_by_posting ON money_entry (posting_id);
CREATE INDEX money_entry_by_line ON money_entry (provider, visit, line);

-- At the end of the transaction each new posting sums to zero, fund by fund; afterwards nothing is added to it.
CREATE FUNCTION money_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off text;
BEGIN
    SELECT string_agg(fund || ' ' || total, ', ') INTO off
    FROM (SELECT fund, sum(fen) AS total FROM money_entry WHERE posting_id = NEW.id GROUP BY fund HAVING sum(fen) <> 0) t;
    IF off IS NOT NULL THEN
        RAISE EXCEPTION 'posting % does not sum to zero: %', NEW.id, off USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER money_posting_balances AFTER INSERT ON money_posting DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION money_posting_balances();

CREATE FUNCTION money_entry_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT posting_id FROM added) a JOIN money_posting p ON p.id = a.posting_id
               WHERE p.tx <> pg_current_xact_id()) THEN
        RAISE EXCEPTION 'a posting is complete when it is committed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER money_entry_in_time AFTER INSERT ON money_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION money_entry_in_time();

SELECT facts.protect(name::regclass) FROM unnest(ARRAY['money_statement', 'money_statement_line', 'money_posting', 'money_entry']) AS name;
ALTER TABLE money_statement FORCE ROW LEVEL SECURITY;
ALTER TABLE money_statement_line FORCE ROW LEVEL SECURITY;
ALTER TABLE money_posting FORCE ROW LEVEL SECURITY;
ALTER TABLE money_entry FORCE ROW LEVEL SECURITY;
-- A provider reads its own statements, from their approval on.
CREATE POLICY own ON money_statement FOR SELECT USING (provider = (SELECT facts.own_provider()) AND status = 'approved');
CREATE POLICY own ON money_statement_line FOR SELECT USING (provider = (SELECT facts.own_provider())
    AND EXISTS (SELECT FROM money_statement s WHERE s.id = statement_id));
CREATE POLICY own ON money_posting FOR SELECT USING (provider = (SELECT facts.own_provider()));
CREATE POLICY own ON money_entry FOR SELECT USING (provider = (SELECT facts.own_provider()));

REVOKE ALL ON money_statement, money_statement_line, money_posting, money_entry FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON money_statement, money_statement_line, money_posting, money_entry TO mingcha_app;
GRANT UPDATE (status, closed_by, closed_at, reason, act_id) ON money_statement TO mingcha_app;
GRANT SELECT ON money_statement, money_statement_line TO mingcha_job;
GRANT SELECT, INSERT ON money_posting, money_entry TO mingcha_job;
