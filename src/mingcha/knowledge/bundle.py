"""The bundle: everything a gate knows, published as one signed file that is never changed (DECISIONS 24).

A gate needs nothing else: neither the database nor the lake. Its signature is an HMAC-SM3 under a key of the home, so
a bundle that was written elsewhere, or touched since, is not believed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from mingcha.home.directory import Home
from mingcha.knowledge.archive import fetch, keep_library
from mingcha.knowledge.library import Group, Library
from mingcha.knowledge.pack import Pack
from mingcha.records.seal import Blinder
from mingcha.terms.errors import PlatformError

ADVISE, JUSTIFY, BLOCK = "advise", "justify", "block"
"""How strong a reminder is: 提示, 须填理由, 拦截."""

_NAME = "current.json"


@dataclass(frozen=True)
class Strength:
    """How strong a rule's reminders are in an area or with a provider; None is any."""

    rule: str
    strength: str
    area: str | None = None
    provider: str | None = None


@dataclass(frozen=True)
class Snooze:
    """A rule's mere advice that a provider isn't shown until a day, that day included; None is any."""

    rule: str
    provider: str
    until: str
    department: str | None = None
    practitioner: str | None = None


@dataclass(frozen=True)
class Alias:
    """What an area's own code of a field stands for; `national` is empty where it is known and nothing national."""

    field: str
    area: str
    code: str
    national: str = ""


@dataclass(frozen=True)
class SigningKey:
    """A provider's key: its name, the secret, whether for test or production, and its last day; None is no end."""

    id: str
    secret: str
    environment: str = "production"
    until: str | None = None


@dataclass(frozen=True)
class Secrecy:
    """How a provider signs and encrypts its messages (reference: interface §1.4).

    `client` is its client number, 16 bytes when messages are encrypted; `public_key` its SM2 key in hexadecimal, empty
    when it doesn't sign.
    """

    client: str
    public_key: str = ""
    encrypted: bool = False


@dataclass(frozen=True)
class Bundle:
    """A published bundle. `providers` are the versions of each, as rows of the frame; `keys` their signing keys."""

    number: int
    library: str
    published_at: str
    groups: tuple[dict[str, Any], ...]
    providers: tuple[dict[str, Any], ...] = ()
    keys: Mapping[str, tuple[SigningKey, ...]] = field(default_factory=dict)
    strengths: tuple[Strength, ...] = ()
    secrecy: Mapping[str, Secrecy] = field(default_factory=dict)
    snoozes: tuple[Snooze, ...] = ()
    aliases: tuple[Alias, ...] = ()

    def strength(self, rule: str, certainty: str, area: str, provider: str) -> str:
        """How strong a reminder is: as set for the provider, else for the area, else by the rule's certainty."""
        for at, to in ((area, provider), (None, provider), (area, None), (None, None)):
            if found := self._strengths.get((rule, at, to)):
                return found
        return JUSTIFY if certainty == "definite" else ADVISE

    def aliases_of(self, area: str) -> Mapping[str, Mapping[str, str]] | None:
        """What the area says of its own codes, by field and code; None where it says nothing."""
        return self._aliases.get(area)

    @cached_property
    def _aliases(self) -> dict[str, dict[str, dict[str, str]]]:
        found: dict[str, dict[str, dict[str, str]]] = {}
        for one in self.aliases:
            found.setdefault(one.area, {}).setdefault(one.field, {})[one.code] = one.national
        return found

    def snoozed(self, rule: str, provider: str, department: str | None, practitioner: str | None, day: str) -> bool:
        """Whether advice of the rule is kept to itself on a day (as 2026-01-31). What asks for more never is."""
        return any(
            day <= one.until and one.department in (None, department) and one.practitioner in (None, practitioner)
            for one in self._snoozes.get((rule, provider), ())
        )

    @cached_property
    def _snoozes(self) -> dict[tuple[str, str], list[Snooze]]:
        found: dict[tuple[str, str], list[Snooze]] = {}
        for one in self.snoozes:
            found.setdefault((one.rule, one.provider), []).append(one)
        return found

    @cached_property
    def _strengths(self) -> dict[tuple[str, str | None, str | None], str]:
        return {(one.rule, one.area, one.provider): one.strength for one in self.strengths}


def publish(home: Home, library: Library, published_at: str, providers: tuple[dict[str, Any], ...],
            keys: Mapping[str, tuple[SigningKey, ...]], strengths: tuple[Strength, ...] = (),
            secrecy: Mapping[str, Secrecy] | None = None, snoozes: tuple[Snooze, ...] = (),
            aliases: tuple[Alias, ...] = ()) -> Bundle:  # fmt: skip
    """Write a bundle of the library in force in place of the one before; whole or not at all."""
    keep_library(library, home.packs)
    groups = ({"areas": sorted(g.areas), "provider": g.provider, "pack": g.pack.hash} for g in library.groups)
    terms = dict(keys), strengths, dict(secrecy or {}), snoozes, aliases
    return _put(home, Bundle(0, library.hash, published_at, tuple(groups), providers, *terms))


def publish_terms(home: Home, published_at: str, keys: Mapping[str, tuple[SigningKey, ...]],
                  strengths: tuple[Strength, ...], secrecy: Mapping[str, Secrecy],
                  snoozes: tuple[Snooze, ...] = (), aliases: tuple[Alias, ...] = ()) -> Bundle:  # fmt: skip
    """The bundle in force on other terms: quick, for the library isn't read. PlatformError without."""
    terms = {"keys": dict(keys), "strengths": strengths, "secrecy": dict(secrecy), "snoozes": snoozes,
             "aliases": aliases}  # fmt: skip
    return _put(home, replace(current(home), published_at=published_at, **terms))


def _put(home: Home, bundle: Bundle) -> Bundle:
    """The next bundle in place of the one before, unless that says the same. Callers take turns."""
    before = _read(home)
    if before and _same(before, bundle):
        return before
    bundle = replace(bundle, number=(before.number if before else 0) + 1)
    text = json.dumps(asdict(bundle), ensure_ascii=False, default=str)
    home.bundle.mkdir(parents=True, exist_ok=True)
    draft = home.bundle / f"{_NAME}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
        out.write(_signature(home, text) + "\n" + text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(home.bundle / _NAME)
    return bundle


def stamp(home: Home) -> int:
    """Changes when another bundle is published; 0 when there is none."""
    try:
        return (home.bundle / _NAME).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def current(home: Home) -> Bundle:
    """The bundle in force. PlatformError when none was published, or its signature doesn't fit."""
    found = _read(home)
    if found is None:
        raise PlatformError(
            f"{home.bundle} 里还没有发布规则。请先运行 mingcha up，它会发布一份。",
            f"No rules were published to {home.bundle} yet. Please run `mingcha up` first: it publishes them.",
        )
    return found


def library_of(home: Home, bundle: Bundle) -> Library:
    """The library a bundle names, from the archives; what nobody changed is one object again."""
    packs: dict[str, Pack] = {g["pack"]: fetch(g["pack"], home.packs) for g in bundle.groups}
    base = packs[bundle.groups[-1]["pack"]]
    groups = tuple(Group(frozenset(g["areas"]), g["provider"], packs[g["pack"]]) for g in bundle.groups)
    return Library(base, (), groups, {})


def _same(one: Bundle, other: Bundle) -> bool:
    left, right = (json.loads(json.dumps(asdict(b), default=str)) for b in (one, other))
    return all(left[name] == right[name] for name in left if name not in ("number", "published_at"))


def _read(home: Home) -> Bundle | None:
    try:
        signature, _, text = (home.bundle / _NAME).read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        return None
    if signature != _signature(home, text):
        raise PlatformError(
            f"{home.bundle / _NAME} 的签名不对：内容被改动过，或不是用本目录的密钥发布的。请运行 mingcha up 重新发布。",
            f"The signature of {home.bundle / _NAME} doesn't fit: it was changed, or published with other keys. "
            "Please run `mingcha up` to publish it again.",
        )
    told = json.loads(text)
    told["secrecy"] = {provider: Secrecy(**s) for provider, s in told.get("secrecy", {}).items()}
    told["aliases"] = tuple(Alias(**a) for a in told.get("aliases", ()))
    told["snoozes"] = tuple(Snooze(**s) for s in told.get("snoozes", ()))
    told["strengths"] = tuple(Strength(**s) for s in told["strengths"])
    told["keys"] = {provider: tuple(SigningKey(**k) for k in keys) for provider, keys in told["keys"].items()}
    return Bundle(**told | {"groups": tuple(told["groups"]), "providers": tuple(told["providers"])})


def _signature(home: Home, text: str) -> str:
    key = Blinder(home.secrets.token)("mingcha bundle")
    return Blinder(key)(text).hex()
