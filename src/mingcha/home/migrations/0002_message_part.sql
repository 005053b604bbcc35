-- Requests and answers of the national interface that belong together but may arrive apart (DECISIONS 15).
-- Sealed like identities, for they name people; found by their message number or by a blind index of their ids.

CREATE TABLE facts.message_part (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    infno text NOT NULL,
    request boolean NOT NULL,
    by_msgid bytea,
    by_ids bytea,
    sealed bytea NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON facts.message_part (by_msgid);
CREATE INDEX ON facts.message_part (by_ids);
COMMENT ON TABLE facts.message_part IS 'one request or answer; kept when paired too, so that importing one of them again finds its partner';

GRANT SELECT, INSERT, UPDATE, DELETE ON facts.message_part TO mingcha_job;
