-- What a dated setting says at an area today: its own row, else that of the nearest area above, else the platform's.
-- Runs with the owner's rights, because the areas above lie outside the scope of whoever asks.
CREATE FUNCTION facts.setting_at(wanted text, at text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
    WITH RECURSIVE latest AS (
        SELECT DISTINCT ON (code) code, parent FROM facts.area WHERE valid_from <= current_date
        ORDER BY code, valid_from DESC
    ), up AS (
        SELECT at AS code, 0 AS far
        UNION SELECT latest.parent, up.far + 1 FROM latest JOIN up USING (code)
        WHERE latest.parent IS NOT NULL AND up.far < 20
    )
    SELECT s.value FROM facts.setting s LEFT JOIN up ON up.code = s.area
    WHERE s.key = wanted AND s.valid_from <= current_date AND (up.code IS NOT NULL OR s.area = '*')
    ORDER BY up.far NULLS LAST, s.valid_from DESC LIMIT 1;
END;
COMMENT ON FUNCTION facts.setting_at IS 'the value of a dated setting in force today at an area; null where nobody set it';
REVOKE EXECUTE ON FUNCTION facts.setting_at FROM public;
GRANT EXECUTE ON FUNCTION facts.setting_at TO mingcha_app, mingcha_job;
