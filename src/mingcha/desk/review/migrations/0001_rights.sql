-- Acts and moves are only ever added; a provider adds and reads those of its own findings, an expert reads the asked ones.
SELECT facts.protect(name::regclass) FROM unnest(ARRAY['review_move', 'review_paper', 'review_opinion']) AS name;
ALTER TABLE review_move FORCE ROW LEVEL SECURITY;
ALTER TABLE review_paper FORCE ROW LEVEL SECURITY;
ALTER TABLE review_opinion FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON review_move USING (provider = (SELECT facts.own_provider()));
CREATE POLICY own ON review_paper USING (provider = (SELECT facts.own_provider()));

CREATE FUNCTION facts.asked_of_me() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
RETURN (SELECT coalesce(array_agg(finding_id), '{}') FROM review_opinion WHERE expert = facts.own_account());
COMMENT ON FUNCTION facts.asked_of_me IS 'the findings the session''s person was asked about as an expert';
GRANT EXECUTE ON FUNCTION facts.asked_of_me TO mingcha_app, mingcha_job;

CREATE POLICY asked ON review_opinion USING (expert = (SELECT facts.own_account()));
CREATE POLICY asked ON finding FOR SELECT USING (id = ANY ((SELECT facts.asked_of_me())::text[]));
CREATE POLICY asked ON finding_line FOR SELECT USING (finding_id = ANY ((SELECT facts.asked_of_me())::text[]));
CREATE POLICY asked ON observation FOR SELECT USING (finding_id = ANY ((SELECT facts.asked_of_me())::text[]));
CREATE POLICY asked ON review_move FOR SELECT USING (finding_id = ANY ((SELECT facts.asked_of_me())::text[]));
CREATE POLICY asked ON review_paper FOR SELECT USING (finding_id = ANY ((SELECT facts.asked_of_me())::text[]));

REVOKE ALL ON review_act, review_move, review_paper, review_opinion FROM mingcha_app, mingcha_job;
GRANT SELECT, INSERT ON review_act, review_move, review_paper, review_opinion TO mingcha_app, mingcha_job;
GRANT UPDATE (moved, passed_over, fen) ON review_act TO mingcha_app, mingcha_job;
GRANT UPDATE (verdict, words, given_at) ON review_opinion TO mingcha_app;
