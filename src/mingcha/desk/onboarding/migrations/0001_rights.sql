-- Whose connections, keys and strengths are seen and written: those of areas in the session's scope.
SELECT facts.protect(name::regclass) FROM unnest(ARRAY['onboarding', 'onboarding_step', 'onboarding_key', 'onboarding_problem', 'reminder_strength']) AS name;
ALTER TABLE onboarding FORCE ROW LEVEL SECURITY;
ALTER TABLE onboarding_step FORCE ROW LEVEL SECURITY;
ALTER TABLE onboarding_key FORCE ROW LEVEL SECURITY;
ALTER TABLE onboarding_problem FORCE ROW LEVEL SECURITY;
ALTER TABLE reminder_strength FORCE ROW LEVEL SECURITY;
-- What an area above has decided holds below, so everybody may read it; only those above may change it.
CREATE POLICY above ON reminder_strength FOR SELECT USING (provider IS NULL);

REVOKE ALL ON onboarding, onboarding_step, onboarding_key, onboarding_problem, reminder_strength FROM mingcha_app, mingcha_job;
GRANT SELECT ON onboarding, onboarding_step, onboarding_key, onboarding_problem, reminder_strength TO mingcha_app, mingcha_job;
GRANT INSERT ON onboarding, onboarding_step, onboarding_key, onboarding_problem, reminder_strength TO mingcha_app;
GRANT UPDATE (status, name, system, contact, phone) ON onboarding TO mingcha_app;
GRANT UPDATE (valid_until, revoked_at, revoked_by, revoked_reason) ON onboarding_key TO mingcha_app;
GRANT UPDATE (closed_at, closed_by, closed_how) ON onboarding_problem TO mingcha_app;
GRANT UPDATE (withdrawn_at, withdrawn_by, withdrawn_reason) ON reminder_strength TO mingcha_app;
