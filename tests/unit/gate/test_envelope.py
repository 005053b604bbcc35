"""Messages as hospitals write them: single nodes, camelCase, upper case, numbers as texts, dates in four ways."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mingcha.gate import envelope
from mingcha.gate.envelope import Refused
from mingcha.gate.request import Analysis, moment, persons, read_request, scaled
from tests.gate import PROVIDER, message, order


def rows(told: dict[str, Any]) -> dict[str, Any]:
    """The request of a message."""
    read = envelope.read(json.dumps(told).encode())
    (person,) = persons(envelope.payload(read, Analysis))
    return read_request(person, 1, PROVIDER, "330501", "330501").request


def camel(node: Any) -> Any:
    if isinstance(node, dict):
        return {_camel(key): camel(value) for key, value in node.items()}
    return [camel(value) for value in node] if isinstance(node, list) else node


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(part.title() for part in rest)


def upper(node: Any) -> Any:
    if isinstance(node, dict):
        return {key.upper(): upper(value) for key, value in node.items()}
    return [upper(value) for value in node] if isinstance(node, list) else node


def plain(request: dict[str, Any]) -> Any:
    """Rows as values, to compare."""
    lines = [{n: getattr(line, n) for n in ("line", "item", "day", "second", "quantity", "unit_price", "amount", "in_scope")}
             for line in request["line"]]  # fmt: skip
    return {**request, "line": lines}


def test_one_order_is_a_line_in_fen_and_ten_thousandths() -> None:
    (line,) = rows(message(orders=[order("R1", "XA01", cnt="2", pric=3.55, sumamt="7.1", ownpay_amt=1,
                                         drord_stop_date="2026-03-16", drord_bhvr="1")]))["line"]  # fmt: skip
    assert (line.quantity, line.unit_price, line.amount, line.in_scope) == (20_000, 35_500, 710, 610)
    assert (line.days_supply, line.second, line.takehome, line.prescription) == (7, 9 * 3600 + 20 * 60, True, "CF1")
    assert line.key == f"{PROVIDER}|V1|R1"


@pytest.mark.parametrize("written", [camel, upper])
def test_keys_may_be_written_otherwise(written: Any) -> None:
    told = message()
    assert plain(rows(written(told))) == plain(rows(told))


def test_nodes_may_be_single() -> None:
    told = message()
    single = json.loads(json.dumps(told))
    data = single["input"]["data"]
    data["patient_dtos"] = data["patient_dtos"][0]
    data["patient_dtos"]["fsi_encounter_dtos"] = data["patient_dtos"]["fsi_encounter_dtos"][0]
    encounter = data["patient_dtos"]["fsi_encounter_dtos"]
    encounter["fsi_order_dtos"] = encounter["fsi_order_dtos"][0]
    encounter["fsi_diagnose_dtos"] = ""
    assert plain(rows(single)) == plain(rows(told))


def test_a_diagnosis_named_twice_is_one() -> None:
    twice = [{"dise_codg": "I10.x00", "inout_dise_type": "1"}, {"dise_codg": "I10.x00", "inout_dise_type": "2"}]
    assert [d["code"] for d in rows(message(fsi_diagnose_dtos=twice))["diagnosis"]] == ["I10.x00"]


def test_a_visit_elsewhere_is_history_of_there_and_ones_own_is_ones_own() -> None:
    told = message()
    (patient,) = told["input"]["data"]["patient_dtos"]
    other = json.loads(json.dumps(patient["fsi_encounter_dtos"][0])) | {"mdtrt_id": "V0", "medins_id": "H9"}
    patient["fsi_encounter_dtos"] = [other, patient["fsi_encounter_dtos"][0] | {"medins_id": "internal-7"}]
    read = envelope.read(json.dumps(told).encode())
    one = read_request(persons(envelope.payload(read, Analysis))[0], 1, PROVIDER, "330501", "330501")
    assert one.provider == PROVIDER and one.visits == {("H9", "V0"), (PROVIDER, "V1")}
    assert [line.provider for line in one.before["line"]] == ["H9"]


@pytest.mark.parametrize(("written", "seconds"), [
    ("2026-03-10 09:30:15", 34_215), ("20260310093015", 34_215), ("2026-03-10", None), ("20260310", None),
    ("2026-03-10T09:30:15+08:00", 34_215), ("2026-03-10 25:00:00", None),
])  # fmt: skip
def test_dates_in_four_ways(written: str, seconds: int | None) -> None:
    assert moment(written) == (739_685, seconds)


@pytest.mark.parametrize("written", ["", None, "2026-13-01", "null", "x" * 500, "٢٠٢٦"])
def test_what_is_no_date_is_missing(written: Any) -> None:
    assert moment(written) == (None, None)


@pytest.mark.parametrize(("written", "fen"), [
    ("12.34", 1234), (12.34, 1234), (" 7 ", 700), ("1e2", 10_000), ("0.005", 1), (0.015, 2), ("-3.5", -350),
    ("", None), ("1,000", None), ("NaN", None), ("inf", None), (True, None), ("9" * 400, None), ("1e999", None),
])  # fmt: skip
def test_amounts_are_read_half_up_or_not_at_all(written: Any, fen: int | None) -> None:
    assert scaled(written, 100) == fen


@pytest.mark.parametrize(("told", "says"), [
    (b"", "JSON"), (b"[]", "JSON"), (b"{", "JSON"), (b'{"input": {"data": NaN}}', "JSON"), (b"\xff\xfe", "JSON"),
    (b'{"input":' + b"[" * 5000 + b"]" * 5000 + b"}", "嵌套"),
])  # fmt: skip
def test_what_is_no_message_is_said_to_be_none(told: bytes, says: str) -> None:
    with pytest.raises(Refused) as refused:
        envelope.payload(envelope.read(told), Analysis)
    assert says in str(refused.value)
