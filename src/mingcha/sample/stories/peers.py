"""Months of specialist hospitals that charge alike, and one among them whose bill has a part far too large.

Every month of the first list is a group of peers of its own. What one rule plants in a month leaves the medians where
they are, so that the hospitals that other rules single out stay good peers.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from mingcha.sample.city import SPECIALIST, City
from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, OUTPATIENT
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact, day_of
from mingcha.sample.stories.stage import Stage, Visit

MONTHS = tuple(map(day_of, ("2025-11-01", "2026-01-01", "2026-03-01", "2026-06-01")))
QUIET = tuple(map(day_of, ("2025-12-01", "2026-02-01", "2026-04-01", "2026-07-01")))
"""Months in which the specialists have no bills but those of the near-misses."""
TELLINGS = len(MONTHS)
"""How often each of these rules is told, however big the city."""

_USUAL = {"drug": 30, "exam": 26, "ct": 5, "mri": 4, "treatment": 14, "consumable": 11, "operation": 10}
"""Percent of an ordinary month's charges."""
_MONTH_FEN = 5_300_000
_LEAST_FEN = 5_000_000
_SCANS = {"ct": "002103000040000", "mri": "002102000030000"}
_CHARGE_TYPE = {"drug": "09", "exam": "03", "treatment": "05", "consumable": "08", "operation": "06"}
_PARTS = ("drug", "exam", "consumable", "treatment", "ct", "mri")
"""In the order of the rules; each has hospitals of its own in a month."""
_FAR = {"ct": 20, "mri": 20}
_ALMOST = {"ct": 3, "mri": 3}
_STAYS = 15
_PEERS = 6


def share_of_charges(stage: Stage, fact: Fact, turn: int) -> None:
    """One hospital whose part is far from everybody's; one a little above, or with next to no business."""
    if turn >= TELLINGS:
        return
    part, month = fact.window, MONTHS[turn]
    if part == _PARTS[0]:
        for hospital in _specialists(stage.city):
            _usual_month(stage, hospital, month)
    usual = _USUAL[part]
    guilty, other = _pair(stage.city, _PARTS.index(part), turn)
    visit = _charged(stage, guilty, month, part, _extra(usual, _FAR.get(part, 72)))
    stage.plant_month(fact.rule, visit)
    if turn % 2:
        near = _charged(stage, other, QUIET[turn], part, _LEAST_FEN // 2)
        stage.no_month(fact.rule, near, "当月费用总额不足最小规模")
    else:
        near = _charged(stage, other, month, part, _extra(usual, usual + _ALMOST.get(part, 7)))
        stage.no_month(fact.rule, near, "占比高于同类，但与中位数差距不足")


@cache
def _specialists(city: City) -> list[int]:
    return city.of_kind(SPECIALIST).tolist()


def _pair(city: City, rule: int, turn: int) -> tuple[int, int]:
    """The hospital that stands out and the one that nearly does; never the same for two rules in one month."""
    hospitals = _specialists(city)
    half = len(hospitals) // 2
    place = (rule + 2 * turn) % half
    return hospitals[place], hospitals[half + place]


def _extra(usual: int, wanted: int) -> int:
    """Fen that lift a part of `usual` percent of a month to `wanted` percent."""
    return _MONTH_FEN * (wanted - usual) // (100 - wanted)


def _usual_month(stage: Stage, hospital: int, month: int) -> None:
    visit = _visit(stage, hospital, month + stage.random.randrange(20))
    for part, percent in _USUAL.items():
        more = 970 + stage.random.randrange(61)  # hospitals differ by a few percent
        _charge(stage, visit, part, _MONTH_FEN * percent * more // 100_000)


def _charged(stage: Stage, hospital: int, month: int, part: str, fen: int) -> Visit:
    visit = _visit(stage, hospital, month + stage.random.randrange(20))
    _charge(stage, visit, part, fen)
    return visit


def _visit(stage: Stage, hospital: int, day: int) -> Visit:
    return stage.visit(stage.person(), OUTPATIENT, hospital, day, filled=False)


def _charge(stage: Stage, visit: Visit, part: str, fen: int) -> None:
    item = items().index[_SCANS[part]] if part in _SCANS else _costly(_CHARGE_TYPE[part])
    price = int(items().price[item])
    stage.charge(visit, item, max(1, round(fen * 100 / price)) * UNIT)


@cache
def _costly(charge_type: str) -> int:
    """The ordinary item of a charge category whose price is nearest to 300 yuan, so that a month takes few units."""
    book = items()
    able = (book.charge_type == charge_type) & ~np.isin(book.pool, ("", "daily"))
    able &= ~np.isin(book.code, tuple(_SCANS.values()))
    return int(np.argmin(np.where(able, abs(book.price - 3_000_000), 10**12)))


def rate_of_stays(stage: Stage, fact: Fact, turn: int) -> None:
    """A hospital to which half the patients come back, or which infects them; one where that was planned, or rare."""
    if turn >= TELLINGS:
        return
    infected = fact.window == "infections"
    month = (MONTHS if infected else QUIET)[turn]
    guilty, other = _pair(stage.city, 6 + infected, turn)
    peers = [h for h in _specialists(stage.city) if h not in (guilty, other)][: _PEERS - 2]
    for hospital in peers:
        _stays(stage, hospital, month, 0, infected=infected)
    stage.plant_month(fact.rule, _stays(stage, guilty, month, _STAYS // 2, infected=infected))
    if infected:
        near = _stays(stage, other, month, 1, infected=True)
        stage.no_month(fact.rule, near, "只有一例，与中位数差距不足")
    else:
        near = _stays(stage, other, month, _STAYS // 2, infected=False, planned=True)
        stage.no_month(fact.rule, near, "都是计划内的再入院")


def _stays(stage: Stage, hospital: int, month: int, number: int, *, infected: bool, planned: bool = False) -> Visit:
    """Fifteen stays that begin in the month, `number` of them returns of another illness, or with an infection."""
    visit = None
    for place in range(_STAYS):
        day, person = month + place + place // 2, stage.person(age=(40, 79))
        counts = place < number
        if counts and not infected:
            _stay(stage, person, hospital, day - 29, "J18.900")
        more = ("Y95.x00",) if counts and infected else ()
        visit = _stay(stage, person, hospital, day, "I10.x00", more=more, planned=int(counts and planned))
    assert visit is not None
    return visit


def _stay(stage: Stage, person: int, hospital: int, day: int, diagnosis: str, **more) -> Visit:
    visit = stage.visit(person, INPATIENT, hospital, day, end=day + 4, diagnosis=diagnosis, filled=False, **more)
    stage.charge(visit, _costly("09"), UNIT, day=day)
    return visit
