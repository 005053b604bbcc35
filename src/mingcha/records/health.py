"""Is everything as it should be? Each check says in words what it found, and what to do where something is wrong."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psycopg

from mingcha.home import disk
from mingcha.home.database import connect, keys_fit
from mingcha.home.directory import Home
from mingcha.records import fence
from mingcha.records.areas import unplaced
from mingcha.records.backup import catalogued
from mingcha.records.commit import recover
from mingcha.records.lake import Lake
from mingcha.terms.errors import MingchaError

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """What one check found: OK, WARN (works, but look at it) or FAIL, in both languages."""

    check: str
    result: str
    zh: str
    en: str


def examine(home: Home) -> Iterator[Finding]:
    """All checks in order, each as it is done; one that can't be made is a FAIL and the next goes on."""
    for name, check in _CHECKS.items():
        try:
            result, zh, en = check(home)
        except MingchaError as error:
            result, zh, en = FAIL, error.zh, error.en
        except (psycopg.Error, duckdb.Error, OSError) as error:
            result, zh, en = FAIL, f"检查没有完成：{error}", f"the check could not be made: {error}"
        yield Finding(name, result, zh, en)


Told = tuple[str, str, str]


def _disk(home: Home) -> Told:
    left, total = disk.free(home)
    zh, en = f"可写 {left / 2**30:.1f} GB", f"{left / 2**30:.1f} GB may be written"
    if left <= 0:
        return (
            FAIL,
            f"磁盘将满（{zh}）：导入和机审会停下。请腾出空间。",
            f"the disk is nearly full ({en}): free some space",
        )
    return (WARN if left < total * 0.1 else OK), zh, en


def _secrets(home: Home) -> Told:
    place = home.path / "secrets"
    open_ = [f.name for f in (place, *place.iterdir()) if stat.S_IMODE(f.stat().st_mode) & 0o077]
    if open_:
        return (
            FAIL,
            f"别人也能读 {open_[0]}，请 chmod go= {place} -R",
            f"others may read {open_[0]}: chmod -R go= {place}",
        )
    if not keys_fit(home):
        return (
            FAIL,
            "密钥与数据不配套，人员信息打不开。请 mingcha restore --secrets 文件",
            "these keys don't open the data: mingcha restore --secrets FILE",
        )
    return OK, "密钥齐全，只有本人可读", "keys fit the data, and only their owner reads them"


def _database(home: Home) -> Told:
    with connect(home) as pg:
        version = pg.info.server_version // 10000
    place = ("DATABASE_URL", "DATABASE_URL") if home.database_url else ("本目录自带", "the home's own")
    if version < 15:
        return (
            FAIL,
            f"PostgreSQL {version} 太旧，需要 15 以上",
            f"PostgreSQL {version} is too old; 15 or newer is needed",
        )
    return OK, f"PostgreSQL {version}（{place[0]}）", f"PostgreSQL {version} ({place[1]})"


def _roles(home: Home) -> Told:
    with connect(home, "owner") as owner:
        rows = owner.execute(
            "SELECT rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls) "
            "AND rolname IN (current_user, 'mingcha_owner', 'mingcha_app', 'mingcha_job')"
        ).fetchall()
    if rows:
        return (
            FAIL,
            f"账号 {rows[0][0]} 不受行级权限约束，辖区隔离无效。请取消它的超级用户和 BYPASSRLS 权限",
            f"the role {rows[0][0]} ignores row security, take SUPERUSER and BYPASSRLS from it",
        )
    return OK, "数据库账号都受行级权限约束", "row security binds every role"


UNGUARDED = """
SELECT DISTINCT n.nspname || '.' || c.relname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('facts', 'public') AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
  AND a.attname IN ('fund_area', 'care_area', 'area')
  AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
ORDER BY 1
"""
"""Tables with an area that row security doesn't guard (DECISIONS 23)."""


def _row_security(home: Home) -> Told:
    with connect(home, "owner") as owner:
        bare = [name for (name,) in owner.execute(UNGUARDED)]
    if bare:
        return FAIL, f"{'、'.join(bare)} 没有按辖区的行级权限", f"no row security by area on {', '.join(bare)}"
    return OK, "带区划的表都有行级权限", "every table with an area is guarded"


def _batches(home: Home) -> Told:
    with Lake.open(home) as lake, connect(home) as pg:
        recover(lake)
        done = {seq for (seq,) in pg.execute("SELECT batch_seq FROM facts.import_batch WHERE state = 'done'")}
        there = {seq for (seq,) in lake.con.execute("SELECT batch_seq FROM lake.batch").fetchall()}
        fenced = fence.stands(pg)
    if odd := sorted(done ^ there):
        return (
            FAIL,
            f"批次 {odd[0]} 只在数据库或只在数据湖里。请从备份恢复，不要继续导入",
            f"batch {odd[0]} is in the database or in the lake, not in both: restore a backup, don't import further",
        )
    if not fenced:
        return FAIL, "数据湖目录缺少入湖检查，请执行 mingcha up", "the catalogue's fence is missing: run mingcha up"
    return OK, f"{len(done)} 个批次，数据库与数据湖一致", f"{len(done)} batches, the same in database and lake"


def _files(home: Home) -> Told:
    with Lake.open(home, read_only=True) as lake:
        named = catalogued(lake)
    missing = [name for name, size in named.items() if _size(home.facts / name) != size]
    if missing:
        return (
            FAIL,
            f"{len(missing)} 个数据文件缺失或大小不对，例如 {missing[0]}。请从备份恢复",
            f"{len(missing)} files of the lake are gone or of another size, {missing[0]} for one: restore a backup",
        )
    if len(named) > 20_000:
        return (
            WARN,
            f"数据文件有 {len(named):,} 个，请执行 mingcha compact",
            f"{len(named):,} files: run mingcha compact",
        )
    return OK, f"{len(named):,} 个数据文件齐全", f"all {len(named):,} files of the lake are there"


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else -1


def _areas(home: Home) -> Told:
    with Lake.open(home, read_only=True) as lake:
        loose = unplaced(home, lake)
    if loose:
        return (
            WARN,
            f"{len(loose)} 个区划不在区划树里（如 {loose[0]}），只有全国账号看得到它们。请 mingcha areas 文件",
            f"{len(loose)} areas aren't in the tree ({loose[0]} for one), so few accounts see them: mingcha areas FILE",
        )
    return OK, "数据里的区划都在区划树里", "every area of the facts has its place in the tree"


def _calendar(home: Home) -> Told:
    today = date.today()
    with connect(home) as pg:
        row = pg.execute(
            "SELECT 1 FROM facts.setting WHERE key = %s LIMIT 1", [f"calendar-{today.year + 1}"]
        ).fetchone()
    if row is None and today.month >= 11:
        return (
            WARN,
            f"还没有 {today.year + 1} 年的节假日安排，跨年期限只按周末推算。国务院公布后请录入",
            f"the holidays of {today.year + 1} aren't entered: until then limits beyond New Year count weekends only",
        )
    return OK, "工作日历够用", "the calendar of working days reaches far enough"


_CHECKS: dict[str, Callable[[Home], Told]] = {
    "disk": _disk,
    "database": _database,
    "secrets": _secrets,
    "roles": _roles,
    "row security": _row_security,
    "batches": _batches,
    "files": _files,
    "areas": _areas,
    "calendar": _calendar,
}
