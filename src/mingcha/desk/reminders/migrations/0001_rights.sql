-- Calls and reminders are delivered by the job; the desk reads those of its areas, and a reviewer adds a verdict.
SELECT facts.protect(name::regclass) FROM unnest(ARRAY['reminder_call', 'reminder', 'reminder_total']) AS name;
ALTER TABLE reminder_call FORCE ROW LEVEL SECURITY;
ALTER TABLE reminder FORCE ROW LEVEL SECURITY;
ALTER TABLE reaction ENABLE ROW LEVEL SECURITY;
ALTER TABLE reaction FORCE ROW LEVEL SECURITY;
ALTER TABLE reminder_total FORCE ROW LEVEL SECURITY;
-- A reaction is seen with the reminder it is about; one about nothing only by those who see everything.
CREATE POLICY scope ON reaction USING ((SELECT facts.sees_all())
    OR EXISTS (SELECT FROM reminder m WHERE m.number = reaction.reminder AND m.provider = reaction.provider));

REVOKE ALL ON reminder_mark, reminder_call, reminder, reaction, reminder_total FROM mingcha_app, mingcha_job;
GRANT SELECT ON reminder_mark, reminder_call, reminder, reaction, reminder_total TO mingcha_app, mingcha_job;
GRANT UPDATE (verdict, verdict_reason, verdict_by, verdict_at) ON reminder TO mingcha_app;
GRANT INSERT, UPDATE ON reminder_mark, reminder, reminder_total TO mingcha_job;
GRANT INSERT ON reminder_call, reaction TO mingcha_job;
