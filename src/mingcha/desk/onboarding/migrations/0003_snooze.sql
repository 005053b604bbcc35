SELECT facts.protect('reminder_snooze'::regclass);
ALTER TABLE reminder_snooze FORCE ROW LEVEL SECURITY;
REVOKE ALL ON reminder_snooze FROM mingcha_app, mingcha_job;
GRANT SELECT ON reminder_snooze TO mingcha_app, mingcha_job;
GRANT INSERT ON reminder_snooze TO mingcha_app;
GRANT UPDATE (ended_at, ended_by, ended_reason) ON reminder_snooze TO mingcha_app;
