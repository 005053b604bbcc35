-- What a stretch of journals says, before it is known which of it is new.
CREATE TEMP TABLE told_call (
    gate text, number bigint, asked int, at timestamptz, infno text, provider text, environment text, key text,
    msgid text, bundle int, microseconds int, whole boolean, person bigint, visit text, practitioner text,
    department text, orders int, reminders int, fund_area text, care_area text,
    refused text
) ON COMMIT DROP;
CREATE TEMP TABLE told_reminder (
    gate text, number bigint, asked int, reminder text, rule text, rule_version int, strength text, certainty text,
    amount_fen bigint, message text, instead text,
    snoozed boolean
) ON COMMIT DROP;
CREATE TEMP TABLE told_reaction (
    gate text, number bigint, place int, at timestamptz, provider text, reminder text, stage text, outcome text,
    reason text
) ON COMMIT DROP;
CREATE TEMP TABLE told_gap (gate text, number bigint, asked int, kind text, name text, rule text) ON COMMIT DROP
