-- A provider's account sees rows of its own provider, and no area: deny by default, each table says what it opens.

CREATE FUNCTION facts.own_provider() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('mingcha.provider', true), '');
COMMENT ON FUNCTION facts.own_provider IS 'the provider the session speaks for (mingcha.provider); null for the office';

CREATE FUNCTION facts.own_account() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('mingcha.account', true), '');
COMMENT ON FUNCTION facts.own_account IS 'the login name of the session''s person (mingcha.account)';

GRANT EXECUTE ON FUNCTION facts.own_provider, facts.own_account TO mingcha_app, mingcha_job;
