-- 待遇审核: items of manual claims as they were entered, what each level did to them, and the papers put to them.
CREATE TABLE benefit_file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fund_area text NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    rows int NOT NULL CHECK (rows > 0),
    added int NOT NULL CHECK (added BETWEEN 0 AND rows),
    fen bigint NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (fund_area, sha256)
);
COMMENT ON COLUMN benefit_file.added IS 'rows that became items; the others had come before with the same content';

CREATE TABLE benefit_item (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text GENERATED ALWAYS AS ('DY' || lpad(id::text, 8, '0')) STORED UNIQUE,
    token uuid UNIQUE,
    file_id bigint REFERENCES benefit_file,
    fund_area text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('manual', 'maternity', 'sporadic')),
    slip text NOT NULL CHECK (slip <> ''),
    person bigint NOT NULL,
    provider text NOT NULL DEFAULT '',
    provider_name text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    day date NOT NULL,
    received date NOT NULL CHECK (received >= day),
    total_fen bigint NOT NULL CHECK (total_fen > 0),
    claimed_fen bigint NOT NULL CHECK (claimed_fen > 0 AND claimed_fen <= total_fen),
    approved_fen bigint NOT NULL CHECK (approved_fen BETWEEN 0 AND claimed_fen),
    injury boolean NOT NULL,
    elsewhere boolean NOT NULL,
    digest text NOT NULL,
    route text[] NOT NULL,
    points text[] NOT NULL,
    step text NOT NULL DEFAULT 'first'
        CHECK (step IN ('first', 'check', 'focus', 'site', 'sign', 'signed', 'refused', 'closed')),
    due date,
    paused_left smallint,
    extended boolean NOT NULL DEFAULT false,
    confirmed_by text,
    confirmed_at timestamptz,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, fund_area),
    CHECK (route @> ARRAY['first', 'sign'] AND (step = ANY (route) OR step IN ('signed', 'refused', 'closed'))),
    CHECK ((step = 'signed') <= (approved_fen > 0) AND (step = 'refused') <= (approved_fen = 0)),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CHECK (NOT (step = 'signed' AND elsewhere AND confirmed_by IS NULL)),
    CHECK (due IS NULL OR paused_left IS NULL)
);
COMMENT ON COLUMN benefit_item.slip IS 'number of the invoice or of the application: one claim for each, whoever sends it';
COMMENT ON COLUMN benefit_item.place IS 'area of treatment; empty where it is the fund''s own';
COMMENT ON COLUMN benefit_item.digest IS 'SHA-256 of what was entered: the same row again is known, another content is refused';
COMMENT ON COLUMN benefit_item.paused_left IS 'working days left while the clock stands; the last day is in `due` while it runs';
CREATE UNIQUE INDEX benefit_item_slip_once ON benefit_item (fund_area, slip) WHERE step <> 'closed';
CREATE INDEX benefit_item_in_order ON benefit_item (step, received, id);
CREATE INDEX benefit_item_all_in_order ON benefit_item (received, id);
CREATE INDEX benefit_item_by_person ON benefit_item (person);
CREATE INDEX benefit_item_by_provider ON benefit_item (provider, received, id);

CREATE TABLE benefit_move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid NOT NULL,
    item_id bigint NOT NULL,
    fund_area text NOT NULL,
    name text NOT NULL,
    level text NOT NULL CHECK (level IN ('first', 'check', 'focus', 'site', 'sign')),
    before text NOT NULL,
    after text NOT NULL,
    by text NOT NULL,
    acting_for text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    fen bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (token, item_id),
    FOREIGN KEY (item_id, fund_area) REFERENCES benefit_item (id, fund_area)
);
CREATE INDEX benefit_move_by_item ON benefit_move (item_id, id);

-- Nobody acts at two levels of one item, whatever the program does; an act for an absent colleague is both people's.
CREATE FUNCTION benefit_move_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM benefit_move m WHERE m.item_id = NEW.item_id AND m.level <> NEW.level
               AND (m.by IN (NEW."by", NEW.acting_for) OR m.acting_for <> '' AND m.acting_for IN (NEW."by", NEW.acting_for))) THEN
        RAISE EXCEPTION 'item %: % acted at another level', NEW.item_id, NEW."by" USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER benefit_move_apart BEFORE INSERT ON benefit_move FOR EACH ROW EXECUTE FUNCTION benefit_move_apart();

CREATE TABLE benefit_paper (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id bigint NOT NULL,
    fund_area text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (item_id, sha256),
    FOREIGN KEY (item_id, fund_area) REFERENCES benefit_item (id, fund_area)
);

SELECT facts.protect(name::regclass)
FROM unnest(ARRAY['benefit_file', 'benefit_item', 'benefit_move', 'benefit_paper']) AS name;
ALTER TABLE benefit_file FORCE ROW LEVEL SECURITY;
ALTER TABLE benefit_item FORCE ROW LEVEL SECURITY;
ALTER TABLE benefit_move FORCE ROW LEVEL SECURITY;
ALTER TABLE benefit_paper FORCE ROW LEVEL SECURITY;

REVOKE ALL ON benefit_file, benefit_item, benefit_move, benefit_paper FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON benefit_file, benefit_item, benefit_move, benefit_paper TO mingcha_app;
GRANT UPDATE (kind, provider, provider_name, place, day, total_fen, claimed_fen, approved_fen, injury, elsewhere, points, route, step, due,
              paused_left, extended, confirmed_by, confirmed_at) ON benefit_item TO mingcha_app;
GRANT SELECT ON benefit_file, benefit_item, benefit_move, benefit_paper TO mingcha_job;
