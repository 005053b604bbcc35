"""Requests meet their answers, now or in a later import (DECISIONS 15); then every message becomes rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import pyarrow as pa

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records import transactions as says
from mingcha.records.headers import personal, squeeze
from mingcha.records.plan import by_headers
from mingcha.records.readers.messages import Message, messages
from mingcha.records.readers.piece import Piece, Scan, text_piece
from mingcha.records.seal import Blinder, Sealer
from mingcha.records.sources import Skipped, Source, as_cell
from mingcha.records.tables import TABLES


@dataclass(frozen=True)
class Waiting:
    """A record whose partner has not come: where it stands, why it waits, its fields and its money in fen."""

    file: str
    row: int
    table: str
    zh: str
    en: str
    fields: dict[str, Any]
    money: int

    @property
    def masked(self) -> str:
        """The fields without personal data, as JSON."""
        hidden = {*personal(), squeeze("psn_no")}
        return json.dumps(
            {k: "***" if squeeze(k) in hidden and v else v for k, v in self.fields.items()}, ensure_ascii=False
        )


@dataclass(frozen=True)
class Part:
    """A message that has a partner, with the two ways to find it (blind, 32 bytes, or None)."""

    message: Message
    by_msgid: bytes | None
    by_ids: bytes | None

    @property
    def keys(self) -> list[bytes]:
        return [key for key in (self.by_msgid, self.by_ids) if key]


@dataclass
class Pairing:
    """The messages of one import: `sources()` are the rows that are complete, `waiting` those that are not."""

    home: Home
    documents: list[tuple[str, Any]]
    skipped: list[Skipped] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._blind = Blinder(self.home.secrets.blind)
        self._sealer = Sealer(self.home.secrets.identity)
        self._rows: dict[str, list[tuple[str, int, dict[str, Any]]]] = {}
        self._numbers: dict[str, int] = {}
        self._parts: list[Part] = []
        self._read()
        self._pair()

    def sources(self) -> list[Source]:
        """One source per table, its rows from all files, each row naming its own file."""
        made = []
        for name, rows in self._rows.items():
            if rows:
                plan = by_headers(TABLES[name].zh, _headers(rows), table=TABLES[name])
                whole = _piece(rows, plan.headers)
                made.append(Source(TABLES[name].name, plan, lambda whole=whole: iter([whole])))
        return made

    def remember(self) -> None:
        """Keep every paired transaction's message, sealed, so that a partner that comes later finds it."""
        rows = []
        for part in self._parts:
            plain = json.dumps([part.message.envelope, part.message.body], sort_keys=True, ensure_ascii=False).encode()
            digest = hashlib.sha256(plain).digest()
            sealed = self._sealer.seal(plain, digest)
            rows.append((digest, part.message.infno, part.message.request, part.by_msgid, part.by_ids, sealed))
        with connect(self.home) as pg:
            pg.cursor().executemany(
                "INSERT INTO facts.message_part (digest, infno, request, by_msgid, by_ids, sealed) "
                "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                rows,
            )

    def _read(self) -> None:
        for file, document in self.documents:
            for message in messages(file, document):
                if message.infno in says.PAIRED:
                    self._parts.append(self._part(message))
                elif message.infno in says.ALONE:
                    self._alone(message)
                else:
                    self.skipped.append(_no_facts(message))

    def _alone(self, message: Message) -> None:
        if not message.request:
            return  # an acknowledgement
        if message.infno in says.REPORTS:
            told = says.reports(message)
        else:
            told = {"4101": says.settlement_list, "4401": says.front_page}.get(message.infno, says.movements)(message)
        for table, rows in told.items():
            self._add(table, message, rows)

    def _add(self, table: str, message: Message, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self._rows.setdefault(table, []).append((message.file, self._next(message.file), row))

    def _next(self, file: str) -> int:
        self._numbers[file] = self._numbers.get(file, 0) + 1
        return self._numbers[file]

    def _part(self, message: Message) -> Part:
        info = {} if message.request else says.settled(message)
        msgid = message.msgid or str(info.get("medins_setl_id") or "")
        if message.infno in says.LINES:
            ids = sorted(
                f"{line.get('feedetl_sn')}={_plain(line.get('det_item_fee_sumamt'))}" for line in says.lines(message)
            )
        else:
            fields = says.data(message) if message.request else info
            ids = [str(fields.get("mdtrt_id") or "")]
            ids += (
                []
                if message.infno in says.REVERSALS
                else [str(fields.get("psn_no")), _plain(fields.get("medfee_sumamt"))]
            )
        digest = self._blind("\x1f".join(("ids", message.infno, *ids))) if any(ids) else None
        return Part(message, self._blind(f"msgid\x1f{message.infno}\x1f{msgid}") if msgid else None, digest)

    def _pair(self) -> None:
        answers = {key: part.message for part in self._parts if not part.message.request for key in part.keys}
        requests = {key: part.message for part in self._parts if part.message.request for key in part.keys}
        used: set[int] = set()
        for part in self._parts:
            if not part.message.request:
                continue
            answer = next((answers[key] for key in part.keys if key in answers), None) or self._stored(part, False)
            if answer:
                used.add(id(answer))
            self._request(part.message, answer)
        for part in self._parts:
            if part.message.request or id(part.message) in used:
                continue
            if any(key in requests for key in part.keys):
                continue  # its request took another answer to the same question
            request = self._stored(part, True)
            if request:
                self._request(request, part.message, part.message)
            else:
                self._wait_answer(part.message)

    @cached_property
    def _store(self) -> dict[tuple[bytes, bool], bytes]:
        """Sealed partners of this import's messages that came earlier: (key, is a request) → digest and sealed."""
        keys = [key for part in self._parts for key in part.keys]
        found: dict[tuple[bytes, bool], bytes] = {}
        with connect(self.home) as pg:
            rows = pg.execute(
                "SELECT by_msgid, by_ids, request, digest, sealed FROM facts.message_part "
                "WHERE by_msgid = ANY(%(keys)s) OR by_ids = ANY(%(keys)s) ORDER BY since",
                {"keys": keys},
            ).fetchall()
        for by_msgid, by_ids, request, digest, sealed in rows:
            for key in (by_msgid, by_ids):
                if key:
                    found[(bytes(key), request)] = bytes(digest) + bytes(sealed)
        return found

    def _stored(self, part: Part, request: bool) -> Message | None:
        kept = next((self._store[(key, request)] for key in part.keys if (key, request) in self._store), None)
        if kept is None:
            return None
        envelope, body = json.loads(self._sealer.open(kept[32:], kept[:32]))
        return Message(part.message.file, part.message.number, part.message.infno, request, envelope, body)

    def _request(self, request: Message, answer: Message | None, origin: Message | None = None) -> None:
        """Rows of a request with its answer; `origin` is the message this import brought."""
        origin = origin or request
        if request.infno in says.LINES:
            self._add("fee_line", origin, says.fee_lines(request, answer))
        elif answer is None:
            self._wait("settlement", request, [says.data(request)], "请求", "应答", "request", "answer")
        elif request.infno in says.SETTLEMENTS:
            self._add("settlement", origin, says.settlement(request, answer))
            self._add("trace", origin, says.sold_codes(request, answer))
        else:
            self._add("settlement", origin, says.reversal(request, answer))

    def _wait_answer(self, answer: Message) -> None:
        if answer.infno in says.LINES:
            self._wait("fee_line", answer, says.lines(answer), "应答", "请求", "answer", "request")
        else:
            self._wait("settlement", answer, [says.settled(answer)], "应答", "请求", "answer", "request")

    def _wait(self, table: str, message: Message, rows: list[dict[str, Any]], *words: str) -> None:
        have, need, having, needing = words
        zh = f"只收到 {message.infno} 的{have}，{need}还没有来；{need}导入后自动补全"
        en = f"only the {having} of {message.infno} has come, not its {needing}; it is completed when that is imported"
        for row in rows:
            self.waiting.append(Waiting(message.file, self._next(message.file), table, zh, en, row, says.money(row)))


def _no_facts(message: Message) -> Skipped:
    if message.infno in says.TRIALS:
        zh, en = "预结算只是试算，不产生事实", "a trial settlement is a calculation and no fact"
    else:
        zh, en = "这个交易不带来事实，未导入", "this transaction brings no facts and was not imported"
    return Skipped(f"{message.file}（{message.infno or '?'}）", f"{zh}。", f"{en}.")


def _headers(rows: list[tuple[str, int, dict[str, Any]]]) -> list[str]:
    return list(dict.fromkeys(key for _, _, row in rows for key, value in row.items() if value not in (None, "")))


def _piece(rows: list[tuple[str, int, dict[str, Any]]], headers: list[str]) -> Piece:
    cells = [[as_cell(row.get(name)) for name in headers] for _, _, row in rows]
    made = text_piece(cells, [number for _, number, _ in rows], len(headers), [], 0).rows
    assert not isinstance(made, Scan)
    return Piece(made.append_column("source_file", pa.array([file for file, _, _ in rows])))


def _plain(value: Any) -> str:
    """A number in one spelling, so that 6, "6.00" and 6.0 pair."""
    try:
        return format(Decimal(str(value)).normalize(), "f")
    except InvalidOperation:
        return str(value or "")
