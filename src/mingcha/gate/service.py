"""What one process of the gate does with a message: read, judge, note, answer. No network here, and no database."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from mingcha.gate import envelope, feedback, reply, signature
from mingcha.gate.answered import Answered
from mingcha.gate.counters import Counters
from mingcha.gate.envelope import SHANGHAI, Envelope, Refused, told
from mingcha.gate.feedback import Feedback
from mingcha.gate.history import Histories
from mingcha.gate.journal import Journal
from mingcha.gate.judge import Judge, Judged
from mingcha.gate.request import Analysis, Asked, level_now, persons, read_request
from mingcha.home.directory import Home
from mingcha.knowledge import bundle
from mingcha.records.seal import Blinder

LIMIT = 0.2
"""Seconds a request may take by default (DECISIONS 25)."""
OVERLOADED, OUT_OF_TIME, FAILED = "overload", "time", "failure"
_log = logging.getLogger("mingcha.gate")


class Gate:
    """One process's gate, opened over a home whose bundle was published."""

    def __init__(self, home: Home, limit: float = LIMIT, local: bool = True) -> None:
        self.home, self.limit, self.local = home, limit, local
        self.counters = Counters(home.gate / "counts")
        self.answered = Answered(home.gate / "answered")
        self.histories = Histories(home.gate / "history")
        self._slot, name = _own_slot(home.gate)
        self.journal = Journal(home.spool / "gate", f"{home.id[:8]}-{name}")
        self._token = Blinder(home.secrets.token)
        self._stamp = 0
        self.judge = self._load()

    def renew(self) -> None:
        """Take up another bundle or store of histories; requests under way end with the one they began with."""
        self.histories.renew()
        if bundle.stamp(self.home) != self._stamp:
            self.judge = self._load()

    def close(self) -> None:
        """See what was noted on the disk."""
        self.journal.close()

    async def transaction(
        self, infno: str, body: bytes, headers: Mapping[str, str], local: bool, since: float
    ) -> bytes:
        """The answer to one message; it never raises. `since` is when it came (`time.perf_counter`)."""
        self.counters.count("requests")
        read: Envelope | None = None
        try:
            read = envelope.read(body)
            number = told(read.infno) or infno
            if number != infno:
                raise Refused(f"地址中的交易编号 {infno} 与报文中的 infno {number} 不一致。")
            if infno not in _TRANSACTIONS:
                raise Refused(f"不支持交易 {infno}。本服务受理：{'、'.join(_TRANSACTIONS)}。")
            provider = told(read.fixmedins_code)
            if provider is None:
                raise Refused("缺少 fixmedins_code（定点医药机构编号）。")
            signature.verify(provider, self.judge.bundle.keys.get(provider), headers, local and self.local)
            return await self._known(infno, provider, read, body, since)
        except Refused as refused:
            self.counters.count("refused")
            return envelope.answer(read, wrong=str(refused))
        except Exception as error:
            # The doctor goes on whatever happens here; the log says where it broke, and nothing about anybody.
            self.counters.count("failed")
            _log.error(json.dumps({"failed": infno, "error": type(error).__name__, "where": _where(error)}))
            return self.let_pass(read, FAILED)
        finally:
            self.counters.took(time.perf_counter() - since)

    def let_pass(self, read: Envelope | None, why: str) -> bytes:
        """An answer without reminders that says so: infcode 0, so that nobody has to wait for us."""
        told_why = {OVERLOADED: "审核服务繁忙", FAILED: "审核服务内部错误"}.get(why, why)
        output = {"result": [], "exp_content": {"partial": True, "why": why}}
        return envelope.answer(read, output, warning=f"{told_why}，本次未完成审核，已放行。")

    async def _known(self, infno: str, provider: str, read: Envelope, body: bytes, since: float) -> bytes:
        """A message of a sender we know; one sent again gets its answer again."""
        sender = (provider, told(read.msgid) or "", infno)
        if sender[1]:
            kept, reused = self.answered.find(sender, body)
            if kept is not None:
                self.counters.count("repeated")
                return kept
            if reused:
                self.counters.count("reused")
                self.journal.add("reused", {"at": _now(), "provider": provider, "infno": infno, "msgid": sender[1]})
        answer = await _TRANSACTIONS[infno](self, infno, provider, read, since)
        if sender[1]:
            self.answered.keep(sender, body, answer)
        return answer

    async def _analyse(self, infno: str, provider: str, read: Envelope, since: float) -> bytes:
        judge, asked = self.judge, []
        analysis = envelope.payload(read, Analysis)
        care = told(read.mdtrtarea_admvs) or ""
        fund = told(read.insuplc_admdvs) or care
        found: list[tuple[Asked, Judged]] = []
        for node in persons(analysis):
            person = self._person(told(node.patn_id))
            asked.append((read_request(node, person, provider, care, fund, judge.items), node))
        for one, node in asked:
            before = self.histories.rows(one.person, one.visits, one.lines)
            left = self.limit - (time.perf_counter() - since)
            found.append((one, judge.judge(infno, one, before, level_now(node), left)))
        self._note(infno, provider, read, found, since)
        task = told(analysis.data.task_id) if analysis.data else None
        output = reply.output(found, judge.bundle.number, judge.bundle.library, task)
        late = "" if all(judged.whole for _, judged in found) else "超过时限，部分规则未审核，已放行。"
        return envelope.answer(read, output, warning=late)

    async def _feedback(self, infno: str, provider: str, read: Envelope, since: float) -> bytes:
        del infno, since
        reactions = feedback.reactions(envelope.payload(read, Feedback))
        await self.journal.sure("feedback", {
            "at": _now(), "provider": provider, "msgid": told(read.msgid),
            "reactions": [vars(reaction) for reaction in reactions],
        })  # fmt: skip
        self.counters.count("feedback", len(reactions))
        return envelope.answer(read)

    def _note(self, infno: str, provider: str, read: Envelope, found: list[tuple[Asked, Judged]], since: float) -> None:
        """The call in the journal: who asked when about which visit, and what was said. The person is a token."""
        said = [(asked, reminder) for asked, judged in found for reminder in judged.reminders]
        self.counters.count("reminders", len(said))
        self.counters.count("hit_requests", bool(said))
        self.counters.count("partial", sum(not judged.whole for _, judged in found))
        self.journal.add("call", {
            "at": _now(), "infno": infno, "provider": provider, "msgid": told(read.msgid),
            "bundle": self.judge.bundle.number, "microseconds": int((time.perf_counter() - since) * 1e6),
            "whole": all(judged.whole for _, judged in found),
            "asked": [{"person": a.person, "visit": a.visit, "doctor": a.doctor, "department": a.department}
                      for a, _ in found],
            "reminders": [
                {"id": reply.reminder_id(asked, one), "rule": one.rule.id, "version": one.rule.version,
                 "strength": one.strength, "certainty": one.rule.certainty, "amount_fen": one.result.amount,
                 "visit": asked.visit}
                for asked, one in said
            ],
        })  # fmt: skip

    def _person(self, number: str | None) -> int:
        """The token a person number has in the lake (DECISIONS 7)."""
        return int.from_bytes(self._token(number or "")[:8], "big") >> 1

    def _load(self) -> Judge:
        stamp = bundle.stamp(self.home)
        found = bundle.current(self.home)
        judge = Judge(found, bundle.library_of(self.home, found))
        self._stamp = stamp
        return judge


_TRANSACTIONS: dict[str, Any] = {"3101": Gate._analyse, "3102": Gate._analyse, "3103": Gate._feedback}


def _own_slot(folder: Path) -> tuple[int, str]:
    """The lowest number no living process of this gate has; held until the process ends."""
    for slot in range(1_000):
        handle = os.open(folder / f"slot-{slot}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        return handle, str(slot)
    raise RuntimeError("a thousand processes of one gate")


def _now() -> str:
    return datetime.now(SHANGHAI).isoformat(timespec="milliseconds")


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
