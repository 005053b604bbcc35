-- Who may do what to the audit's tables, and which rows are seen (DECISIONS 8, 23).
SELECT facts.protect(name::regclass) FROM unnest(ARRAY['finding', 'finding_line', 'observation', 'audit_count', 'cannot_tell', 'provider_directory']) AS name;
ALTER TABLE finding FORCE ROW LEVEL SECURITY;
ALTER TABLE finding_line FORCE ROW LEVEL SECURITY;
ALTER TABLE observation FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_count FORCE ROW LEVEL SECURITY;
ALTER TABLE cannot_tell FORCE ROW LEVEL SECURITY;
ALTER TABLE provider_directory FORCE ROW LEVEL SECURITY;
-- Names of providers are public: a person treated elsewhere has findings at providers of other areas.
CREATE POLICY register ON provider_directory FOR SELECT USING (true);

REVOKE ALL ON audit, audit_count, finding, finding_line, observation, cannot_tell, provider_directory, rule_directory
    FROM mingcha_app, mingcha_job;
GRANT SELECT ON audit, audit_count, finding, finding_line, observation, cannot_tell, provider_directory, rule_directory
    TO mingcha_app, mingcha_job;
GRANT INSERT, UPDATE ON audit, finding TO mingcha_job;
GRANT INSERT ON audit_count, observation, cannot_tell TO mingcha_job;
GRANT INSERT, UPDATE, DELETE ON finding_line, provider_directory, rule_directory TO mingcha_job;
