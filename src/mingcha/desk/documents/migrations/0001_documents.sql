-- 文书: what an office drafts, signs and delivers. What was signed never changes; a number is given once, without a gap.
CREATE TABLE document (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token uuid NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('feedback', 'decision', 'opinion', 'statement')),
    area text NOT NULL,
    provider text NOT NULL,
    statement_id bigint REFERENCES money_statement,
    content jsonb NOT NULL,
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'submitted', 'signed', 'delivered', 'voided', 'discarded')),
    author text NOT NULL,
    author_hands text[] NOT NULL,
    drafted_at timestamptz NOT NULL DEFAULT now(),
    signer text,
    signed_at timestamptz,
    word text,
    year int,
    sequence int CHECK (sequence > 0),
    number text,
    docx_sha256 text,
    pdf_sha256 text,
    pdf_sm3 text,
    UNIQUE (word, year, sequence),
    CHECK ((kind = 'statement') = (statement_id IS NOT NULL)),
    CHECK ((state IN ('signed', 'delivered', 'voided')) = (number IS NOT NULL)),
    CHECK (num_nulls(signer, signed_at, word, year, sequence, number, docx_sha256, pdf_sha256, pdf_sm3) IN (0, 9))
);
COMMENT ON COLUMN document.content IS 'what it says, as drafted; names, rows and sums are those of the day of drafting';
COMMENT ON COLUMN document.author_hands IS 'login names the drafting counts for: a lent post counts for both';
CREATE INDEX document_by_state ON document (state, id DESC);
CREATE INDEX document_by_provider ON document (provider, id DESC);
CREATE UNIQUE INDEX document_of_a_statement ON document (statement_id) WHERE state NOT IN ('voided', 'discarded');

CREATE TABLE document_finding (
    document_id bigint NOT NULL REFERENCES document,
    finding_id text NOT NULL,
    area text NOT NULL,
    provider text NOT NULL,
    PRIMARY KEY (document_id, finding_id)
);
CREATE INDEX document_finding_by_finding ON document_finding (finding_id);

CREATE TABLE document_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id bigint NOT NULL REFERENCES document,
    area text NOT NULL,
    provider text NOT NULL,
    move text NOT NULL,
    by text NOT NULL,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX document_event_by_document ON document_event (document_id, id);

CREATE TABLE document_delivery (
    document_id bigint NOT NULL REFERENCES document,
    how text NOT NULL CHECK (how IN ('portal', 'hand', 'post', 'left', 'public')),
    area text NOT NULL,
    provider text NOT NULL,
    day date NOT NULL,
    received_by text NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, how)
);

CREATE TABLE document_number (
    word text NOT NULL,
    year int NOT NULL,
    last int NOT NULL CHECK (last > 0),
    PRIMARY KEY (word, year)
);
COMMENT ON TABLE document_number IS 'the last number given, by organ''s word and year; its row is locked until the signature is committed';

CREATE FUNCTION facts.keep_documents() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (to_jsonb(OLD) - 'state') IS DISTINCT FROM (to_jsonb(NEW) - 'state') THEN
        RAISE EXCEPTION 'document % is signed and never changes', OLD.id;
    END IF;
    IF OLD.state IN ('voided', 'discarded') OR (OLD.number IS NOT NULL AND NEW.state NOT IN ('signed', 'delivered', 'voided'))
       OR (OLD.state = 'delivered' AND NEW.state = 'signed') THEN
        RAISE EXCEPTION 'document % can''t go from % to %', OLD.id, OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER keep BEFORE UPDATE ON document FOR EACH ROW EXECUTE FUNCTION facts.keep_documents();

SELECT facts.protect(name::regclass)
FROM unnest(ARRAY['document', 'document_finding', 'document_event', 'document_delivery']) AS name;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
ALTER TABLE document_finding FORCE ROW LEVEL SECURITY;
ALTER TABLE document_event FORCE ROW LEVEL SECURITY;
ALTER TABLE document_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON document FOR SELECT USING (
    provider = (SELECT facts.own_provider()) AND state IN ('signed', 'delivered', 'voided')
);
-- All a provider can do to a document is to receive it.
CREATE POLICY receipt ON document FOR UPDATE USING (
    provider = (SELECT facts.own_provider()) AND state IN ('signed', 'delivered')
) WITH CHECK (provider = (SELECT facts.own_provider()) AND state = 'delivered');
CREATE POLICY own ON document_event FOR INSERT WITH CHECK (provider = (SELECT facts.own_provider()) AND move = 'deliver');
CREATE POLICY own ON document_delivery FOR SELECT USING (provider = (SELECT facts.own_provider()));
CREATE POLICY receipt ON document_delivery FOR INSERT
    WITH CHECK (provider = (SELECT facts.own_provider()) AND how = 'portal');

REVOKE ALL ON document, document_finding, document_event, document_delivery, document_number FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON document, document_finding, document_event, document_delivery, document_number TO mingcha_app;
GRANT UPDATE (content, state, signer, signed_at, word, year, sequence, number, docx_sha256, pdf_sha256, pdf_sm3)
    ON document TO mingcha_app;
GRANT UPDATE (last) ON document_number TO mingcha_app;
GRANT SELECT ON document, document_finding, document_event, document_delivery, document_number TO mingcha_job;
