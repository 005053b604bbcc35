"""Walks the chain from the first seal to the head and says which entry or seal is not as it was sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mingcha.desk.trail.chain import CONTENT, START, TIME, link, sm3
from mingcha.home.database import connect

if TYPE_CHECKING:
    from mingcha.home.directory import Home

SHOWN = 50
"""Faults told one by one; of more, the number."""
LATE = 3600.0
"""Seconds a transaction may last after its entry. An entry that claims to be older than that when it first appears
was dated back (or the machine's clock was)."""
VERIFYING = 0x74726C  # any fixed number: a verification holds this lock, so that pages can say so
_BLOCK = 5_000


@dataclass(frozen=True)
class Fault:
    """What is wrong: `changed`, `deleted` or `backdated` entries, `seal` altered or moved, seals `missing`."""

    what: str
    entry: int | None
    seal: int
    zh: str
    en: str


@dataclass
class Report:
    """What a walk found. `heads` says for each noted head which seal it is, None when the chain doesn't hold it."""

    sealed: int = 0
    head: str = START.hex()
    sealed_at: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)
    heads: dict[str, int | None] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether everything is as it was sealed, and every noted head is part of the chain."""
        return not self.fault_count and None not in self.heads.values()

    def add(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < SHOWN:
            self.faults.append(fault)


def verify(home: Home, heads: Collection[str] = ()) -> Report:
    """Check every seal and every sealed entry in one snapshot, some 60,000 a second; `heads` are hashes noted before.

    Nothing is written. The desk's tables must be there (desk.migrate.ready).
    """
    report = Report(heads=dict.fromkeys(head.strip().lower() for head in heads))
    with connect(home, "job") as pg:
        pg.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        pg.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [VERIFYING])
        with pg.cursor("chain", binary=True) as cursor:
            cursor.itersize = _BLOCK
            cursor.execute(_SEALS)
            _walk(cursor, report)
        last = pg.execute("SELECT at FROM trail_seal ORDER BY n DESC LIMIT 1").fetchone()
        report.sealed_at = last[0] if last else None
        report.waiting, report.waiting_since = pg.execute(_WAITING).fetchone() or (0, None)
    return report


_SEALS = f"""
SELECT s.n, s.entry, {TIME.format("s.at")}, extract(epoch FROM s.at)::float8, s.digest, s.hash,
    CASE WHEN t.id IS NOT NULL THEN {CONTENT} END, extract(epoch FROM t.at)::float8
FROM trail_seal s LEFT JOIN trail t ON t.id = s.entry ORDER BY s.n
""".encode()
_WAITING = "SELECT count(*), min(t.at) FROM trail t WHERE NOT EXISTS (SELECT FROM trail_seal s WHERE s.entry = t.id)"


def _walk(seals: Iterable[tuple[Any, ...]], report: Report) -> None:
    """From seal to seal. After a fault the stored hash counts, so that one change is told once."""
    expected, previous = 1, START
    this_pass, pass_before = float("-inf"), float("-inf")
    for n, entry, at, at_second, digest, stored, content, entered in seals:
        if n != expected:
            report.add(_missing(expected, n))
        if at_second != this_pass:
            this_pass, pass_before = at_second, this_pass
        actual = None if content is None else sm3(content.encode())
        follows = n > expected or link(previous, digest, at) == stored  # after a gap nothing says what it follows
        if actual != digest or not follows:
            report.add(_told(n, entry, actual, follows))
        elif entered + LATE < pass_before:
            report.add(_backdated(n, entry))
        hexed = stored.hex()
        if hexed in report.heads:
            report.heads[hexed] = n
        expected, previous = n + 1, stored
        report.sealed += 1
    report.head = previous.hex()


def _told(n: int, entry: int, actual: bytes | None, follows: bool) -> Fault:
    """The seal where its own hash doesn't fit, else the entry."""
    if not follows:
        return Fault("seal", entry, n, f"封印 {n}（操作记录 {entry}）被改动或调换",
                     f"seal {n} of entry {entry} was altered or moved")  # fmt: skip
    if actual is None:
        return Fault("deleted", entry, n, f"操作记录 {entry} 已被删除（封印 {n} 还在）",
                     f"entry {entry} was deleted; seal {n} still names it")  # fmt: skip
    return Fault("changed", entry, n, f"操作记录 {entry} 封存之后被改动（封印 {n}）",
                 f"entry {entry} was changed after it was sealed (seal {n})")  # fmt: skip


def _missing(expected: int, n: int) -> Fault:
    if n < expected:  # only where the table's key was dropped
        return Fault("seal", None, n, f"封印 {n} 重复", f"seal {n} stands there twice")
    span = str(expected) if n == expected + 1 else f"{expected}–{n - 1}"
    return Fault("missing", None, expected, f"封印 {span} 已被删除", f"seal {span} is missing")


def _backdated(n: int, entry: int) -> Fault:
    return Fault(
        "backdated", entry, n,
        f"操作记录 {entry} 的时间早于它出现的时间一小时以上（封印 {n}）：是事后补入的，或服务器时钟被往回拨过",
        f"entry {entry} claims a time more than an hour before it appeared (seal {n}): it was put in later, or the "
        "server's clock was set back",
    )  # fmt: skip
