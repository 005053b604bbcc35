-- One finished audit, and the table that COPY fills.
INSERT INTO audit (by, started_at, finished_at, status, watermark, snapshot, pack_hash, pack_version, scope)
VALUES ('seed', now(), now(), 'done', %(watermark)s, %(snapshot)s, %(pack)s, %(version)s, '{}');

CREATE TEMP TABLE staged_finding (
    observation bigint, fund_area text, care_area text, rule text, key text, certainty text, provider text, person bigint,
    visit text, line text, day date, step text, improper_fen bigint, settled boolean, visit_type text, department text,
    practitioner text, item_name text, due date, message text, id text
) ON COMMIT DROP;
