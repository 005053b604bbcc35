"""Import: files in, rows in the lake or in quarantine, sums that always add up (DECISIONS 12, 13)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from mingcha.home import disk
from mingcha.records import commit, files
from mingcha.records.identity import DETAILS, tokens
from mingcha.records.lake import Lake
from mingcha.records.locks import claim
from mingcha.records.mapping import NONE, Mapping
from mingcha.records.pairing import Pairing
from mingcha.records.profile import Profile
from mingcha.records.readers.piece import Piece, ahead, gathered
from mingcha.records.sources import Found, Skipped, Source, find
from mingcha.records.staging import Staging
from mingcha.records.totals import Totals
from mingcha.terms.errors import InputError, MingchaError
from mingcha.terms.language import pick

Progress = Callable[[str, int, int], None]
"""Called with a file's label, and the bytes and rows of it read since the last call."""


@dataclass
class Outcome:
    """What an import did: its sums, its batches, files passed over, and how full the columns were."""

    totals: Totals = field(default_factory=Totals)
    batches: list[int] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)  # files read before, byte for byte
    skipped: list[Skipped] = field(default_factory=list)
    profile: Profile = field(default_factory=Profile)
    seconds: float = 0.0


class Import:
    """One run of `mingcha import` over an open lake.

    `staging` holds the refused rows with their original values (`mc_refused`) until the connection closes: the report
    is written from there.
    """

    def __init__(
        self, lake: Lake, mapping: Mapping = NONE, by: str = "import", progress: Progress | None = None
    ) -> None:
        self.lake = lake
        self.mapping = mapping
        self.by = by
        self.outcome = Outcome()
        self._progress = progress or (lambda label, read, rows: None)
        self.staging = Staging(lake.con, self._tokens)
        self._seen: dict[str, Totals] = {}

    def run(self, paths: list[Path]) -> Outcome:
        """Import everything at these paths. Raises UsageError or InputError for what the user can put right."""
        start = time.monotonic()
        found, self.outcome.skipped = find(paths, self.mapping)
        return self.take(found, start)

    def take(self, found: list[Found], start: float | None = None) -> Outcome:
        """Import what was found at paths, or came in over the network as messages."""
        start = start or time.monotonic()
        disk.require(self.lake.home, sum(one.print.size for one in found))
        self._seen = files.read_before(self.lake.home, found, self.mapping)
        fresh = [one for one in found if one.sources and not self._repeated(one)]
        first = {one.print.sha256: one for one in reversed(fresh)}
        for group in files.batches([one for one in fresh if first[one.print.sha256] is one], self.mapping):
            self._files(group)
        for twin in (one for one in fresh if first[one.print.sha256] is not one):
            if not self._repeated(twin):
                self._files([twin])
        messages = [one for one in found if one.document is not None]
        if messages:
            self._messages(messages)
        if not self.outcome.totals.balanced:
            raise _unbalanced(self.outcome.totals)
        self.outcome.seconds = round(time.monotonic() - start, 3)
        return self.outcome

    def _repeated(self, one: Found) -> bool:
        """Whether a file was read before, or stands twice in this run: its rows are duplicates, nothing is read."""
        known = self._seen.get(one.print.sha256)
        if known is not None:
            self.outcome.totals.add(known.as_duplicates())
            self.outcome.unchanged.append(one.label)
            self._progress(one.label, one.print.size, 0)
        return known is not None

    def _files(self, group: list[Found]) -> None:
        """One large file, or several small ones, as one batch."""
        digest = files.digest(group)
        with claim(self.lake.home, digest):
            counted = {source.plan.target.table.name for one in group for source in one.sources}
            if self._known(digest, counted, [one.label for one in group], sum(one.print.size for one in group)):
                return
            self.staging.clear()
            brought = {one.print.sha256: (one, self._stage(one)) for one in group}
            rows = sum(totals.rows_in for _, totals in brought.values())
            layout = self.mapping.of(group[0].path.name)
            seq = self._commit(digest, [one.label for one in group], counted, rows, layout.replaces if layout else None)
            files.remember(self.lake.home, self.mapping, seq, brought)
            self._seen |= {sha256: totals for sha256, (_, totals) in brought.items()}

    def _stage(self, one: Found) -> Totals:
        """Stage a file; its rows and its money, as they came."""
        rows = sum(self._source(source) for source in one.sources)
        return Totals(rows_in=rows, money_in_fen=self.staging.money([source.label for source in one.sources]))

    def _source(self, source: Source) -> int:
        """Stage every piece of one source; the next piece is read meanwhile."""
        rows = 0
        for piece in ahead(gathered(self._told(source))):
            self.outcome.profile.count(source, piece)
            rows += self.staging.stage(source.label, source.plan, piece)
        self.staging.finish(source.label, source.plan)
        return rows

    def _told(self, source: Source) -> Iterator[Piece]:
        """The pieces of a source, each told to the progress bar."""
        read = 0
        for piece in source.pieces():
            self._progress(source.label, piece.read - read, piece.rows.num_rows + len(piece.malformed))
            read = piece.read
            yield piece

    def _messages(self, found: list[Found]) -> None:
        """All national messages of a run as one batch, so that requests meet their answers (DECISIONS 15)."""
        digest = hashlib.sha256("".join(sorted(one.print.sha256 for one in found)).encode()).hexdigest()
        labels = [one.label for one in found]
        with claim(self.lake.home, digest):
            pairing = Pairing(self.lake.home, [(one.label, one.document) for one in found])
            self.outcome.skipped += pairing.skipped
            sources = pairing.sources()
            counted = {source.plan.target.table.name for source in sources} | {"quarantine"}
            if self._known(digest, counted, labels, sum(one.print.size for one in found)):
                return
            self.staging.clear()
            rows = 0
            for source in sources:
                for piece in source.pieces():
                    rows += self.staging.stage(source.label, source.plan, piece, together=True)
                self.staging.finish(source.label, source.plan)
            rows += self.staging.waiting(pairing.waiting)
            pairing.remember()
            for one in found:
                self._progress(one.label, one.print.size, 0)
            self._commit(digest, labels, counted, rows, None)

    def _known(self, digest: str, counted: set[str], labels: list[str], size: int) -> bool:
        earlier = commit.earlier(self.lake.home, digest, self.mapping.hash)
        if earlier is None:
            return False
        self.outcome.totals.add(_totals(earlier, counted).as_duplicates())
        self.outcome.unchanged += labels
        self._progress(labels[0], size, 0)
        return True

    def _commit(self, digest: str, labels: list[str], counted: set[str], rows: int, replaces: str | None) -> int:
        self._progress(pick("写入数据湖", "writing to the lake"), 0, 0)
        result = commit.commit_batch(
            self.lake, source_hash=digest, mapping_hash=self.mapping.hash, by=self.by, files=labels, replaces=replaces
        )
        totals = _totals(result, counted)
        if totals.rows_in != rows:
            raise _unbalanced(totals)
        self.outcome.totals.add(totals)
        self.outcome.batches.append(result.batch_seq)
        return result.batch_seq

    def _tokens(self, people: pa.Table) -> pa.Array:
        details = {name: people[name] for name in DETAILS if name in people.column_names}
        return tokens(self.lake.home, people["number"], details, people["fund_area"])


def _totals(result: commit.BatchResult, counted: set[str]) -> Totals:
    """The sums of a batch over its counted tables: rows derived beside them (visits from till records) don't count."""
    tables = [told for name, told in result.tables.items() if name in counted]
    totals = Totals(
        accepted=sum(told.accepted for told in tables),
        quarantined=result.quarantined,
        duplicates=sum(told.duplicates for told in tables),
        superseded=sum(told.superseded for told in tables),
        money_accepted_fen=sum(told.money_accepted_fen for told in tables),
        money_quarantined_fen=result.money_quarantined_fen,
        money_duplicate_fen=sum(told.money_duplicate_fen for told in tables),
    )
    totals.rows_in = totals.accepted + totals.quarantined + totals.duplicates
    totals.money_in_fen = totals.money_accepted_fen + totals.money_quarantined_fen + totals.money_duplicate_fen
    return totals


def _unbalanced(totals: Totals) -> MingchaError:
    return InputError(
        f"收到的行数与入库、退回、重复之和不符（{totals}）。请不要使用这次导入的结果，并把这条信息和原文件发给维护者。",
        f"Rows in do not equal accepted + quarantined + duplicates ({totals}). Please don't rely on this import, and "
        "send this line and the file to the maintainers.",
    )
