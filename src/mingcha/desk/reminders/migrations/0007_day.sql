SELECT facts.protect('reminder_day'::regclass);
ALTER TABLE reminder_day FORCE ROW LEVEL SECURITY;
REVOKE ALL ON reminder_day FROM mingcha_app, mingcha_job;
-- The desk's role writes it, too: a verdict on a reminder changes the day's counts in the same transaction.
GRANT SELECT, INSERT, UPDATE ON reminder_day TO mingcha_app, mingcha_job;

-- Old rows count against, new ones for: whatever changed of a reminder, its old day loses what its new one gains.
CREATE FUNCTION reminder_counted() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    gone text := CASE WHEN TG_OP = 'UPDATE' THEN 'SELECT o.*, -1 AS sign FROM gone o UNION ALL ' ELSE '' END;
BEGIN
    EXECUTE $q$INSERT INTO reminder_day AS kept (day, provider, environment, fund_area, care_area, department,
            practitioner, n, snoozed, open, times, changed, insisted, avoided_fen, judged, false_alarms)
        SELECT day, provider, environment, fund_area, care_area, coalesce(department, ''), coalesce(practitioner, ''),
            sum(sign * (NOT snoozed)::int), sum(sign * snoozed::int),
            sum(sign * (outcome IS NULL AND NOT snoozed)::int),
            sum(sign * CASE WHEN snoozed THEN 0 ELSE times END),
            sum(sign * (outcome IS NOT DISTINCT FROM 'changed')::int),
            sum(sign * (outcome IS NOT DISTINCT FROM 'insisted')::int),
            sum(CASE WHEN outcome = 'changed' THEN sign * amount_fen ELSE 0 END),
            sum(sign * (verdict IS NOT NULL)::int), sum(sign * (verdict IS NOT DISTINCT FROM 'false_alarm')::int)
        FROM ($q$ || gone || $q$SELECT c.*, 1 AS sign FROM come c) told
        GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (day, provider, environment, fund_area, care_area, department, practitioner) DO UPDATE SET
            n = kept.n + excluded.n, snoozed = kept.snoozed + excluded.snoozed,
            open = kept.open + excluded.open, times = kept.times + excluded.times,
            changed = kept.changed + excluded.changed, insisted = kept.insisted + excluded.insisted,
            avoided_fen = kept.avoided_fen + excluded.avoided_fen, judged = kept.judged + excluded.judged,
            false_alarms = kept.false_alarms + excluded.false_alarms$q$;
    RETURN NULL;
END $$;
CREATE TRIGGER reminder_added AFTER INSERT ON reminder REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION reminder_counted();
CREATE TRIGGER reminder_changed AFTER UPDATE ON reminder REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION reminder_counted();

CREATE FUNCTION reminder_call_counted() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO reminder_day AS kept (day, provider, environment, fund_area, care_area, department, practitioner,
        orders, told)
    SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, provider, environment, fund_area, care_area,
        coalesce(department, ''), coalesce(practitioner, ''), sum(orders), sum(reminders)
    FROM come WHERE orders > 0 OR reminders > 0
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (day, provider, environment, fund_area, care_area, department, practitioner) DO UPDATE SET
        orders = kept.orders + excluded.orders, told = kept.told + excluded.told;
    RETURN NULL;
END $$;
CREATE TRIGGER reminder_call_added AFTER INSERT ON reminder_call REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION reminder_call_counted();

SELECT set_config('mingcha.scope', '*', true);
INSERT INTO reminder_day (day, provider, environment, fund_area, care_area, department, practitioner, n, snoozed, open, times,
    changed, insisted, avoided_fen, judged, false_alarms, orders, told)
SELECT day, provider, environment, fund_area, care_area, department, practitioner, sum(n), sum(snoozed),
    sum(open), sum(times),
    sum(changed), sum(insisted), sum(avoided_fen), sum(judged), sum(false_alarms), sum(orders), sum(told)
FROM (
    SELECT day, provider, environment, fund_area, care_area, coalesce(department, '') AS department,
           coalesce(practitioner, '') AS practitioner, (NOT snoozed)::int AS n, snoozed::int AS snoozed,
           (outcome IS NULL AND NOT snoozed)::int AS open,
           CASE WHEN snoozed THEN 0 ELSE times END AS times, (outcome IS NOT DISTINCT FROM 'changed')::int AS changed,
           (outcome IS NOT DISTINCT FROM 'insisted')::int AS insisted,
           CASE WHEN outcome = 'changed' THEN amount_fen ELSE 0 END AS avoided_fen, (verdict IS NOT NULL)::int AS judged,
           (verdict IS NOT DISTINCT FROM 'false_alarm')::int AS false_alarms, 0 AS orders, 0 AS told FROM reminder
    UNION ALL SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, provider, environment, fund_area, care_area,
           coalesce(department, ''), coalesce(practitioner, ''), 0, 0, 0, 0, 0, 0, 0, 0, 0, orders, reminders
    FROM reminder_call WHERE orders > 0 OR reminders > 0
) told GROUP BY 1, 2, 3, 4, 5, 6, 7;
