"""数据抽查 Sampling: how many to look at, which, and what the answers say of all. Nothing here knows a database.

A sample is reproducible: the order comes from a digest of seed and key, so the same seed over the same population gives
the same sample anywhere. Sizes with the finite population correction; amounts by the stratified expansion estimator, or
by Hansen and Hurwitz where chances follow size (W. G. Cochran, Sampling Techniques, 3rd ed., §4.6, §5.3, §9A.3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, sqrt
from statistics import NormalDist

from mingcha.terms.errors import UsageError

METHODS = {
    "simple": ("简单随机", "simple random"),
    "stratified": ("分层随机", "stratified random"),
    "risk": ("按风险（金额越大越易抽中）", "by risk: chances follow the size"),
}
CONFIDENCES = (90, 95, 99)
"""Per cent."""


@dataclass(frozen=True)
class Unit:
    """One of the population: its key, its stratum, and its size (fen, plus what risk adds)."""

    key: str
    stratum: str
    size: int


@dataclass(frozen=True)
class Drawn:
    """A unit of the sample: its place in the draw, and the share of the population's size it stood for (by risk)."""

    key: str
    stratum: str
    chance: float


@dataclass(frozen=True)
class Estimate:
    """What the sample says of the population: a value between low and high with the stated confidence."""

    value: float
    low: float
    high: float


def size(population: int, confidence: int, margin: float, expected: float) -> int:
    """How many to draw so that a share near `expected` is known within ± `margin` (both 0–1); never above all.

    UsageError for a margin or an expectation that is none.
    """
    if confidence not in CONFIDENCES or not 0 < margin < 1 or not 0 < expected < 1:
        raise UsageError(
            "置信度取 90、95 或 99，误差和预期问题率都要在 0 到 100% 之间。",
            "Confidence is 90, 95 or 99; margin and expected share lie between 0 and 100 %.",
        )
    z = NormalDist().inv_cdf((1 + confidence / 100) / 2)
    wanted = z * z * expected * (1 - expected) / margin**2
    return min(population, ceil(wanted / (1 + (wanted - 1) / population))) if population else 0


def allocate(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """How many of each stratum, in proportion, at least two of each so that its spread can be told (all, if fewer)."""
    least = {name: min(2, count) for name, count in sizes.items()}
    total = min(max(total, sum(least.values())), sum(sizes.values()))
    share = {name: total * count / sum(sizes.values()) for name, count in sizes.items()}
    given = {name: min(sizes[name], max(least[name], int(share[name]))) for name in sizes}
    while (left := total - sum(given.values())) != 0:
        step = 1 if left > 0 else -1
        open_to = [n for n in sizes if (given[n] < sizes[n] if step > 0 else given[n] > least[n])]
        name = max(open_to, key=lambda n: (step * (share[n] - given[n]), n))
        given[name] += step
    return given


def draw(units: Iterable[Unit], method: str, count: int, seed: str) -> list[Drawn]:
    """The sample, in the order drawn. By risk, `count` draws with chances like sizes may meet a large unit repeatedly.

    UsageError for an empty population.
    """
    known = sorted(units, key=lambda unit: (_digest(seed, unit.key), unit.key))
    if not known:
        raise UsageError("符合条件的就诊一条也没有，请放宽条件。", "Nothing fits; widen the conditions.")
    if method == "risk":
        return _by_size(known, count, seed)
    strata = defaultdict[str, list[Unit]](list)
    for unit in known:
        strata[unit.stratum if method == "stratified" else ""].append(unit)
    wanted = allocate({name: len(group) for name, group in strata.items()}, count)
    return [
        Drawn(unit.key, name, 1 / len(group))
        for name, group in sorted(strata.items()) for unit in group[: wanted[name]]
    ]


def _by_size(known: Sequence[Unit], count: int, seed: str) -> list[Drawn]:
    """Independent draws, each hitting a unit with its share of the total size; sizes of nothing count as one."""
    ends, total = list[int](), 0
    for unit in known:
        total += max(1, unit.size)
        ends.append(total)
    drawn = list[Drawn]()
    for n in range(count):
        point = int(_digest(seed, f"draw {n}"), 16) % total
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if ends[middle] <= point else (low, middle)
        drawn.append(Drawn(known[low].key, "", max(1, known[low].size) / total))
    return drawn


def _digest(seed: str, text: str) -> str:
    return sha256(f"{seed}\x00{text}".encode()).hexdigest()


def total(
    values: Mapping[str, Sequence[float]], sizes: Mapping[str, int], confidence: int, most: float | None = None
) -> Estimate:
    """The population's sum from answers by stratum (`values`) and strata's sizes. Never below what was found itself.

    ValueError for a stratum without answers.
    """
    if any(sizes[name] and not values.get(name) for name in sizes):
        raise ValueError("a stratum has no answers")
    value, spread, seen = 0.0, 0.0, sum(len(group) for group in values.values())
    for name, group in values.items():
        mean = sum(group) / len(group)
        value += sizes[name] * mean
        if len(group) > 1:
            of_one = sum((one - mean) ** 2 for one in group) / (len(group) - 1)
            spread += sizes[name] ** 2 * (1 - len(group) / sizes[name]) * of_one / len(group)
    found = sum(sum(group) for group in values.values())
    return _around(value, spread, seen - len(values), confidence, found, most)


def total_by_size(answers: Sequence[tuple[float, float]], confidence: int, most: float | None = None) -> Estimate:
    """The same from draws by risk: (answer, chance of one draw) each, a unit drawn twice standing twice."""
    blown = [value / chance for value, chance in answers]
    mean = sum(blown) / len(blown)
    spread = sum((one - mean) ** 2 for one in blown) / (len(blown) - 1) / len(blown) if len(blown) > 1 else 0.0
    return _around(mean, spread, len(blown) - 1, confidence, 0.0, most)


def share(part: Estimate, population: int, answers: int, confidence: int) -> Estimate:
    """A count's estimate (units with a fault) as a share, its bounds by Wilson's formula, which hold near 0 and 1."""
    p = min(1.0, max(0.0, part.value / population))
    half = (part.high - part.low) / 2 / population
    z = _t(answers - 1, confidence)
    seen = p * (1 - p) * (z / half) ** 2 if half and 0 < p < 1 else float(answers)
    if answers >= population:
        return Estimate(p, p, p)
    centre, width = (p + z * z / 2 / seen) / (1 + z * z / seen), sqrt(p * (1 - p) / seen + z * z / 4 / seen**2)
    width *= z / (1 + z * z / seen)
    return Estimate(p, max(0.0, centre - width), min(1.0, centre + width))


def _around(value: float, spread: float, freedom: int, confidence: int, least: float, most: float | None) -> Estimate:
    half = _t(freedom, confidence) * sqrt(spread)
    low, high = max(least, value - half), value + half
    return Estimate(value, low, high if most is None else max(value, min(high, most)))


def _t(freedom: int, confidence: int) -> float:
    """Student's quantile by the Cornish–Fisher expansion: within 1 % from five degrees of freedom on (A&S 26.7.5)."""
    z = NormalDist().inv_cdf((1 + confidence / 100) / 2)
    v = max(freedom, 3)
    return (
        z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )  # fmt: skip
