"""The one database: its roles, its schema, and connections to it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from mingcha.home.directory import Home
from mingcha.home.postgres import ensure
from mingcha.home.server import administrator
from mingcha.terms.errors import PlatformError

NAME = "mingcha"
_ready: set[str] = set()


def connect(home: Home, role: str = "job", autocommit: bool = False) -> psycopg.Connection[Any]:
    """A connection as mingcha_owner, mingcha_app or mingcha_job; starts the server and migrates where needed.

    TimeZone is Asia/Shanghai. `job` sees the whole tree; `app` sees what `SET LOCAL mingcha.scope` names.
    """
    if home.id not in _ready:
        prepare(home)
    try:
        return psycopg.connect(**parameters(home, role), autocommit=autocommit)
    except psycopg.OperationalError:
        prepare(home)  # the server was stopped or killed meanwhile
        return psycopg.connect(**parameters(home, role), autocommit=autocommit)


def parameters(home: Home, role: str) -> dict[str, Any]:
    """libpq parameters of a role: host, dbname, user, password, options.

    With DATABASE_URL its own account is the owner; app and job are made beside it.
    """
    options = "-c TimeZone=Asia/Shanghai -c DateStyle=ISO" + (" -c mingcha.scope=*" if role == "job" else "")
    told = {"options": options, "application_name": f"mingcha {role}"}
    if home.database_url:
        told = dict(conninfo_to_dict(home.database_url)) | told
        if role == "owner":
            return told
    else:
        told = administrator(home) | {"dbname": NAME} | told
    return told | {"user": f"mingcha_{role}", "password": home.secrets.password(role)}


def dsn(home: Home, role: str) -> str:
    """The same as one libpq connection string. It holds the password: never log it."""
    return make_conninfo(**parameters(home, role))


def prepare(home: Home, upgrade: bool = False) -> None:
    """Server, roles, database and schema as this version needs them. Safe to repeat and at once.

    A database that an older version made is migrated only with `upgrade` (that is `mingcha up`, which backs it up
    first); one that a newer version made is refused.
    """
    if home.unfinished.exists():
        raise PlatformError(
            f"{home.path} 的恢复没有完成，不能使用。请删除这个目录，重新执行 mingcha restore。",
            f"The restore of {home.path} wasn't finished, so it can't be used. Delete it and run `mingcha restore` "
            "again.",
        )
    if home.database_url is None:
        ensure(home)
    with _administrator(home) as admin:
        admin.execute("SELECT pg_advisory_lock(hashtext('mingcha prepare'))")
        done, wanted = applied(home), migrations()[-1][0]
        if done > wanted:
            raise PlatformError(
                f"数据库由更新的版本建立（结构 {done}，本版本到 {wanted}）。请升级明察后再试。",
                f"The database was made by a newer version (schema {done}, this one knows {wanted}). Please upgrade "
                "Mingcha and try again.",
            )
        if 0 < done < wanted and not upgrade:
            raise PlatformError(
                "数据库还是旧版本的结构。请先执行 mingcha up，它会备份并升级。",
                "The database still has an older version's schema. Run `mingcha up` first: it backs up and upgrades.",
            )
        if done < wanted:
            roles(home, admin)
            schemas(home)
            _migrate(home)
        if home.database_url:
            _belongs(home)
    _ready.add(home.id)


def migrations() -> list[tuple[int, str]]:
    """Number and text of each migration of schema facts, in order."""
    folder = files("mingcha.home") / "migrations"
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), (folder / name).read_text("utf-8")) for name in found]


def applied(home: Home) -> int:
    """The number of the last migration this database has; 0 when it is new. Errors of the connection propagate."""
    with _administrator(home) as admin:
        named = "SELECT 1 FROM pg_database WHERE datname = %s"
        if home.database_url is None and not admin.execute(named, [NAME]).fetchone():
            return 0
    with inside(home) as admin:
        known = admin.execute("SELECT to_regclass('facts.migration') IS NOT NULL").fetchone()
        return _last(admin) if known == (True,) else 0


def _last(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT max(number) FROM facts.migration").fetchone()
    return row[0] or 0 if row else 0


def _belongs(home: Home) -> None:
    """A bureau's database serves one home: its tokens and sealed details open with that home's secrets only."""
    with psycopg.connect(**parameters(home, "owner")) as owner:
        told = "INSERT INTO facts.setting (key, value) VALUES ('home', to_jsonb(%s::text)) ON CONFLICT DO NOTHING"
        owner.execute(told, [home.id])
        served = owner.execute("SELECT value #>> '{}' FROM facts.setting WHERE key = 'home' AND area = '*'").fetchone()
    if served != (home.id,):
        raise PlatformError(
            "DATABASE_URL 指定的数据库属于另一个明察目录。请换一个空的数据库，或使用原来的 MINGCHA_HOME。",
            "The database named by DATABASE_URL belongs to another home. Name an empty one, or use that MINGCHA_HOME.",
        )


def keys_fit(home: Home) -> bool:
    """Whether the home's keys are those under which the people in this database were tokenised and sealed."""
    with connect(home) as job:
        told = job.execute("SELECT value #>> '{}' FROM facts.setting WHERE key = 'keys' AND area = '*'").fetchone()
    return told is None or told == (home.secrets.fingerprint,)


def inside(home: Home) -> psycopg.Connection[Any]:
    """The platform's own database with the rights of whoever made it."""
    return psycopg.connect(home.database_url or make_conninfo(**administrator(home) | {"dbname": NAME}))


def _administrator(home: Home) -> psycopg.Connection:
    if home.database_url is None:
        return psycopg.connect(**administrator(home), autocommit=True)
    try:
        return psycopg.connect(home.database_url, autocommit=True)
    except psycopg.OperationalError as error:
        raise PlatformError(
            f"连不上 DATABASE_URL 指定的数据库：{error}。请检查地址、账号和网络。",
            f"The database named by DATABASE_URL can't be reached: {error}. Check address, account and network.",
        ) from error


def roles(home: Home, admin: psycopg.Connection) -> None:
    """The roles, with this home's passwords, and on our own server the database."""
    for role in ("app", "job") if home.database_url else ("owner", "app", "job"):
        name, known = f"mingcha_{role}", "SELECT 1 FROM pg_roles WHERE rolname = %s"
        verb = "ALTER" if admin.execute(known, [name]).fetchone() else "CREATE"
        statement = sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}")
        admin.execute(statement.format(sql.Identifier(name), sql.Literal(home.secrets.password(role))))
        if home.database_url:
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(name)))
    known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
    if home.database_url is None and not known:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER mingcha_owner").format(sql.Identifier(NAME)))


def schemas(home: Home) -> None:
    """Schemas, and who may do what in them by default."""
    told = parameters(home, "owner")
    words = {"database": sql.Identifier(str(told["dbname"])), "owner": sql.Identifier(str(told["user"]))}
    with inside(home) as admin:
        for statement in _SCHEMAS.strip().split(";\n"):
            admin.execute(sql.SQL(statement).format(**words))  # type: ignore[arg-type]


_SCHEMAS = """
REVOKE ALL ON DATABASE {database} FROM public;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO mingcha_app, mingcha_job;
GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {database} TO {owner};
CREATE SCHEMA IF NOT EXISTS facts AUTHORIZATION {owner};
CREATE SCHEMA IF NOT EXISTS ducklake AUTHORIZATION mingcha_job;
GRANT USAGE ON SCHEMA ducklake TO mingcha_app, {owner};
ALTER DEFAULT PRIVILEGES FOR ROLE mingcha_job IN SCHEMA ducklake GRANT SELECT ON TABLES TO mingcha_app, {owner};
GRANT CREATE, USAGE ON SCHEMA public TO {owner};
GRANT USAGE ON SCHEMA public TO mingcha_app, mingcha_job;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mingcha_app, mingcha_job;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO mingcha_app, mingcha_job
"""


def _migrate(home: Home) -> None:
    with psycopg.connect(**parameters(home, "owner")) as owner:
        owner.execute(
            "CREATE TABLE IF NOT EXISTS facts.migration (number int PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        done = _last(owner)
        for number, text in migrations():
            if number > done:
                owner.execute(text.encode())
                owner.execute("INSERT INTO facts.migration (number) VALUES (%s)", [number])
        told = "INSERT INTO facts.setting (key, value) VALUES ('keys', to_jsonb(%s::text)) ON CONFLICT DO NOTHING"
        owner.execute(told, [home.secrets.fingerprint])
