"""One block of the city: ordinary people and planted histories together, numbered so that nothing tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mingcha.sample.care import visits as ordinary_visits
from mingcha.sample.charges import charges
from mingcha.sample.city import City
from mingcha.sample.dictionaries import diagnoses
from mingcha.sample.draft import DIAGNOSES, INPATIENT, LINES, NONE, PERSONS, VISITS, Columns, Draft, joined, size
from mingcha.sample.noise import corrected
from mingcha.sample.people import people
from mingcha.sample.render import care, events, money, reports, stock
from mingcha.sample.render import people as render_people
from mingcha.sample.render.scene import Scene
from mingcha.sample.size import Size
from mingcha.sample.stories.program import tell
from mingcha.sample.stories.stage import Stage
from mingcha.sample.stories.told import Told

_SERIALS_PER_BLOCK = 100_000
_VISITS_PER_BLOCK = 1_000_000


@dataclass(frozen=True)
class Block:
    """The rendered tables of a block: those of the first files, of the later ones, and the key."""

    tables: dict[str, pa.Table]
    later: dict[str, pa.Table]
    key: list[tuple[str, ...]]
    near_misses: list[tuple[str, ...]]


def make(seed: int, size_: Size, city: City, number: int) -> Block:
    """The block of that number; depends on nothing but seed, size and number."""
    draft, stage = drafted(seed, size_, city, number)
    scene = Scene(draft, city)
    visits, later_visits = scene.files(draft.visits)
    notes, later_notes = scene.files(draft.diagnoses)
    late_line = draft.lines["version"] == 2
    tables = {
        "person": render_people.person(scene),
        "enrolment": render_people.enrolment(scene),
        "visit": care.visit(scene, visits),
        "diagnosis": care.diagnosis(scene, notes),
        "operation": care.operation(scene),
        "order_line": care.order_line(scene),
        "report": reports.report(scene),
        "fee_line": money.fee_line(scene, np.flatnonzero(~late_line)),
        "settlement": money.settlement(scene, later=False),
        "movement": stock.movement(scene),
        "trace": stock.trace(scene, later=False),
        "event": events.event(scene),
    }
    later = {
        "visit": care.visit(scene, later_visits),
        "diagnosis": care.diagnosis(scene, later_notes),
        "fee_line": money.fee_line(scene, np.flatnonzero(late_line)),
        "settlement": money.settlement(scene, later=True),
        "trace": stock.trace(scene, later=True),
    }
    return Block(tables, later, _answers(scene, stage.key), _answers(scene, stage.near))


def drafted(seed: int, size_: Size, city: City, number: int) -> tuple[Draft, Stage]:
    """The block as integers, and the stage that remembers what was planted."""
    random = np.random.default_rng([seed, 2, number])
    persons = people(random, len(size_.share(size_.persons, number)))
    found = ordinary_visits(random, persons, city)
    stage = Stage(city, size(persons), size(found))
    tell(stage, size_, seed, number)
    told = stage.tables()
    lines = charges(random, found, city)
    notes = _ordinary_diagnoses(random, found)
    late, early, of = corrected(random, found)
    kept = told["visits"]["of"] == NONE
    story = {name: told["visits"][name] for name in VISITS}
    visits = joined(
        VISITS, late, {n: v[kept] for n, v in story.items()}, early, {n: v[~kept] for n, v in story.items()}
    )
    referents = size(late) + int(kept.sum())
    numbers = number * _VISITS_PER_BLOCK + 1 + random.permutation(referents)
    visits["number"] = np.concatenate([numbers, numbers[of], numbers[told["visits"]["of"][~kept]]])
    everybody = joined(PERSONS, persons, told["persons"])
    everybody["serial"] = number * _SERIALS_PER_BLOCK + 1 + random.permutation(size(everybody))
    late_lines, early_lines, _ = corrected(random, lines)
    return Draft(
        block=number,
        persons=everybody,
        visits=visits,
        diagnoses=joined(DIAGNOSES, notes, told["diagnoses"]),
        lines=joined(LINES, late_lines, early_lines, told["lines"]),
        traces=told["traces"],
        operations=told["operations"],
        enrolments=told["enrolments"],
        deaths=told["deaths"],
        events=told["events"],
        bills=told["bills"],
        purchases=told["purchases"],
        reports=told["reports"],
        records=told["records"],
    ), stage


def _ordinary_diagnoses(random: np.random.Generator, visits: Columns) -> Columns:
    """The main diagnosis of every visit, and a second one in four of ten stays and one of ten other visits."""
    number = size(visits)
    share = np.where(visits["care"] == INPATIENT, 0.4, 0.1)
    second = np.flatnonzero(random.random(number) < share)
    group = diagnoses().groups["chronic"]
    other = group[random.integers(0, len(group), len(second))]
    differs = other != visits["diagnosis"][second]
    places = np.concatenate([np.arange(number), second[differs]])
    return {
        "visit": places,
        "diagnosis": np.concatenate([visits["diagnosis"], other[differs]]),
        "main": (np.arange(len(places)) < number).astype(np.int64),
        "version": np.zeros(len(places), dtype=np.int64),
    }


def _answers(scene: Scene, told: list[Told]) -> list[tuple[str, ...]]:
    """rule, provider, person, visit, line, fen, reason, borders crossed: as the files name them."""
    visits = scene.draft.visits
    texts, people_ = scene.visit_texts, scene.person_texts
    return [
        (
            row.rule, str(scene.city.code[visits["provider"][row.visit]]),
            "" if row.wide else people_[int(visits["person"][row.visit])].as_py(),
            "" if row.wide else texts[row.visit].as_py(),
            f"{row.line:05d}" if row.line else "", str(row.amount), row.why, row.crosses,
        )
        for row in told
    ]  # fmt: skip
