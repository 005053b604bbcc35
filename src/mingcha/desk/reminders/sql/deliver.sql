-- Where a provider lies, for entries that don't say: as it was registered, else as the facts have it.
CREATE TEMP TABLE place_of ON COMMIT DROP AS
SELECT provider, coalesce(o.area, d.area, '') AS area
FROM (SELECT DISTINCT provider FROM told_call) p
LEFT JOIN onboarding o USING (provider) LEFT JOIN provider_directory d USING (provider);

-- Only calls that weren't there count in anything below: a stretch read twice changes nothing.
CREATE TEMP TABLE new_call ON COMMIT DROP AS
WITH added AS (
    INSERT INTO reminder_call (gate, number, asked, at, infno, provider, environment, key, msgid, bundle, microseconds,
                               whole, person, visit, practitioner, department, orders, reminders, fund_area, care_area,
                               refused)
    SELECT gate, number, asked, at, infno, provider, environment, key, msgid, bundle, microseconds, whole, person,
           visit, practitioner, department, orders, reminders,
           coalesce(nullif(fund_area, ''), area), coalesce(nullif(care_area, ''), area), refused
    FROM told_call JOIN place_of USING (provider) ORDER BY at, number
    ON CONFLICT DO NOTHING RETURNING *
)
SELECT * FROM added;

-- The same reminder may have been told several times in a stretch: the last one speaks for them.
CREATE TEMP TABLE new_reminder ON COMMIT DROP AS
SELECT DISTINCT ON (r.reminder) r.*, c.at, c.infno, c.provider, c.person, c.visit, c.practitioner, c.department,
       c.fund_area, c.care_area, min(c.at) OVER same AS first_at, count(*) OVER same AS times,
       bool_or(c.environment = 'production') OVER same AS produced, bool_and(r.snoozed) OVER same AS hidden,
       EXISTS (SELECT FROM reminder m WHERE m.number = r.reminder AND NOT m.snoozed) AS shown_before
FROM told_reminder r JOIN new_call c USING (gate, number, asked)
WINDOW same AS (PARTITION BY r.reminder)
ORDER BY r.reminder, c.at DESC, c.id DESC;

CREATE TEMP TABLE added_reminder ON COMMIT DROP AS
WITH written AS (
    INSERT INTO reminder AS kept (number, provider, environment, stage, rule, rule_version, strength, certainty,
        amount_fen, message, instead, person, visit, practitioner, department, fund_area, care_area, day, first_at,
        last_at, times, snoozed)
    SELECT reminder, provider, CASE WHEN produced THEN 'production' ELSE 'test' END,
           CASE infno WHEN '3102' THEN 'during' ELSE 'before' END, rule, rule_version, strength, certainty, amount_fen,
           message, instead, person, visit, practitioner, department, fund_area, care_area,
           (first_at AT TIME ZONE 'Asia/Shanghai')::date, first_at, at, times, hidden
    FROM new_reminder ORDER BY first_at, number
    ON CONFLICT (number) DO UPDATE SET
        snoozed = kept.snoozed AND excluded.snoozed, times = kept.times + excluded.times, first_at = least(kept.first_at, excluded.first_at),
        day = least(kept.day, excluded.day), last_at = greatest(kept.last_at, excluded.last_at),
        environment = CASE WHEN 'production' IN (kept.environment, excluded.environment) THEN 'production' ELSE 'test' END,
        rule_version = CASE WHEN kept.outcome IS NULL AND excluded.last_at >= kept.last_at THEN excluded.rule_version ELSE kept.rule_version END,
        strength = CASE WHEN kept.outcome IS NULL AND excluded.last_at >= kept.last_at THEN excluded.strength ELSE kept.strength END,
        certainty = CASE WHEN kept.outcome IS NULL AND excluded.last_at >= kept.last_at THEN excluded.certainty ELSE kept.certainty END,
        amount_fen = CASE WHEN kept.outcome IS NULL AND excluded.last_at >= kept.last_at THEN excluded.amount_fen ELSE kept.amount_fen END,
        message = CASE WHEN kept.outcome IS NULL AND excluded.last_at >= kept.last_at THEN excluded.message ELSE kept.message END,
        instead = CASE WHEN kept.outcome IS NULL AND excluded.last_at >= kept.last_at THEN excluded.instead ELSE kept.instead END
    RETURNING number, provider, environment, care_area, last_at, snoozed
)
-- One that was only counted while it was snoozed is new when it is first shown.
SELECT w.provider, w.environment, w.care_area, w.last_at FROM written w JOIN new_reminder n ON n.reminder = w.number
WHERE NOT w.snoozed AND NOT n.shown_before;

CREATE TEMP TABLE new_reaction ON COMMIT DROP AS
WITH added AS (
    INSERT INTO reaction (gate, number, place, at, provider, reminder, stage, outcome, reason)
    SELECT gate, number, place, at, provider, reminder, stage, outcome, reason
    FROM told_reaction ORDER BY at, number, place
    ON CONFLICT DO NOTHING RETURNING *
)
SELECT * FROM added;

-- Call and reaction lie in journals of different processes: whichever comes second finds the other.
WITH touched AS (
    SELECT reminder FROM new_reaction UNION SELECT reminder FROM new_reminder
), last AS (
    SELECT DISTINCT ON (r.reminder) r.reminder, r.provider, r.outcome, r.reason, r.at
    FROM reaction r JOIN touched USING (reminder) JOIN reminder m ON m.number = r.reminder AND m.provider = r.provider
    ORDER BY r.reminder, r.at DESC, r.id DESC
)
UPDATE reminder m SET outcome = last.outcome, reason = last.reason, reacted_at = last.at
FROM last WHERE m.number = last.reminder AND (m.outcome, m.reacted_at) IS DISTINCT FROM (last.outcome, last.at);

INSERT INTO reminder_total AS kept (provider, environment, care_area, calls, orders, reminders, last_at)
SELECT provider, environment, care_area, sum(call), sum(orders), sum(reminder), max(at) FROM (
    SELECT provider, environment, care_area, 1 AS call, orders, 0 AS reminder, at FROM new_call WHERE refused = '' AND infno IN ('3101', '3102')
    UNION ALL SELECT provider, environment, care_area, 0, 0, 1, last_at FROM added_reminder
) told GROUP BY 1, 2, 3
ON CONFLICT (provider, environment, care_area) DO UPDATE SET
    calls = kept.calls + excluded.calls, orders = kept.orders + excluded.orders,
    reminders = kept.reminders + excluded.reminders, last_at = greatest(kept.last_at, excluded.last_at);

-- What calls lacked, counted once a call.
INSERT INTO reminder_gap AS kept (provider, environment, care_area, kind, name, rule, calls, first_at, last_at, call)
SELECT c.provider, c.environment, c.care_area, g.kind, g.name, g.rule, count(*), min(c.at), max(c.at),
       (array_agg(c.id ORDER BY c.at DESC, c.id DESC))[1]
FROM (SELECT DISTINCT * FROM told_gap) g JOIN new_call c USING (gate, number, asked) GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT (provider, environment, care_area, kind, name, rule) DO UPDATE SET
    calls = kept.calls + excluded.calls, first_at = least(kept.first_at, excluded.first_at),
    call = CASE WHEN excluded.last_at >= kept.last_at THEN excluded.call ELSE kept.call END,
    last_at = greatest(kept.last_at, excluded.last_at)
