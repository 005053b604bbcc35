-- 拨付: batches of signed claims, the signatures under them, and what the bank's return files said of each row.
CREATE TABLE disbursement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text GENERATED ALWAYS AS ('BF' || lpad(id::text, 8, '0')) STORED UNIQUE,
    token uuid NOT NULL UNIQUE,
    fund_area text NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    step text NOT NULL DEFAULT 'entry'
        CHECK (step IN ('entry', 'check', 'approve', 'leader', 'signed', 'sent', 'returned', 'discarded')),
    route text[] NOT NULL DEFAULT '{entry,check,approve}',
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    sent_fen bigint,
    UNIQUE (id, fund_area),
    CHECK ((step IN ('sent', 'returned')) = (sent_at IS NOT NULL) AND (sent_at IS NULL) = (sent_fen IS NULL)),
    CHECK (route @> ARRAY['entry', 'approve'])
);
COMMENT ON COLUMN disbursement.sent_fen IS 'the sum that was sent, as it stood then';
CREATE INDEX disbursement_in_order ON disbursement (step, id);

CREATE TABLE disbursement_file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fund_area text NOT NULL,
    disbursement_id bigint NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    rows int NOT NULL CHECK (rows > 0),
    told int NOT NULL CHECK (told BETWEEN 0 AND rows),
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (disbursement_id, sha256),
    FOREIGN KEY (disbursement_id, fund_area) REFERENCES disbursement (id, fund_area)
);
COMMENT ON COLUMN disbursement_file.told IS 'rows that said something new; the others had been told with the same result';

CREATE TABLE disbursement_row (
    disbursement_id bigint NOT NULL,
    n int NOT NULL CHECK (n > 0),
    fund_area text NOT NULL,
    item_id bigint NOT NULL,
    fen bigint NOT NULL CHECK (fen > 0),
    result text NOT NULL DEFAULT 'waiting' CHECK (result IN ('waiting', 'paid', 'failed', 'out')),
    why text NOT NULL DEFAULT '',
    day date,
    file_id bigint REFERENCES disbursement_file,
    PRIMARY KEY (disbursement_id, n),
    UNIQUE (disbursement_id, item_id),
    FOREIGN KEY (disbursement_id, fund_area) REFERENCES disbursement (id, fund_area),
    FOREIGN KEY (item_id, fund_area) REFERENCES benefit_item (id, fund_area),
    CHECK ((result IN ('paid', 'failed')) = (day IS NOT NULL) AND (day IS NULL) = (file_id IS NULL)),
    CHECK (result <> 'failed' OR why <> '')
);
-- A claim is in one batch that waits or has paid, and is paid once, whatever the program does.
CREATE UNIQUE INDEX disbursement_row_once ON disbursement_row (item_id) WHERE result IN ('waiting', 'paid');

CREATE TABLE disbursement_move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid NOT NULL,
    disbursement_id bigint NOT NULL,
    fund_area text NOT NULL,
    name text NOT NULL,
    level text NOT NULL CHECK (level IN ('entry', 'check', 'approve', 'leader')),
    before text NOT NULL,
    after text NOT NULL,
    by text NOT NULL,
    acting_for text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    rows int NOT NULL,
    fen bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (token, disbursement_id),
    FOREIGN KEY (disbursement_id, fund_area) REFERENCES disbursement (id, fund_area)
);
CREATE INDEX disbursement_move_by_batch ON disbursement_move (disbursement_id, id);

-- Nobody acts at two levels of one batch; an act for an absent colleague is both people's.
CREATE FUNCTION disbursement_move_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM disbursement_move m WHERE m.disbursement_id = NEW.disbursement_id AND m.level <> NEW.level
               AND (m.by IN (NEW."by", NEW.acting_for)
                    OR m.acting_for <> '' AND m.acting_for IN (NEW."by", NEW.acting_for))) THEN
        RAISE EXCEPTION 'batch %: % acted at another level', NEW.disbursement_id, NEW."by" USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disbursement_move_apart BEFORE INSERT ON disbursement_move
    FOR EACH ROW EXECUTE FUNCTION disbursement_move_apart();

-- A row's amount is the claim's, and the claim is signed; while a row holds it, neither changes.
CREATE FUNCTION disbursement_row_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM benefit_item b WHERE b.id = NEW.item_id AND b.step = 'signed' AND b.approved_fen = NEW.fen) THEN
        RAISE EXCEPTION 'claim % is not signed for % fen', NEW.item_id, NEW.fen USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disbursement_row_fits BEFORE INSERT ON disbursement_row
    FOR EACH ROW EXECUTE FUNCTION disbursement_row_fits();

CREATE FUNCTION benefit_item_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.step, NEW.approved_fen) IS DISTINCT FROM (OLD.step, OLD.approved_fen)
       AND EXISTS (SELECT FROM disbursement_row r WHERE r.item_id = OLD.id AND r.result IN ('waiting', 'paid')) THEN
        RAISE EXCEPTION 'claim % is in a batch of payments', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER benefit_item_held BEFORE UPDATE ON benefit_item FOR EACH ROW WHEN (OLD.step = 'signed')
    EXECUTE FUNCTION benefit_item_held();

SELECT facts.protect(name::regclass)
FROM unnest(ARRAY['disbursement', 'disbursement_file', 'disbursement_row', 'disbursement_move']) AS name;
ALTER TABLE disbursement FORCE ROW LEVEL SECURITY;
ALTER TABLE disbursement_file FORCE ROW LEVEL SECURITY;
ALTER TABLE disbursement_row FORCE ROW LEVEL SECURITY;
ALTER TABLE disbursement_move FORCE ROW LEVEL SECURITY;

REVOKE ALL ON disbursement, disbursement_file, disbursement_row, disbursement_move FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON disbursement, disbursement_file, disbursement_row, disbursement_move TO mingcha_app;
GRANT UPDATE (step, route, sent_at, sent_fen) ON disbursement TO mingcha_app;
GRANT UPDATE (result, why, day, file_id) ON disbursement_row TO mingcha_app;
GRANT SELECT ON disbursement, disbursement_file, disbursement_row, disbursement_move TO mingcha_job;
