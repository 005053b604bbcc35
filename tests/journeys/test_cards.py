"""Cards in the manner of CDS Hooks: the same reminders under the same rules, described, shown in a browser, reacted to."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from mingcha.gate.app import made
from mingcha.gate.journal import entries
from mingcha.gate.rates import Rates
from mingcha.gate.server import start, stop
from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import Strength
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack
from tests.gate import PROVIDER, message, order, published
from tests.journeys.conftest import Browser

pytestmark = pytest.mark.slow
AT = "/cds-services/mingcha-order-sign"


@pytest.fixture(scope="module")
def national() -> Pack:
    return load(shipped_pack())


@pytest.fixture(scope="module")
def men_only(national: Pack) -> str:
    rule = next(rule for rule in national.rules if rule.id == "service-by-sex")
    return next(row.item for row in rule.knowledge if row.values.get("sex") == "1" and row.valid_to is None)


@dataclass(frozen=True)
class Answer:
    """Status, text, and the JSON in it."""

    status_code: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """A hospital's system on the gate's own machine."""

    def __init__(self, home: Home) -> None:
        self.home, self.at = home, start(home, detach=True, workers=1).address.rstrip("/")

    def get(self, path: str) -> Answer:
        return self._ask(urllib.request.Request(self.at + path))

    def post(self, path: str, json: Any = None, content: bytes | None = None) -> Answer:
        body = encoded(json) if content is None else content
        return self._ask(urllib.request.Request(self.at + path, body, {"content-type": "application/json"}))

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode())


def encoded(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def client(national: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = published(tmp_path_factory.mktemp("cards") / "home", national, None, Strength("service-by-sex", "block"))
    yield Client(home)
    stop(home)


def hook(*orders: dict[str, Any], **other: Any) -> dict[str, Any]:
    national = message(orders=list(orders))
    persons = national["input"]["data"]["patient_dtos"]
    context = {name: national[name] for name in ("fixmedins_code", "mdtrtarea_admvs", "insuplc_admdvs")} | {"patient_dtos": persons}
    return {"hook": "order-sign", "hookInstance": str(uuid.uuid4()), "context": context} | other


def test_a_card_says_what_the_national_answer_says(client: Client, men_only: str) -> None:
    (service, _) = client.get("/cds-services").json()["services"]
    assert (service["hook"], service["id"]) == ("order-sign", "mingcha-order-sign")
    asked = hook(order("R1"), order("R2", men_only, sumamt="88.50"))
    told = client.post(AT, json=asked)
    (card,) = [one for one in told.json()["cards"] if one["source"]["topic"]["code"] == "service-by-sex"]
    assert card["indicator"] == "critical" and card["extension"]["orders"] == ["R2"] and card["extension"]["amount"] == 88.5
    assert len(card["summary"]) < 140 and "88.50" in card["detail"] and card["source"]["label"].startswith("《")
    assert len(card["overrideReasons"]) > 3 and told.json()["extension"]["checks"] > 50
    assert client.post(AT, json=asked).json() == told.json(), "the same hook instance is the same message"
    assert client.post(AT, json=hook(order("R1"))).json()["cards"] == []


def test_what_became_of_a_card_is_a_reaction(client: Client, men_only: str) -> None:
    cards = client.post(AT, json=hook(order("R2", men_only))).json()["cards"]
    feedback = [{"card": card["uuid"], "outcome": "overridden", "overrideReason": {"reason": {"code": "necessary"}, "userComment": "复诊"}}
                for card in cards[:1]]  # fmt: skip
    assert client.post(f"{AT}/feedback", json={"fixmedins_code": PROVIDER, "feedback": feedback}).status_code == 200
    home = client.home
    (reaction,) = [r for _, e in entries(home.spool / "gate") if e["kind"] == "feedback" for r in e["reactions"]]
    assert reaction["reminder"] == uuid.UUID(cards[0]["uuid"]).hex and reaction["reason"].endswith("；复诊")


@pytest.mark.parametrize(("at", "change", "says"), [
    (AT, {"hook": "patient-view"}, "order-sign"), (AT, {"hookInstance": None}, "hookInstance"), (AT, {"context": 1}, "内容"),
    (AT, {"context": {"fixmedins_code": PROVIDER}}, "patient_dtos"), (AT, {"context": {"patient_dtos": []}}, "fixmedins_code"),
    (AT, {"context": {"fixmedins_code": PROVIDER, "patient_dtos": [{"patn_id": "P"}]}}, "fsi_encounter_dtos"),
    ("/cds-services/other", {}, "GET /cds-services"), (f"{AT}/feedback", {}, "内容"),
    (f"{AT}/feedback", {"fixmedins_code": PROVIDER, "feedback": [{"card": "x", "outcome": "accepted"}]}, "uuid"),
    (f"{AT}/feedback", {"fixmedins_code": PROVIDER, "feedback": [{"card": str(uuid.uuid4()), "outcome": "ignored"}]}, "outcome"),
    (f"{AT}/feedback", {"fixmedins_code": PROVIDER, "feedback": [{"card": str(uuid.uuid4()), "outcome": "overridden"}]}, "原因"),
])  # fmt: skip
def test_what_is_wrong_is_said(client: Client, at: str, change: dict[str, Any], says: str) -> None:
    told = client.post(at, json=hook(order()) | change)
    assert told.status_code == 400 and says in told.json()["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff", b"[" * 100_000, b'{"hook": NaN}'])
def test_what_is_no_hook_is_refused(client: Client, body: bytes) -> None:
    assert client.post(AT, content=body).status_code == 400
    assert client.post(f"{AT}/feedback", content=body).status_code == 400


def test_the_description_names_every_address_and_shape(client: Client) -> None:
    told = client.get("/openapi.json").json()
    gate = Gate(client.home)
    served = {route.path for route in made(gate).routes if isinstance(route, Route)} - {"/openapi.json", "/cards.js"}
    gate.close()
    assert served <= set(told["paths"]) and told["openapi"] == "3.1.0"
    references = json.dumps(told).split('"#/components/schemas/')[1:]
    assert {one.partition('"')[0] for one in references} <= set(told["components"]["schemas"])
    assert "fsi_order_dtos" in told["components"]["schemas"]["VisitNode"]["properties"]


def test_the_component_shows_cards_and_tells_what_was_chosen(client: Client, men_only: str, browser: Browser) -> None:
    page = browser.context.new_page()
    cards = client.post(AT, json=hook(order("R2", men_only))).json()["cards"]
    mild = copy.deepcopy(cards[0]) | {"indicator": "warning", "uuid": str(uuid.uuid4()), "summary": "<b>标题</b>"}
    page.route("http://his.test/", lambda route: route.fulfill(content_type="text/html", body="<mingcha-cards></mingcha-cards>"))
    page.goto("http://his.test/")
    page.add_script_tag(content=client.get("/cards.js").text, type="module")
    page.evaluate("""cards => { window.told = []; const e = document.querySelector("mingcha-cards");
        e.addEventListener("outcome", (one) => window.told.push(one.detail)); e.cards = cards; }""", [cards[0], mild])  # fmt: skip
    articles = page.locator("mingcha-cards article")
    assert articles.count() == 2 and "<b>标题</b>" in articles.nth(1).inner_text(), "words are words, not markup"
    assert articles.nth(0).get_by_text("坚持", exact=True).count() == 0, "what is blocked can't be insisted on"
    articles.nth(1).get_by_text("坚持", exact=True).click()
    assert page.evaluate("window.told") == [], "a reason is asked for"
    articles.nth(1).locator("select").select_option("informed")
    articles.nth(1).get_by_text("坚持", exact=True).click()
    articles.nth(0).get_by_text("返回修改").click()
    told = page.evaluate("window.told")
    assert [(one["card"], one["outcome"]) for one in told] == [(mild["uuid"], "overridden"), (cards[0]["uuid"], "accepted")]
    assert client.post(f"{AT}/feedback", json={"fixmedins_code": PROVIDER, "feedback": told}).status_code == 200
    page.evaluate("document.querySelector('mingcha-cards').cards = []")
    assert page.get_by_text("没有医保提醒").is_visible()


def test_a_suggestion_is_taken_up_in_the_hospitals_page(client: Client, national: Pack, browser: Browser) -> None:
    rule = next(rule for rule in national.rules if rule.id == "service-included-in-main")
    row = next(row for row in rule.knowledge if row.valid_to is None)
    asked = hook(order("R1", row.item), order("R2", row.values["partner"]))
    card = next(one for one in client.post(AT, json=asked).json()["cards"] if one.get("suggestions"))
    page = browser.context.new_page()
    page.route("http://his.test/", lambda route: route.fulfill(content_type="text/html", body="<mingcha-cards></mingcha-cards>"))
    page.goto("http://his.test/")
    page.add_script_tag(content=client.get("/cards.js").text, type="module")
    page.evaluate("""card => { window.told = []; const e = document.querySelector("mingcha-cards");
        e.addEventListener("outcome", (one) => window.told.push(one.detail)); e.cards = [card]; }""", card)  # fmt: skip
    shown = page.locator("mingcha-cards article")
    assert f"建议：{card['suggestions'][0]['label']}" in shown.inner_text()
    shown.get_by_role("button", name="按建议修改").click()
    assert "已按建议修改" in shown.inner_text() and shown.get_by_role("button").count() == 0, "it is told once"
    (told,) = page.evaluate("window.told")
    assert told["acceptedSuggestions"] == [{"id": card["suggestions"][0]["uuid"]}]
    assert client.post(f"{AT}/feedback", json={"fixmedins_code": PROVIDER, "feedback": [told]}).status_code == 200
    reacted = [entry for _, entry in entries(client.home.spool / "gate") if entry["kind"] == "feedback"][-1]
    assert "按建议修改" in json.dumps(reacted, ensure_ascii=False)


def test_the_sample_client_asks_and_reacts(national: Pack, men_only: str, tmp_path: Path) -> None:
    home = published(tmp_path / "home", national)
    running = start(home, detach=True, workers=1)
    try:
        (tmp_path / "order.json").write_text(json.dumps(hook(order("R2", men_only))["context"]), "utf-8")
        client = Path(__file__).parents[2] / "docs" / "how-to" / "hospital_client.py"
        asked = os.environ | {"MINGCHA_GATE": running.address, "MINGCHA_PROVIDER": PROVIDER}
        done = subprocess.run([sys.executable, str(client), str(tmp_path / "order.json")], env=asked, capture_output=True, text=True)
        assert done.returncode == 1 and "[warning]" in done.stdout, done.stderr
    finally:
        stop(home)
    assert [e["kind"] for _, e in entries(home.spool / "gate")].count("feedback") == 1
    gone = subprocess.run([sys.executable, str(client), str(tmp_path / "order.json")], env=asked, capture_output=True, text=True)
    assert gone.returncode == 0 and "照常签发" in gone.stdout


def test_a_provider_that_runs_wild_is_let_pass_and_others_are_not(client: Client) -> None:
    rates = Rates(10)
    assert [rates.allow("H1") for _ in range(25)].count(True) == 20 and rates.allow("H2")
    gate = Gate(client.home, limit=30, rate=1)
    from tests.gate import ask

    told = [ask(gate, "3101", message(number=f"L{n}")) for n in range(4)]
    assert [one["output"]["exp_content"].get("why") for one in told] == [None, None, "limit", "limit"]
    assert ask(gate, "3103", message("3103", "L9"))["infcode"] == -1 and gate.counters.total()["limited"] == 3
    gate.close()
