"""What one process of the gate does with a message: read, judge, note, answer. No network here, and no database."""

from __future__ import annotations

import fcntl
import gc
import json
import logging
import math
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from mingcha.gate import cipher, envelope, feedback, gaps, reply, signature
from mingcha.gate.answered import Answered
from mingcha.gate.counters import Counters
from mingcha.gate.envelope import SHANGHAI, Envelope, Refused, told
from mingcha.gate.feedback import Feedback
from mingcha.gate.history import Histories
from mingcha.gate.intake import TRANSACTIONS as TAKEN
from mingcha.gate.intake import Intake
from mingcha.gate.journal import Journal
from mingcha.gate.judge import STAGE, Judge, Judged
from mingcha.gate.rates import Rates
from mingcha.gate.request import Analysis, Asked, level_now, persons, read_request
from mingcha.home.directory import Home
from mingcha.knowledge import bundle
from mingcha.records.exchanges import DAYS, MEGABYTES, Exchange, Exchanges
from mingcha.records.seal import Blinder
from mingcha.terms.errors import PlatformError

LIMIT = 0.2
"""Seconds a request may take by default (DECISIONS 25)."""
RATE = 500.0
"""Messages a second that a provider may send to a process, by default; twice as many at once."""
QUIET, LITTER = 2.0, 4
"""Seconds without a message after which old rules are swept up, and how many may lie about when it never is quiet."""
_STEPS = 20
"""Short steps of forgetting at a time: enough to keep pace with two thousand messages a second."""
OVERLOADED, LIMITED, FAILED = "overload", "limit", "failure"
_WHY = {OVERLOADED: "审核服务繁忙", LIMITED: "本机构的请求过于密集", FAILED: "审核服务内部错误"}
_log = logging.getLogger("mingcha.gate")


class Gate:
    """One process's gate, opened over a home whose bundle was published."""

    def __init__(self, home: Home, limit: float = LIMIT, local: bool = True, rate: float = RATE,
                 days: float = DAYS, megabytes: int = MEGABYTES) -> None:  # fmt: skip
        self.home, self.limit, self.local = home, limit, local
        self.rates = Rates(rate)
        self.counters = Counters(home.gate / "counts")
        self.answered = Answered(home.gate / "answered")
        self.nonces = Answered(home.gate / "nonces", 2 * signature.SLACK)
        self.histories = Histories(home.gate / "history")
        self._slot, name = _own_slot(home.gate)
        self.journal = Journal(home.spool / "gate", f"{home.id[:8]}-{name}")
        self.exchanges = Exchanges(home, days, megabytes)
        self.intake = Intake(home)
        self._token = Blinder(home.secrets.token)
        self._stamp, self._litter, self._heard = 0, 0, 0.0
        self._prepared = math.inf
        self.judge = self._load(None)

    def renew(self) -> None:
        """Take up another bundle or store of histories; requests under way end with the one they began with.

        What is left of the rules of before is swept up when nobody asks: a sweep holds everybody up for a tenth of a
        second and more.
        """
        self.histories.renew()
        if bundle.stamp(self.home) != self._stamp:
            self.judge = self._load(self.judge)
            self._litter += 1
        elif self._litter and (self._litter > LITTER or time.perf_counter() - self._heard > QUIET):
            self._litter = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    @property
    def preparing(self) -> bool:
        """Whether other rules are being made ready, or were a moment ago: who waited meanwhile still waits."""
        return time.perf_counter() - self._prepared < LIMIT

    def close(self) -> None:
        """See what was noted on the disk, and leave what was taken in to be collected."""
        self.settle()
        self.journal.close()
        self.exchanges.close()
        self.intake.put_by()

    async def transaction(
        self, infno: str, body: bytes, headers: Mapping[str, str], local: bool, since: float
    ) -> bytes:
        """The answer to one message; it never raises. `since` is when it came (`time.perf_counter`)."""
        self.counters.count("requests")
        self._heard = since
        read: Envelope | None = None
        known: tuple[str, bundle.SigningKey | None] | None = None
        try:
            read = envelope.read(body)
            number = told(read.infno) or infno
            if number != infno:
                raise Refused(f"地址中的交易编号 {infno} 与报文中的 infno {number} 不一致。")
            infno = infno.rstrip("A")  # 2204A is a later edition of 2204 (reference: interface §1.1)
            if infno not in _TRANSACTIONS and infno not in TAKEN:
                raise Refused(f"不支持交易 {infno}。本服务受理：{'、'.join(sorted({*_TRANSACTIONS, *TAKEN}))}。")
            provider = told(read.fixmedins_code)
            if provider is None:
                raise Refused("缺少 fixmedins_code（定点医药机构编号）。")
            key = self._identify(provider, headers, local, body)
            if not self.rates.allow(provider):
                self.counters.count("limited")
                return self.unanswered(infno, read, LIMITED)
            known = provider, key
            secrecy = self.judge.bundle.secrecy.get(provider)
            if secrecy is None:
                return await self._known(infno, provider, key, read, body, since)
            read, body = cipher.opened(read, body, secrecy)
            answer = await self._known(infno, provider, key, read, body, since)
            return cipher.closed(answer, secrecy) if secrecy.encrypted else answer
        except Refused as refused:
            self.counters.count("refused")
            answer = envelope.answer(read, wrong=str(refused))
            if known and read:  # strangers can't fill the journal
                self._note_refusal(infno, *known, read, body, answer, str(refused))
            return answer
        except Exception as error:
            # The doctor goes on whatever happens here; the log says where it broke, and nothing about anybody.
            self.counters.count("failed")
            _log.error(json.dumps({"failed": infno, "error": type(error).__name__, "where": _where(error)}))
            return self.unanswered(infno, read, FAILED)
        finally:
            self.counters.took(time.perf_counter() - since)

    def settle(self) -> None:
        """See answers and messages that wait in their stores, from any thread: little at a time, and often."""
        try:
            self.answered.flush()
        except PlatformError as error:  # it costs their being known when they come again, and nobody an answer
            self.counters.count("unkept")
            _log.error(json.dumps({"failed": "keep", "error": error.en}))
        self.exchanges.flush()

    def forget(self) -> None:
        """Let go of what needn't be kept any longer, from any thread, in steps too short for an answer to wait on."""
        for store in (self.answered, self.nonces):
            for _ in range(_STEPS):
                if not store.forget():
                    break
        self.exchanges.forget()

    def _identify(
        self, provider: str, headers: Mapping[str, str], local: bool, body: bytes
    ) -> bundle.SigningKey | None:
        """The key it is signed with, if any.

        Refused when the sender isn't who it says, or a signature comes again with another message.
        """
        signed = signature.verify(provider, self.judge.bundle.keys.get(provider, ()), headers, local and self.local)
        if signed is None:
            return None
        once = (provider, signed.nonce, "nonce")
        _, reused = self.nonces.find(once, body)
        if reused:
            raise Refused("这个签名已用于另一份报文。每份报文请使用新的 x-tif-nonce。")
        self.nonces.keep(once, body, b"")
        return signed.key

    def unanswered(self, infno: str, read: Envelope | None, why: str) -> bytes:
        """What is said of a message that couldn't be dealt with.

        Who asks for reminders is let pass: infcode 0, none, and why, so that nobody has to wait for us. What was to
        be kept was not: the sender has to send it again.
        """
        told_why = _WHY[why]
        if infno not in STAGE:
            return envelope.answer(read, wrong=f"{told_why}，报文没有保存。请稍后重发，报文ID（msgid）不变。")
        output = {"result": [], "exp_content": {"partial": True, "why": why}}
        return envelope.answer(read, output, warning=f"{told_why}，本次未完成审核，已放行。")

    async def _known(
        self, infno: str, provider: str, key: bundle.SigningKey | None, read: Envelope, body: bytes, since: float
    ) -> bytes:
        """A message of a sender we know; one sent again gets its answer again."""
        direction = ">" if infno in TAKEN and envelope.said(read.output) else ""  # an answer has its request's number
        sender = (provider, told(read.msgid) or "", infno + direction)
        if sender[1]:
            kept, reused = self.answered.find(sender, body)
            if kept is not None:
                self.counters.count("repeated")
                return kept
            if reused:
                self.counters.count("reused")
                self.journal.add("reused", {"at": _now(), "provider": provider, "infno": infno, "msgid": sender[1]})
        if infno in TAKEN:
            tree = await self.intake.take(read, infno, provider, body)
            self.counters.count("taken")
            self._note_unknown(infno, provider, key, read, tree)
            answer = envelope.answer(read)
        else:
            answer, number = await _TRANSACTIONS[infno](self, infno, provider, key, read, since)
            self.exchanges.add(Exchange(self.journal.name, number, provider, sender[1], body, answer))
        if sender[1]:
            self.answered.keep_soon(sender, body, answer)
        return answer

    async def _analyse(
        self, infno: str, provider: str, key: bundle.SigningKey | None, read: Envelope, since: float
    ) -> tuple[bytes, int]:
        judge, asked = self.judge, []
        analysis = envelope.payload(read, Analysis)
        care = told(read.mdtrtarea_admvs) or ""
        fund = told(read.insuplc_admdvs) or care
        found: list[tuple[Asked, Judged]] = []
        aliases = judge.bundle.aliases_of(care)
        for node in persons(analysis):
            unknown = gaps.read_codes(node, aliases)
            made = read_request(node, self._person(told(node.patn_id)), provider, care, fund, judge.items)
            made.unknown = unknown
            asked.append((made, node))
        for one, node in asked:
            before = self.histories.rows(one.person, one.visits, one.lines)
            left = self.limit - (time.perf_counter() - since)
            level = None if provider in judge.providers else level_now(node)
            found.append((one, judge.judge(infno, one, before, level, left)))
        number = self._note(infno, provider, key, read, found, since)
        task = told(analysis.data.task_id) if analysis.data else None
        output = reply.output(found, judge.bundle.number, judge.bundle.library, task)
        late = "" if all(judged.whole for _, judged in found) else "超过时限，部分规则未审核，已放行。"
        return envelope.answer(read, output, warning=late), number

    async def _feedback(
        self, infno: str, provider: str, key: bundle.SigningKey | None, read: Envelope, since: float
    ) -> tuple[bytes, int]:
        del infno, key, since
        reactions = feedback.reactions(envelope.payload(read, Feedback))
        number = await self.journal.sure("feedback", {
            "at": _now(), "provider": provider, "msgid": told(read.msgid),
            "reactions": [vars(reaction) for reaction in reactions],
        })  # fmt: skip
        self.counters.count("feedback", len(reactions))
        return envelope.answer(read), number

    def _note(self, infno: str, provider: str, key: bundle.SigningKey | None, read: Envelope,
              found: list[tuple[Asked, Judged]], since: float) -> int:  # fmt: skip
        """The call in the journal: who asked when about which visit, and what was said. The person is a token."""
        said = [(place, asked, one) for place, (asked, judged) in enumerate(found) for one in judged.reminders]
        shown = sum(not one.snoozed for _, _, one in said)
        self.counters.count("reminders", shown)
        self.counters.count("snoozed", len(said) - shown)
        self.counters.count("hit_requests", bool(shown))
        self.counters.count("partial", sum(not judged.whole for _, judged in found))
        return self.journal.add("call", {
            "at": _now(), "infno": infno, "provider": provider, "msgid": told(read.msgid),
            "key": key.id if key else None, "environment": key.environment if key else "test",
            "bundle": self.judge.bundle.number, "microseconds": int((time.perf_counter() - since) * 1e6),
            "whole": all(judged.whole for _, judged in found),
            "asked": [_asked(asked, judged) for asked, judged in found],
            "reminders": [
                {"id": reply.reminder_id(asked, one), "asked": place, "rule": one.rule.id, "version": one.rule.version,
                 "strength": one.strength, "certainty": one.rule.certainty, "amount_fen": one.result.amount,
                 "visit": asked.visit, "message": one.message[:500],
                 "instead": one.instead.words[:300] if one.instead else "", "snoozed": one.snoozed}
                for place, asked, one in said
            ],
        })  # fmt: skip

    def _note_unknown(
        self, infno: str, provider: str, key: bundle.SigningKey | None, read: Envelope, tree: Any
    ) -> None:
        """Codes of a message taken in that are in no list, as a call about nobody; most messages have none."""
        care = told(read.mdtrtarea_admvs) or ""
        if unknown := gaps.unknown_in(tree, self.judge.bundle.aliases_of(care)):
            about = {"person": None, "visit": None, "doctor": None, "department": None, "orders": 0,
                     "care_area": care, "fund_area": told(read.insuplc_admdvs) or care, "unknown": unknown}  # fmt: skip
            self.journal.add("call", {
                "at": _now(), "infno": infno, "provider": provider, "msgid": told(read.msgid),
                "key": key.id if key else None, "environment": key.environment if key else "test",
                "bundle": self.judge.bundle.number, "microseconds": 0, "whole": True, "asked": [about], "reminders": [],
            })  # fmt: skip

    def _note_refusal(self, infno: str, provider: str, key: bundle.SigningKey | None, read: Envelope, body: bytes,
                      answer: bytes, why: str) -> None:  # fmt: skip
        """A message of a known sender that was sent back, and why: whoever connects a system looks for just these."""
        msgid = told(read.msgid) or ""
        number = self.journal.add("refused", {
            "at": _now(), "infno": infno, "provider": provider, "msgid": msgid, "key": key.id if key else None,
            "environment": key.environment if key else "test", "bundle": self.judge.bundle.number, "why": why[:500],
            "care_area": told(read.mdtrtarea_admvs) or "", "fund_area": told(read.insuplc_admdvs) or "",
        })  # fmt: skip
        self.exchanges.add(Exchange(self.journal.name, number, provider, msgid, body, answer))

    def _person(self, number: str | None) -> int:
        """The token a person number has in the lake (DECISIONS 7)."""
        return int.from_bytes(self._token(number or "")[:8], "big") >> 1

    def _load(self, before: Judge | None) -> Judge:
        """The rules of the bundle in force. Collecting garbage meanwhile would walk over all of them, many times."""
        stamp = bundle.stamp(self.home)
        found = bundle.current(self.home)
        gc.disable()
        self._prepared = math.inf
        try:
            judge = Judge(found, lambda: bundle.library_of(self.home, found), before)
        finally:
            gc.freeze()  # or the next small collection would walk over all that was made
            gc.enable()
            self._prepared = time.perf_counter()
        self._stamp = stamp
        return judge


_TRANSACTIONS: dict[str, Any] = {"3101": Gate._analyse, "3102": Gate._analyse, "3103": Gate._feedback}


def _asked(one: Asked, judged: Judged) -> dict[str, Any]:
    """Whom and what a call is about: tokens, codes, how many orders, and what it lacks."""
    visit = one.request["visit"][0]
    return {
        "person": one.person, "visit": one.visit, "doctor": one.doctor, "department": one.department,
        "care_area": visit["care_area"], "fund_area": visit["fund_area"], "orders": len(one.request["line"]),
        "blank": gaps.blanks(one), "unknown": one.unknown,
        "lacking": [(rule.id, missing) for rule, missing in judged.lacking],
    }  # fmt: skip


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
