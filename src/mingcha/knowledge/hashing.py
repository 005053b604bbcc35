"""The hash of a pack: of what it says, not of how its files are laid out (DECISIONS 17)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from mingcha import __version__
from mingcha.knowledge.pack import Pack, Rule
from mingcha.rules.kind import KINDS

_LEFT_OUT = {"line", "cases", "examples", "hash"}
"""Where something stands, the worked cases and their example rows: none changes what the pack finds or says."""
_WHERE_GIVEN = {"off", "decided", "scoped", "scope", "instead"}
"""Left out when empty: what packs of one layer don't have, and what archives of earlier versions don't name."""
_ANY_ORDER = {"rules": "id", "knowledge": "id"}
"""Lists whose order means nothing, and what they are sorted by."""


def pack_hash(pack: Pack) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of the effective content."""
    return content_hash(pack)


def content_hash(value: Any) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of anything a pack is made of."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def rule_hash(rule: Rule) -> str:
    """Of all that a rule's answers depend on besides the facts: content, kind, release of the platform.

    An audit notes it, so that a later one knows which rules it must run over everything again.
    """
    return short_hash(f"{__version__} {KINDS[rule.kind].version} {canonical_json(rule)}")


def short_hash(text: str) -> str:
    """Sixteen digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def canonical_json(value: Any) -> str:
    """JSON with sorted names, no blanks, and order only where order means something."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, bool):  # nearly all there is: tens of thousands of rows' cells
        return value
    if is_dataclass(value) and not isinstance(value, type):
        told = {name: getattr(value, name) for name in _names(type(value))}
        return {n: _members(n, v) for n, v in told.items() if v or n not in _WHERE_GIVEN}
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in _LEFT_OUT)


def _members(name: str, value: Any) -> Any:
    if name in _ANY_ORDER:
        return [_plain(member) for member in sorted(value, key=lambda member: getattr(member, _ANY_ORDER[name]))]
    return _plain(value)
