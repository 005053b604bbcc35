"""Where a row stands among its peers, in SQL: what the statement of a kind writes for `Peers`."""

from __future__ import annotations

from mingcha.engines.expression import quote
from mingcha.rules.algebra import Peers, Share
from mingcha.rules.kind import Check


def place_and_number(peers: Peers, value: str, partition: str) -> list[str]:
    """The row's place by the value among its peers, and how many have one; equal values may change places."""
    order = f"CASE WHEN {value} IS NULL THEN 1 ELSE 0 END, {value}"
    return [
        f"ROW_NUMBER() OVER ({partition} ORDER BY {order}) AS {quote('place.' + peers.name)}",
        f"COUNT({value}) OVER ({partition}) AS {quote('of.' + peers.name)}",
    ]


def percentile(peers: Peers, value: str, partition: str) -> str:
    """The value at the place that is nearest to the percentage, or the number of values."""
    of = quote("of." + peers.name)
    if peers.percent is None:
        return of
    here = f"{quote('place.' + peers.name)} = ({of} * {peers.percent} + 99) // 100"
    return f"MAX(CASE WHEN {here} THEN {value} END) OVER ({partition})"


def shares(check: Check) -> dict[str, Share]:
    """Shares that peers are compared by or judged with: computed once, else written dozens of times."""
    peers = [a.value for a in check.aggregates().values() if isinstance(a, Peers)]
    found = (n for top in (*peers, check.when) for n in top.walk() if peers and isinstance(n, Share))
    return {f"share.{place}": node for place, node in enumerate({id(n): n for n in found}.values())}
