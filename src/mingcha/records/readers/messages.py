"""National interface messages from files: unwrapped, keys in snake_case, each known by number and direction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mingcha.records.headers import camel_to_snake


@dataclass(frozen=True)
class Message:
    """One request or answer. `envelope` is everything beside `body` (input or output)."""

    file: str
    number: int  # place in its file, from 1
    infno: str  # four digits; suffixes such as 2206A are dropped
    request: bool
    envelope: dict[str, Any]
    body: Any

    @property
    def msgid(self) -> str:
        return str(self.envelope.get("msgid") or "")


def messages(file: str, document: Any) -> Iterator[Message]:
    """Every message of a JSON document: a bare one, one in a wrapper, lists of them, pairs {request, response}."""
    for number, tree in enumerate(_flat(document), 1):
        yield from _unwrapped(file, number, snake(tree), None, None)


def snake(tree: Any) -> Any:
    """The tree with snake_case keys at every level."""
    if isinstance(tree, dict):
        return {camel_to_snake(str(key)): snake(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [snake(value) for value in tree]
    return tree


def records(node: Any) -> list[dict[str, Any]]:
    """A node that may be one object or a list of them (interface §1.6), as a list."""
    if isinstance(node, dict):
        return [node]
    if isinstance(node, list):
        return [one for one in node if isinstance(one, dict)]
    return []


def _flat(document: Any) -> list[dict[str, Any]]:
    return [one for one in document if isinstance(one, dict)] if isinstance(document, list) else [document]


def _unwrapped(
    file: str, number: int, tree: dict[str, Any], infno: str | None, request: bool | None
) -> Iterator[Message]:
    infno = str(tree.get("_infno") or infno or "") or None
    if tree.get("_direction") in ("request", "response"):
        request = tree["_direction"] == "request"
    if isinstance(tree.get("message"), dict):
        yield from _unwrapped(file, number, tree["message"], infno, request)
        return
    if isinstance(tree.get("request"), dict) or isinstance(tree.get("response"), dict):
        sent = tree.get("request") or {}
        shared = infno or sent.get("infno")
        answer = tree.get("response")
        if sent:
            yield from _unwrapped(file, number, sent, shared, True)
        if isinstance(answer, dict):
            known = {"msgid": sent.get("msgid"), "fixmedins_code": sent.get("fixmedins_code")}
            yield from _unwrapped(file, number, {**{k: v for k, v in known.items() if v}, **answer}, shared, False)
        return
    asks = "input" in tree if request is None else request
    body = tree.get("input" if asks else "output")
    found = str(tree.get("infno") or infno or _number(file))[:4]
    envelope = {key: value for key, value in tree.items() if key not in ("input", "output")}
    yield Message(file, number, found, asks, envelope, body)


def _number(file: str) -> str:
    """The transaction number a file's name begins with, where the message itself does not say."""
    found = re.search(r"(?<!\d)(\d{4})A?(?!\d)", file.rsplit("/", 1)[-1])
    return found.group(1) if found else ""
