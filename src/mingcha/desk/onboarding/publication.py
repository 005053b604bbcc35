"""What the gates get of this app: keys and strengths of every area, published whenever one of them changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mingcha.desk.onboarding.keys import unseal
from mingcha.home.database import connect
from mingcha.knowledge import bundle
from mingcha.knowledge.bundle import Alias, Bundle, Secrecy, SigningKey, Snooze, Strength
from mingcha.records.areas import tree

if TYPE_CHECKING:
    from mingcha.home.directory import Home

_EVERYWHERE = "*"


class Terms(NamedTuple):
    """Keys by provider, strengths with areas below spelt out, who signs and encrypts the national way, snoozes, and
    what areas say of their own codes, areas below spelt out."""

    keys: dict[str, tuple[SigningKey, ...]]
    strengths: tuple[Strength, ...]
    secrecy: dict[str, Secrecy]
    snoozes: tuple[Snooze, ...] = ()
    aliases: tuple[Alias, ...] = ()


@contextmanager
def in_turn(home: Home) -> Iterator[Terms]:
    """Keys and strengths as they are now; until the block ends nobody else publishes, so none goes out older."""
    with connect(home, "job") as pg:
        pg.execute("SELECT pg_advisory_xact_lock(hashtext('mingcha publish'))")
        yield _terms(home, pg)


def publish_now(home: Home) -> Bundle | None:
    """Publish keys and strengths beside the rules that are published; None before any rules were."""
    if not bundle.stamp(home):
        return None
    with in_turn(home) as terms:
        return bundle.publish_terms(home, now(), *terms)


def now() -> str:
    """The time of a publication."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _terms(home: Home, pg: Any) -> Terms:
    if pg.execute("SELECT to_regclass('public.onboarding_key')").fetchone() == (None,):
        return Terms({}, (), {})  # a home whose desk was never set up
    keys: dict[str, tuple[SigningKey, ...]] = {}
    for provider, name, sealed, environment, until in pg.execute(
        "SELECT onboarding_id, id, sealed, environment, valid_until FROM onboarding_key WHERE revoked_at IS NULL"
        " ORDER BY onboarding_id, issued_at, id"
    ):
        secret = unseal(home, name, sealed)
        key = SigningKey(name, secret, environment, until.isoformat() if until else None)
        keys[provider] = (*keys.get(provider, ()), key)
    secret = pg.execute("SELECT provider, client, public_key, encrypted FROM onboarding"
                        " WHERE public_key <> '' OR encrypted ORDER BY provider").fetchall()  # fmt: skip
    chosen = pg.execute("SELECT rule, area, provider, strength FROM reminder_strength WHERE withdrawn_at IS NULL"
                        " ORDER BY rule, area, provider").fetchall()  # fmt: skip
    own = pg.execute("SELECT field, code, area, national FROM code_alias WHERE ended_at IS NULL"
                     " ORDER BY field, code, area").fetchall()  # fmt: skip
    parents = {code: area.parent for code, area in tree(home).items()} if chosen or own else {}
    secrecy = {provider: Secrecy(*agreed) for provider, *agreed in secret}
    return Terms(keys, spelt_out(chosen, parents), secrecy, _snoozes(pg), aliases_spelt_out(own, parents))


def _snoozes(pg: Any) -> tuple[Snooze, ...]:
    """Those that nobody ended. A gate lets them run out by itself: nothing is published for that."""
    found = pg.execute(
        "SELECT rule, provider, until::text, nullif(department, ''), nullif(practitioner, '') FROM reminder_snooze"
        " WHERE ended_at IS NULL ORDER BY rule, provider, department, practitioner"
    ).fetchall()
    return tuple(Snooze(*one) for one in found)


def spelt_out(chosen: list[tuple[str, str, str | None, str]], parents: dict[str, str | None]) -> tuple[Strength, ...]:
    """Strengths as a gate looks them up: those of an area hold for all below it that have none nearer."""
    of_areas = {(rule, area): strength for rule, area, provider, strength in chosen if provider is None}
    found = [Strength(rule, strength, None, provider) for rule, _, provider, strength in chosen if provider]
    found += [Strength(rule, s) for (rule, area), s in of_areas.items() if area == _EVERYWHERE]
    for rule in sorted({rule for rule, area in of_areas if area != _EVERYWHERE}):
        for area in sorted({*parents, *(a for r, a in of_areas if r == rule and a != _EVERYWHERE)}):
            at: str | None = area
            while at is not None and (rule, at) not in of_areas:
                at = parents.get(at)
            if at is not None:
                found.append(Strength(rule, of_areas[rule, at], area))
    return tuple(found)


def aliases_spelt_out(told: list[tuple[str, str, str, str]], parents: dict[str, str | None]) -> tuple[Alias, ...]:
    """What areas say of their codes (field, code, area, national): it holds for all below that say nothing nearer."""
    of = {(field, code, area): national for field, code, area, national in told}
    found = []
    for field, code in sorted({(field, code) for field, code, _ in of}):
        for area in sorted({*parents, *(a for f, c, a in of if (f, c) == (field, code) and a != _EVERYWHERE)}):
            at: str | None = area
            while at is not None and (field, code, at) not in of:
                at = parents.get(at)
            national = of.get((field, code, at or _EVERYWHERE))
            if national is not None:
                found.append(Alias(field, area, code, national))
    return tuple(found)


def waiting(home: Home) -> bool:
    """Whether keys or strengths were changed since the last publication. PlatformError when none can be read."""
    before = bundle.current(home)
    with in_turn(home) as terms:
        return (before.keys, before.strengths, before.secrecy, before.snoozes, before.aliases) != terms
