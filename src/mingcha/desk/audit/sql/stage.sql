-- What the engines hand over, as it comes. One row a flag, one row a line that carries part of its amount.
CREATE TEMP TABLE staged_flag (
    finding text NOT NULL, rule text NOT NULL, rule_version int NOT NULL, certainty text NOT NULL,
    frame text NOT NULL, key text NOT NULL, fund_area text NOT NULL, care_area text NOT NULL,
    provider text NOT NULL, person bigint, visit text, line text, day date NOT NULL,
    improper_fen bigint NOT NULL, quantity bigint,
    knowledge_ids jsonb NOT NULL, witnesses jsonb NOT NULL, why jsonb NOT NULL, message text NOT NULL,
    pack_hash text
) ON COMMIT DROP;

CREATE TEMP TABLE staged_line (
    finding text NOT NULL, provider text NOT NULL, visit text NOT NULL, line text NOT NULL,
    amount_fen bigint, in_scope_fen bigint, settled_fund_fen bigint, settled_in_scope_fen bigint
) ON COMMIT DROP;

CREATE TEMP TABLE described (
    finding text PRIMARY KEY, visit_type text, department text, practitioner text, practitioner_name text, item_name text
) ON COMMIT DROP;

CREATE TEMP TABLE staged_unknown (rule text, provider text, missing text, count bigint) ON COMMIT DROP;

-- What an incremental audit judged. An audit of everything leaves them empty and doesn't ask them.
CREATE TEMP TABLE reach_person (person bigint NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE reach_visit (provider text NOT NULL, visit text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE reach_key (key text NOT NULL) ON COMMIT DROP;

-- Input and output of book.sql.
CREATE TEMP TABLE claim (
    provider text, visit text, line text, finding text, rule text, certainty text, own_fen bigint, frozen_fen bigint,
    grows boolean NOT NULL DEFAULT false
) ON COMMIT DROP;

CREATE TEMP TABLE booked (
    provider text, visit text, line text, finding text, own_fen bigint, counted_fen bigint, counted_under text
) ON COMMIT DROP;
