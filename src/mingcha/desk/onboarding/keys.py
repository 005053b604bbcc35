"""Signing keys: made at random, sealed for keeping, opened only to be published to the gates."""

from __future__ import annotations

import re
import secrets

from mingcha.home.directory import Home
from mingcha.records.seal import Blinder, Sealer

NAME = re.compile(r"MK[0-9A-F]{10}")
"""What a key is called; a hospital's system sends it as x-tif-paasid."""


def new_name() -> str:
    """A name nobody has yet. It is drawn when the form is shown, so that a form sent twice hands out one key."""
    return f"MK{secrets.token_hex(5).upper()}"


def new_secret() -> str:
    """128 random bits as text: systems of hospitals keep it in a field of 32 characters."""
    return secrets.token_hex(16)


def seal(home: Home, name: str, secret: str) -> bytes:
    """The secret as the database keeps it, bound to the key's name."""
    return _sealer(home).seal(secret.encode(), name.encode())


def unseal(home: Home, name: str, sealed: bytes) -> str:
    """The secret again; PlatformError when it was sealed with another home's keys."""
    return _sealer(home).open(bytes(sealed), name.encode()).decode()


def _sealer(home: Home) -> Sealer:
    return Sealer(Blinder(home.secrets.token)("mingcha gate keys")[:16])
