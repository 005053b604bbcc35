"""Whom a finding is tied to, as a drawing: person, practitioner, department, providers, rule, and their other findings.

What is drawn comes from rows the reader may see: row security narrows findings and lines, and a provider outside the
areas is counted and not named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from mingcha.desk.audit.queries import _COLUMNS, _FROM, Row, rows
from mingcha.desk.shell.masking import masked_name

MOST = 60
"""Nodes drawn; what is beyond is counted."""
COUNTED = 1000
"""Up to here the other findings are counted exactly."""
WIDTH, ROW, BAND, EDGE = 1000, 18, 48, 8
"""Of the drawing, in its own units: how wide, a finding's row, the least a hub takes, the margin."""
HERE_X, HUB_X, DOT_X = 82, 350, 600
_HALF = 66, 105
"""Half the width of the finding's own box, and of a hub's."""
_PROVIDERS_MOST = 8

_SAME = {
    "person": "f.person = %(person)s",
    "practitioner": "f.practitioner = %(practitioner)s",
    "rule": "f.rule = %(rule)s AND f.provider = %(provider)s",
}
_SAID = {"person": "同一参保人", "practitioner": "同一医师", "rule": "同一规则、同一机构"}
_OTHERS = "其他机构"


@dataclass
class Hub:
    """What ties findings together: where it lies, the page it stands for, and the findings drawn around it."""

    kind: str
    words: str
    what: str
    href: str
    more: int = 0
    at_least: bool = False
    findings: list[Row] = field(default_factory=list[Row])
    x: float = 0
    y: float = 0


@dataclass(frozen=True)
class Edge:
    """A line between two nodes; a thin one is a tie beside the one by which the finding was placed."""

    x1: float
    y1: float
    x2: float
    y2: float
    thin: bool


def assemble(found: Row) -> dict[str, Any]:
    """The fragment's contents: hubs and findings with their places, the edges, and how many are not drawn."""
    others = {name: _others(found, name) for name in _SAME if name == "rule" or found[name]}
    hubs = _hubs(found, {name: n for name, (_, n) in others.items()})
    unnamed = _witnesses(found, hubs)
    drawn = _chosen({name: kept for name, (kept, _) in others.items()}, MOST - 1 - len(hubs) - _PROVIDERS_MOST)
    for row in drawn:
        _provider(found, hubs, row)
        home = row["provider"] if row["provider"] in hubs and row["provider"] != found["provider"] else row["ties"][0]
        hubs[home].findings.append(row)
        row["home"] = home
    for name, (_, n) in others.items():
        hubs[name].more, hubs[name].at_least = n - sum(name in row["ties"] for row in drawn), n >= COUNTED
    edges, height = _placed(hubs, drawn)
    return {
        "finding": found, "hubs": list(hubs.values()), "drawn": drawn, "edges": edges, "unnamed": unnamed,
        "nodes": 1 + len(hubs) + len(drawn), "width": WIDTH, "height": height, "x": HERE_X, "y": height / 2,
    }  # fmt: skip


def _others(found: Row, name: str) -> tuple[list[Row], int]:
    """Other findings with the same `name`, the largest amounts first, and how many there are (at most COUNTED)."""
    condition = f"{_SAME[name]} AND f.id <> %(id)s AND f.step <> 'withdrawn'"
    values = {one: found[one] for one in ("id", "person", "practitioner", "rule", "provider")}
    kept = rows(f"SELECT {_COLUMNS} {_FROM} WHERE {condition} ORDER BY f.counted_fen DESC, f.id LIMIT {MOST}", values)
    (counted,) = rows(
        f"SELECT count(*) AS n FROM (SELECT 1 FROM finding f WHERE {condition} LIMIT {COUNTED}) one", values
    )
    return kept, counted["n"]


def _hubs(found: Row, counts: dict[str, int]) -> dict[str, Hub]:
    """The person, practitioner, department, provider and rule of the finding, as far as it has them."""
    hubs = dict[str, Hub]()
    if "person" in counts:
        name = masked_name((found["who"] or {}).get("person_name")) or "参保人"
        hubs["person"] = Hub("person", name, "参保人", _listed(person=found["person"]))
    if "practitioner" in counts:
        name = found["practitioner_name"] or found["practitioner"]
        hubs["practitioner"] = Hub("practitioner", name, "医师", _listed(practitioner=found["practitioner"]))
    at = reverse("provider", args=[found["provider"]])
    if found["department"]:
        hubs["department"] = Hub("department", found["department"], "科室", at)
    hubs[found["provider"]] = Hub("provider", found["provider_name"], "定点机构", at)
    hubs["rule"] = Hub("rule", found["rule_name"], "规则", reverse("rule", args=[found["rule"]]))
    return hubs


def _listed(**chosen: Any) -> str:
    return f"{reverse('findings')}?{urlencode({'tab': 'all', **chosen})}"


def _witnesses(found: Row, hubs: dict[str, Hub]) -> int:
    """Adds the providers at which lines and witnesses of the finding lie; returns how many may not be named."""
    wanted = rows(
        "SELECT DISTINCT split_part(w.key, '|', 1) AS code FROM observation o,"
        " LATERAL jsonb_array_elements_text(o.witnesses) AS w(key) WHERE o.id = %(newest)s"
        " UNION SELECT provider FROM finding_line WHERE finding_id = %(id)s",
        {"newest": found["latest_observation"], "id": found["id"]},
    )
    codes = sorted({row["code"] for row in wanted} - {found["provider"]})
    known = rows(
        "SELECT p.provider, p.name AS provider_name FROM provider_directory p WHERE p.provider = ANY(%s)"
        " AND (facts.in_scope(NULL, p.area) OR EXISTS (SELECT 1 FROM finding f WHERE f.provider = p.provider))"
        " ORDER BY p.provider",
        [codes],
    ) if codes else []  # fmt: skip
    for row in known:
        _provider(found, hubs, row, "证据所在机构")
    return len(codes) - len(known)


def _provider(found: Row, hubs: dict[str, Hub], row: Row, what: str = _OTHERS) -> None:
    """Adds the provider of a row, as long as not too many are drawn."""
    if row["provider"] not in hubs and sum(hub.kind == "elsewhere" for hub in hubs.values()) < _PROVIDERS_MOST:
        at = reverse("provider", args=[row["provider"]])
        hubs[row["provider"]] = Hub("elsewhere", row["provider_name"], what, at)


def _chosen(others: dict[str, list[Row]], most: int) -> list[Row]:
    """The findings to draw, taken in turn so that no tie crowds out another; each once, with all its ties."""
    chosen = dict[str, Row]()
    for place in range(MOST):
        for kept in others.values():
            if place < len(kept) and len(chosen) < most:
                chosen.setdefault(kept[place]["id"], kept[place])
    for row in chosen.values():
        row["ties"] = [name for name, kept in others.items() if any(one["id"] == row["id"] for one in kept)]
        row["said"] = "；".join(_SAID[name] for name in row["ties"])
    return list(chosen.values())


def _placed(hubs: dict[str, Hub], drawn: list[Row]) -> tuple[list[Edge], int]:
    """Gives every node its place: hubs one below the other, each beside its findings; the edges, and the height."""
    y = EDGE
    for hub in hubs.values():
        band = max(BAND, ROW * len(hub.findings) + ROW)
        hub.x, hub.y = HUB_X, y + band / 2
        for n, row in enumerate(hub.findings):
            row["x"], row["y"] = DOT_X, y + band / 2 + (n - (len(hub.findings) - 1) / 2) * ROW
            row["text_x"], row["text_y"] = DOT_X + 12, row["y"] + 4
        y += band
    height = y + EDGE
    edges = [Edge(HERE_X + _HALF[0], height / 2, hub.x - _HALF[1], hub.y, hub.what == _OTHERS) for hub in hubs.values()]
    for row in drawn:
        for name in dict.fromkeys([row["home"], *row["ties"]]):
            edges.append(Edge(HUB_X + _HALF[1], hubs[name].y, row["x"], row["y"], name != row["home"]))
    return edges, height
