"""Passwords, secrets and people's addresses, as the database keeps them: only the home's keys open them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mingcha.records.seal import Blinder, Sealer

if TYPE_CHECKING:
    from mingcha.home.directory import Home


def seal(home: Home, belongs_to: str, text: str) -> bytes:
    """The text sealed, bound to what it belongs to."""
    return _sealer(home).seal(text.encode(), belongs_to.encode())


def unseal(home: Home, belongs_to: str, sealed: bytes) -> str:
    """The text again; PlatformError when it was sealed with another home's keys, or for something else."""
    return _sealer(home).open(bytes(sealed), belongs_to.encode()).decode()


def _sealer(home: Home) -> Sealer:
    return Sealer(Blinder(home.secrets.token)("mingcha notices")[:16])


def masked_email(address: str) -> str:
    """zh***@example.gov.cn."""
    name, _, host = address.partition("@")
    return f"{name[: min(2, len(name) - 1)]}***@{host}"


def masked_phone(number: str) -> str:
    """139****5678."""
    return f"{number[:3]}****{number[-4:]}"
