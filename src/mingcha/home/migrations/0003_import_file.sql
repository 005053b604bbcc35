-- Which files were read already, byte for byte and through which mapping; several small ones may share a batch.

CREATE TABLE facts.import_file (
    sha256 text NOT NULL,
    mapping_hash text NOT NULL,
    batch_seq bigint NOT NULL REFERENCES facts.import_batch,
    name text NOT NULL,
    rows_in bigint NOT NULL,
    money_in_fen bigint NOT NULL,
    PRIMARY KEY (sha256, mapping_hash)
);
COMMENT ON TABLE facts.import_file IS 'a file whose every row is accounted for in its batch; written after the batch is in';

GRANT SELECT ON facts.import_file TO mingcha_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON facts.import_file TO mingcha_job;
