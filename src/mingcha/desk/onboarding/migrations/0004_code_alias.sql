SELECT facts.protect('code_alias'::regclass);
ALTER TABLE code_alias FORCE ROW LEVEL SECURITY;
-- What an area above has said of codes holds below, so everybody may read it; only those above may change it.
CREATE POLICY above ON code_alias FOR SELECT USING (true);
REVOKE ALL ON code_alias FROM mingcha_app, mingcha_job;
GRANT SELECT ON code_alias TO mingcha_app, mingcha_job;
GRANT INSERT ON code_alias TO mingcha_app;
GRANT UPDATE (ended_at, ended_by, ended_reason) ON code_alias TO mingcha_app;
