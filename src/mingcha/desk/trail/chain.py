"""The arithmetic of the chain: what of an entry is sealed, and how each seal holds all before it (DECISIONS 27).

    digest = SM3(content)        content = CONTENT below, as UTF-8
    hash   = SM3(previous hash ‖ digest ‖ time of the seal)        before the first: 32 zero bytes

The time is PostgreSQL's text of it in UTC, as TIME says. Whoever has both tables can compute it without this program.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SM3, Hash

START = bytes(32)
"""What stands where the first seal has no predecessor."""

TIME = "({} AT TIME ZONE 'UTC')::text"
"""SQL for a time as it is sealed; DateStyle is ISO in every connection of the home."""

CONTENT = (
    f"json_build_array(t.id, {TIME.format('t.at')}, t.by, t.action, t.subject, t.detail::text, t.items_digest)::text"
)
"""SQL for the content of an entry `trail t`: every column, as one JSON array."""

_NOTHING = Hash(SM3())


def sm3(*parts: bytes) -> bytes:
    """32 bytes over the parts one after the other. A copy of an empty state is made quicker than a new one."""
    state = _NOTHING.copy()
    for part in parts:
        state.update(part)
    return state.finalize()


def link(previous: bytes, digest: bytes, at: str) -> bytes:
    """The hash of a seal: it holds the one before, the entry's digest and the time of the seal."""
    return sm3(previous, digest, at.encode())
