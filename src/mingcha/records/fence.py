"""The fence in the catalogue: PostgreSQL decides, inside the lake's own commit, whether a batch may enter.

DuckLake has no unique keys, and a killed writer's last COMMIT may still be on its way when the next writer cleans up.
But its catalogue lives in our PostgreSQL, and every commit writes one row to ducklake_snapshot_changes: a trigger
there marks the batch done in the same transaction, or refuses the commit when the batch isn't `loading` any more.
"""

from __future__ import annotations

import psycopg

BODY = """
BEGIN
    PERFORM set_config('mingcha.scope', '*', true);  -- a batch belongs to no session's areas
    UPDATE facts.import_batch
    SET state = 'done', finished_at = now(), totals = NEW.commit_extra_info::jsonb
    WHERE batch_seq = split_part(NEW.commit_message, ' ', 2)::bigint AND state = 'loading';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'mingcha: % was given up and may not enter the lake', NEW.commit_message;
    END IF;
    RETURN NEW;
END;
"""

_FENCE = f"""
CREATE OR REPLACE FUNCTION ducklake.enter_batch() RETURNS trigger LANGUAGE plpgsql AS $$ {BODY} $$;
DROP TRIGGER IF EXISTS enter_batch ON ducklake.ducklake_snapshot_changes;
CREATE TRIGGER enter_batch BEFORE INSERT ON ducklake.ducklake_snapshot_changes
    FOR EACH ROW WHEN (NEW.commit_message LIKE 'batch %') EXECUTE FUNCTION ducklake.enter_batch();
"""


def build(pg: psycopg.Connection) -> None:
    """(Re)create the fence; `pg` is a connection of role job, which owns the catalogue."""
    pg.execute(_FENCE.encode())


def stands(pg: psycopg.Connection) -> bool:
    """Whether the fence is there, enabled, and the one of this version."""
    row = pg.execute(
        "SELECT trim(prosrc) FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid WHERE tgname = 'enter_batch' "
        "AND tgenabled = 'O' AND tgrelid = to_regclass('ducklake.ducklake_snapshot_changes')"
    ).fetchone()
    return row is not None and row[0].strip() == BODY.strip()
