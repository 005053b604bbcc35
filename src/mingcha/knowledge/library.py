"""The packs in force together: the national one, and local ones laid over it by area and provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from mingcha.knowledge.hashing import content_hash, rule_hash, short_hash
from mingcha.knowledge.layering import layer
from mingcha.knowledge.local import LocalPack
from mingcha.knowledge.local_loading import Head, load_local, read_local_head
from mingcha.knowledge.pack import Pack, Rule
from mingcha.knowledge.problems import Problems
from mingcha.terms.errors import InputError

Parents = Mapping[str, str | None]
"""Every area of the tree with the area above it."""
_NO_AREAS: Parents = MappingProxyType({})


@dataclass(frozen=True)
class Group:
    """Fund areas, and maybe one provider, in which one and the same pack holds. No areas: everywhere else."""

    areas: frozenset[str]
    provider: str | None
    pack: Pack

    def has(self, area: str | None, provider: str | None) -> bool:
        """Whether a row with that fund area and provider belongs here, if no group before has it."""
        return (not self.areas or area in self.areas) and self.provider in (None, provider)


@dataclass(frozen=True)
class Library:
    """One pack for all, and what local packs make of it. Build it with `of` or `read`.

    `groups` come most particular first; the last one, of the base pack as it is, takes every row no other has.
    """

    base: Pack
    locals: tuple[LocalPack, ...]
    groups: tuple[Group, ...]
    parents: Parents

    @classmethod
    def of(cls, base: Pack, local: Iterable[LocalPack] = (), parents: Parents = _NO_AREAS) -> Library:
        """The library of packs that were found right. InputError for an area that is not in the tree or has two."""
        found = tuple(local)
        _check_places([(p.name, p.area, p.provider) for p in found], parents)
        return cls(base, found, _groups(base, found, parents), parents)

    @classmethod
    def read(cls, base: Pack, folders: Iterable[Path], parents: Parents, local: Iterable[LocalPack] = ()) -> Library:
        """The library of the packs in these folders, over the `local` ones; one of the same place replaces those.

        A pack is read against what it inherits, so those of areas above come first, whatever order they are named in.
        """
        heads = [read_local_head(folder) for folder in folders]
        _check_places([(h.name, h.area, h.provider) for h in heads], parents)
        kept = [p for p in local if (p.area, p.provider) not in {(h.area, h.provider) for h in heads}]
        for head in sorted(heads, key=lambda head: (head.provider is not None, len(_path(head.area, parents)))):
            kept.append(load_local(head.path, inherited(base, kept, parents, head))[0])
        return cls.of(base, kept, parents)

    @cached_property
    def hash(self) -> str:
        """Of everything that applies anywhere; of the base pack alone, where there is no local one."""
        return content_hash(self.told) if self.locals else self.base.hash

    @property
    def told(self) -> dict:
        """What the library is, by hashes: its layers and where which of their results holds."""
        return {
            "base": self.base.hash,
            "local": sorted(pack.hash for pack in self.locals),
            "groups": [{"areas": sorted(g.areas), "provider": g.provider, "pack": g.pack.hash} for g in self.groups],
        }

    @property
    def version(self) -> str:
        """The base pack's version and the local packs', as people cite them."""
        return " + ".join([str(self.base.version), *(pack.label for pack in self.locals)])

    @cached_property
    def rule_hashes(self) -> dict[str, str]:
        """By rule, a hash of all that its answers depend on besides the facts, and of where it holds in which way."""
        own: dict[int, str] = {}
        ways: dict[str, list[tuple[str, str]]] = {}
        for group in self.groups:
            where = f"{sorted(group.areas)} {group.provider}"
            for rule in group.pack.rules:
                if id(rule) not in own:  # what nobody changed is one object, and hashed once
                    own[id(rule)] = rule_hash(rule)
                ways.setdefault(rule.id, []).append((where, own[id(rule)]))
        return {rule: self._way(told) for rule, told in ways.items()}

    def _way(self, told: list[tuple[str, str]]) -> str:
        """One hash of how a rule holds where; the rule's own, where it holds everywhere alike."""
        alike = len(told) == len(self.groups) and len({own for _, own in told}) == 1
        return told[0][1] if alike else short_hash(str(told))

    def effective(self, area: str | None, provider: str | None = None) -> Pack:
        """The pack as it stands for a fund area, and for a provider; rows and parameters keep their dates."""
        return next(group.pack for group in self.groups if group.has(area, provider))

    @property
    def packs(self) -> tuple[Pack, ...]:
        """Every pack that holds somewhere, the base first, each once."""
        found = {id(group.pack): group.pack for group in reversed(self.groups)}
        return tuple(found.values())

    @property
    def audited(self) -> tuple[str, ...]:
        """Rules an audit runs unless it is told which, in whatever area they hold."""
        return tuple(sorted({rule for pack in self.packs for rule in pack.audited}))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Each rule once, as the most general pack that has it says it."""
        found: dict[str, Rule] = {}
        for pack in self.packs:
            for rule in pack.rules:
                found.setdefault(rule.id, rule)
        return tuple(found[name] for name in sorted(found))


def checked_again(library: Library, changed: LocalPack) -> None:
    """Whether the packs below still fit now that one above them came, changed or went. PackError names what doesn't."""
    for pack in library.locals:
        if pack is not changed and changed.area in _path(pack.area, library.parents):
            problems = Problems(Path(pack.name))
            layer(inherited(library.base, library.locals, library.parents, pack), pack, problems)
            problems.raise_if_any()


def inherited(base: Pack, local: Iterable[LocalPack], parents: Parents, head: Head | LocalPack) -> Pack:
    """What a pack of that place is laid over: the packs of areas above it, and for a provider's also its own area's."""
    above = _path(head.area, parents)[0 if head.provider else 1 :]
    chain = [p for area in reversed(above) for p in local if p.area == area and p.provider is None]
    return _laid(base, chain, {})


def _check_places(places: list[tuple[str, str, str | None]], parents: Parents) -> None:
    seen: dict[tuple[str, str | None], str] = {}
    for name, area, provider in places:
        if not area:
            raise InputError(
                f"规则包 {name} 没有写 area 和 extends，不是地方规则包。",
                f"The pack {name} says neither area nor extends: it is no local pack.",
            )
        if area not in parents:
            raise InputError(
                f"规则包 {name} 的区划 {area} 不在区划树里。请核对代码，或先用 mingcha areas 录入。",
                f"The area {area} of the pack {name} isn't in the tree. Check it, or put it in with `mingcha areas`.",
            )
        if (area, provider) in seen:
            of = f"{area} {provider}" if provider else area
            raise InputError(
                f"区划 {of} 有两个规则包：{seen[area, provider]} 和 {name}。一个地方只能有一个，请合并。",
                f"{of} has two packs, {seen[area, provider]} and {name}. A place has one; please merge them.",
            )
        seen[area, provider] = name


def _path(area: str, parents: Parents) -> list[str]:
    """The area and those above it, upward."""
    found: list[str] = []
    at: str | None = area
    while at and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def _groups(base: Pack, local: tuple[LocalPack, ...], parents: Parents) -> tuple[Group, ...]:
    """Areas with the same chain of packs together; a provider's before those of all providers."""
    together: dict[tuple[str | None, tuple[str, ...]], set[str]] = {}
    named = {pack.hash: pack for pack in local}
    for area in parents:
        above = _path(area, parents)
        chain = [p.hash for at in reversed(above) for p in local if p.area == at and p.provider is None]
        if chain:
            together.setdefault((None, tuple(chain)), set()).add(area)
        for provider in {p.provider for p in local if p.provider and p.area in above}:
            own = [p.hash for at in reversed(above) for p in local if p.area == at and p.provider == provider]
            together.setdefault((provider, (*chain, *own)), set()).add(area)
    laid: dict[tuple[str, ...], Pack] = {}
    found = [
        Group(frozenset(areas), provider, _laid(base, [named[key] for key in chain], laid))
        for (provider, chain), areas in together.items()
    ]
    found.sort(key=lambda group: (group.provider is None, group.provider or "", min(group.areas)))
    return (*found, Group(frozenset(), None, base))


def _laid(base: Pack, chain: Iterable[LocalPack], laid: dict[tuple[str, ...], Pack]) -> Pack:
    """The chain laid over the base, each stretch of it once: rules nobody changed stay the same objects."""
    pack, done = base, ()
    for local in chain:
        done = (*done, local.hash)
        if done not in laid:
            laid[done] = layer(pack, local)
        pack = laid[done]
    return pack
