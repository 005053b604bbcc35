"""Two hundred messages no decent system sends: each gets a clear answer, costs little and leaves the gate as it was."""

from __future__ import annotations

import copy
import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mingcha.gate.service import Gate
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from tests.gate import PROVIDER, ask, message, order, published

pytestmark = pytest.mark.slow

CPU, MEMORY = 1.0, 64 << 20
"""Ceilings of one message: CPU-seconds (a two-core machine under other load is slow) and bytes."""
REFUSED, ANSWERED = -1, 0

SQL = "'; DROP TABLE finding; --"
ODD = {"a list": [1, [2]], "an object": {"a": {"b": 1}}, "true": True, "a huge number": 10**400, "SQL": SQL,
       "a zero byte": "a\x00b", "a long text": "长" * 50_000, "markup": "<script>alert(1)</script>",
       "format": "%s{0}{name.__class__}", "a date": "2026-02-30 25:61:61"}  # fmt: skip
LEAVES = ("rx_id", "hilist_code", "cnt", "pric", "sumamt", "drord_begn_date", "drord_stop_date", "curr_drord_flag")
OUTER = ("mdtrt_id", "medins_lv", "med_type", "insutype", "dscg_main_dise_codg")
PATIENT = ("gend", "brdy", "poolarea")


def encoded(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def patient_of(told: dict[str, Any]) -> dict[str, Any]:
    return told["input"]["data"]["patient_dtos"][0]


def encounter_of(told: dict[str, Any]) -> dict[str, Any]:
    return patient_of(told)["fsi_encounter_dtos"][0]


def corpus() -> Iterator[tuple[str, bytes, int, str]]:
    """Name, body, expected infcode, and what the answer says (an empty text: anything)."""
    whole = encoded(message())
    for place in range(0, len(whole) - 1, len(whole) // 40):
        yield f"torn off after {place} bytes", whole[:place], REFUSED, "JSON"
    for name, text in {
        "nothing": b"", "a number": b"1", "a text": b'"3101"', "a list": b"[]", "null": b"null", "two": whole + whole,
        "no UTF-8": b'{"infno": "\xff\xfe"}', "GBK": whole.decode().replace("某药", "阿莫西林").encode("gbk"),
        "NaN": whole.replace(b'"10.00"', b"NaN", 1), "Infinity": whole.replace(b'"10.00"', b"-Infinity", 1),
        "a lone surrogate": whole.replace("某药".encode(), b"\\ud800", 1), "an unquoted key": whole.replace(b'"infno"', b"infno", 1),
        "a comment": b"/* */" + whole, "a byte order mark": b"\xef\xbb\xbf" + whole, "single quotes": whole.replace(b'"', b"'"),
        "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "zeros": b"\x00" * 4096,
    }.items():  # fmt: skip
        yield name, text, REFUSED, ""
    for depth in (100, 1_000, 10_000, 200_000):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            inner = opening * depth + b"1" + closing * depth
            yield f"{depth} deep of {opening!r} as input", b'{"infno":"3101","fixmedins_code":"H1","input":' + inner + b"}", REFUSED, ""
            yield f"{depth} deep of {opening!r} beside", whole[:-1] + b',"ext":' + inner + b"}", ANSWERED if depth <= 100 else REFUSED, ""
    for name, value in ODD.items():
        wrong = isinstance(value, list | dict)
        for leaf in LEAVES:
            code = REFUSED if wrong else ANSWERED
            yield f"{leaf} is {name}", encoded(message(orders=[order() | {leaf: value}])), code, leaf if wrong else ""
        for leaf in OUTER:
            told = message()
            encounter_of(told)[leaf] = value
            if leaf == "mdtrt_id" and not wrong:
                patient_of(told)["curr_mdtrt_id"] = value
            yield f"{leaf} is {name}", encoded(told), REFUSED if wrong else ANSWERED, leaf if wrong else ""
        for leaf in PATIENT:
            told = message()
            patient_of(told)[leaf] = value
            yield f"{leaf} is {name}", encoded(told), REFUSED if wrong else ANSWERED, leaf if wrong else ""
    for node in ("fsi_order_dtos", "fsi_diagnose_dtos", "fsi_operation_dtos"):
        for name, value in {"a number": 7, "true": True, "a list of texts": ["a"], "a list of lists": [[]]}.items():
            told = message()
            encounter_of(told)[node] = value
            yield f"{node} is {name}", encoded(told), REFUSED, node
    for name, change, says in MISSING:
        told = message()
        change(told)
        yield name, encoded(told), REFUSED, says
    many = message(orders=[order(f"R{n}") for n in range(3_000)])
    yield "three thousand orders", encoded(many), ANSWERED, ""
    crowd = message()
    crowd["input"]["data"]["patient_dtos"] = [copy.deepcopy(patient_of(crowd)) | {"patn_id": f"P{n}"} for n in range(200)]
    yield "two hundred patients", encoded(crowd), ANSWERED, ""
    yield "one order ten times", encoded(message(orders=[order()] * 10)), ANSWERED, ""
    yield "a key ten thousand times", b'{"a":1,' * 1 + b'"infno":"3101",' * 10_000 + whole[1:], ANSWERED, ""
    yield "a million spaces", b" " * 1_000_000 + whole, ANSWERED, ""


MISSING = [
    ("no infno fits the address", lambda m: m.update(infno="3102"), "不一致"),
    ("no provider", lambda m: m.pop("fixmedins_code"), "fixmedins_code"),
    ("an empty provider", lambda m: m.update(fixmedins_code=" "), "fixmedins_code"),
    ("no input", lambda m: m.pop("input"), "patient_dtos"),
    ("an empty input", lambda m: m.update(input={}), "patient_dtos"),
    ("an input of text", lambda m: m.update(input="QUJD"), "解密"),
    ("no patients", lambda m: m["input"]["data"].update(patient_dtos=[]), "patient_dtos"),
    ("patients as text", lambda m: m["input"]["data"].update(patient_dtos=""), "patient_dtos"),
    ("no patient number", lambda m: patient_of(m).pop("patn_id"), "patn_id"),
    ("no encounters", lambda m: patient_of(m).pop("fsi_encounter_dtos"), "fsi_encounter_dtos"),
    ("no encounter is the current one", lambda m: patient_of(m).update(curr_mdtrt_id="V9"), "curr_mdtrt_id"),
    ("no day of admission", lambda m: encounter_of(m).pop("adm_date"), "adm_date"),
    ("an impossible day of admission", lambda m: encounter_of(m).update(adm_date="2026-02-30"), "adm_date"),
]  # fmt: skip


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    gate = Gate(published(tmp_path_factory.mktemp("hostile") / "home", load(shipped_pack())), limit=30)
    yield gate
    gate.close()


def test_each_gets_its_answer_within_the_ceilings(gate: Gate) -> None:
    wrong, count = [], 0
    good = message(number="")
    before = ask(gate, "3101", good)["output"]
    for name, body, code, says in corpus():
        count += 1
        tracemalloc.start()
        start = time.process_time()
        answer = ask(gate, "3101", body)
        took, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if answer["infcode"] != code or says not in answer["err_msg"]:
            wrong.append((name, answer["infcode"], answer["err_msg"]))
        if (code == REFUSED) != bool(answer["err_msg"]) or "Traceback" in answer["err_msg"]:
            wrong.append((name, "says", answer["err_msg"]))
        if peak > MEMORY or took > CPU * 20:  # tracing memory makes everything many times slower
            wrong.append((name, f"{took:.2f} s", f"{peak >> 20} MiB"))
    assert not wrong, wrong[:10]
    assert count >= 200
    assert gate.counters.total()["failed"] == 0
    assert ask(gate, "3101", good)["output"] == before


def test_none_costs_much(gate: Gate) -> None:
    dear = []
    for name, body, _, _ in corpus():
        start = time.process_time()
        ask(gate, "3101", body)
        if (took := time.process_time() - start) > CPU:
            dear.append((name, took))
    assert not dear


def test_an_unknown_transaction_is_named(gate: Gate) -> None:
    for infno in ("9999", "3101'", "../health", "三一零一"):
        answer = ask(gate, infno, message() | {"infno": infno})
        assert answer["infcode"] == REFUSED and infno in answer["err_msg"]


def test_the_published_templates_are_accepted(gate: Gate, shared: Path) -> None:
    for number in ("3101", "3103"):
        told = json.loads((shared / "reference" / "messages" / f"template_{number}_request_from_code.json").read_text())
        assert ask(gate, number, told["message"])["infcode"] == ANSWERED


def test_a_stranger_may_not_speak_for_a_provider(gate: Gate) -> None:
    assert ask(gate, "3101", message() | {"fixmedins_code": PROVIDER}, local=False)["infcode"] == REFUSED
