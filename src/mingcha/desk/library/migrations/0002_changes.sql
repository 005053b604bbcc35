-- Changes and versions are the office's own paper; the rows a trial shows are people's, and seen by area.
SELECT facts.protect('rule_trial_hit'::regclass);
ALTER TABLE rule_trial_hit FORCE ROW LEVEL SECURITY;
REVOKE ALL ON rule_draft, rule_version, rule_trial, rule_trial_hit FROM mingcha_app, mingcha_job;
GRANT SELECT ON rule_draft, rule_version, rule_trial, rule_trial_hit TO mingcha_app, mingcha_job;
GRANT INSERT, UPDATE ON rule_draft TO mingcha_app;
GRANT UPDATE (state, changed_at) ON rule_draft TO mingcha_job;
GRANT INSERT ON rule_version TO mingcha_app;
GRANT INSERT ON rule_trial TO mingcha_app;
GRANT INSERT, UPDATE ON rule_trial TO mingcha_job;
GRANT INSERT, DELETE ON rule_trial_hit TO mingcha_job;
