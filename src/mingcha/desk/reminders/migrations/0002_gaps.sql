SELECT facts.protect('reminder_gap'::regclass);
ALTER TABLE reminder_gap FORCE ROW LEVEL SECURITY;
REVOKE ALL ON reminder_gap FROM mingcha_app, mingcha_job;
GRANT SELECT ON reminder_gap TO mingcha_app, mingcha_job;
GRANT INSERT, UPDATE ON reminder_gap TO mingcha_job;
