"""The national envelope: a message read as tolerantly as hospitals write it, and the answer around an output.

Keys may be snake_case, camelCase or upper case, a node single or a list, numbers numbers or texts; keys we don't know
are let pass (reference: interface §1.1, §1.2, §1.6).
"""

from __future__ import annotations

import itertools
import re
import string
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

import msgspec

Text = str | int | float | bool | None
"""A leaf as it may arrive: texts come as numbers and numbers as texts."""

SHANGHAI = timezone(timedelta(hours=8))
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_CAPITALS = bytes.maketrans(string.ascii_uppercase.encode(), b"A" * 26)
_REST = bytes(set(range(256)) - set(string.ascii_uppercase.encode()) - set(b'":'))
"""With nothing but capitals, quotes and colons left, a key with a capital in it ends in `A":`."""
_encode = msgspec.json.Encoder().encode
_NOTHING = frozenset(("", "null", "-"))
_sequence = itertools.count(1)


class Refused(Exception):
    """A message that can't be answered as it is: what is wrong, where, and what to do, for the sender's screen."""


class Envelope(msgspec.Struct):
    """What surrounds every transaction; `input` stays unread until we know which one it is."""

    input: msgspec.Raw = msgspec.Raw(b"{}")
    output: msgspec.Raw = msgspec.Raw(b"{}")
    infno: Text = None
    msgid: Text = None
    fixmedins_code: Text = None
    mdtrtarea_admvs: Text = None
    insuplc_admdvs: Text = None
    enc_type: Text = None
    cainfo: Text = None


_Node = TypeVar("_Node", bound=msgspec.Struct)
_decoder = msgspec.json.Decoder(Envelope)
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def read(body: bytes) -> Envelope:
    """The envelope of a message. Refused for what is no JSON object or carries no input."""
    try:
        found = _decoder.decode(body)
        return found if found.infno or found.fixmedins_code else _relaxed(body, Envelope)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _again(body, Envelope, error)


def payload(envelope: Envelope, shape: type[_Node]) -> _Node:
    """The input of a message as `shape`. Refused, naming the field, where it can't be read so."""
    body = bytes(envelope.input)
    if body[:1] == b'"':
        raise Refused("input 是加密文本，而本机构没有登记解密密钥。请先在机构接入中登记，或以明文发送。")
    if _otherwise(body):
        return _relaxed(body, shape)
    try:
        decoder = _decoders.get(shape) or _decoders.setdefault(shape, msgspec.json.Decoder(shape))
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _again(body, shape, error)


def several(node: Any) -> list[Any]:
    """A node that may be single, a list, an empty text or missing, as a list."""
    if isinstance(node, list):
        return node
    return [] if node is None or isinstance(node, str) else [node]


def told(value: Text) -> str | None:
    """A leaf as text; None where it says nothing: missing, empty, or the word null (reference: interface §1.6)."""
    if not isinstance(value, str):
        if value is None or value is True or value is False:
            return None
        value = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    text = value.strip()
    return None if text in _NOTHING else text


def said(node: msgspec.Raw) -> bool:
    """Whether input or output holds anything."""
    return bytes(node).strip() not in (b"", b"{}", b"[]", b"null", b'""')


def answer(envelope: Envelope | None, output: Any = None, wrong: str | None = None, warning: str = "") -> bytes:
    """The answer's envelope as JSON: infcode 0 with an output, or -1 with what is wrong."""
    now = datetime.now(SHANGHAI)
    at, milliseconds = now.timetuple(), now.microsecond // 1000
    stamp = f"{at[0]:04}{at[1]:02}{at[2]:02}{at[3]:02}{at[4]:02}{at[5]:02}{milliseconds:03}"  # strftime takes longer
    area = (told(envelope.mdtrtarea_admvs) if envelope else None) or "000000"
    return _encode(
        {
            "infcode": -1 if wrong else 0,
            "inf_refmsgid": f"{area[:6]:0>6}{stamp[:14]}{next(_sequence) % 10**10:010}",
            "refmsg_time": stamp,
            "respond_time": stamp,
            "err_msg": wrong or "",
            "warn_msg": warning,
            "output": output if output is not None else {},
        }
    )


def _otherwise(body: bytes) -> bool:
    """Whether a key is written with capitals; what has none is read the quick way."""
    return b'A":' in body.translate(_CAPITALS, _REST)


def _again(body: bytes, shape: type[_Node], error: Exception) -> _Node:
    """A second, slower reading for keys and values written otherwise; it says what is wrong if that fails too."""
    if isinstance(error, RecursionError):
        raise Refused("报文嵌套过深。请按接口规范发送。") from None
    if not isinstance(error, msgspec.ValidationError):
        raise Refused(f"报文不是有效的 JSON：{str(error)[:120]}。请检查编码（UTF-8）和引号、逗号。") from None
    return _relaxed(body, shape)


def _relaxed(body: bytes, shape: type[_Node]) -> _Node:
    try:
        found = msgspec.json.decode(body)
        if not isinstance(found, dict):
            raise Refused("报文应当是一个 JSON 对象。")
        if shape is Envelope:
            own = {_snake(key): value for key, value in found.items()}
            own |= {node: msgspec.Raw(msgspec.json.encode(own.get(node, {}))) for node in ("input", "output")}
            return msgspec.convert(own, shape, strict=False)
        return msgspec.convert(_renamed(found), shape, strict=False)
    except RecursionError:
        raise Refused("报文嵌套过深。请按接口规范发送。") from None
    except msgspec.ValidationError as error:
        place = str(error).rpartition(" - at ")[2].strip("`$.") or "报文"
        raise Refused(f"字段 {place} 的类型不对。请按接口规范填写。") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"报文不是有效的 JSON：{str(error)[:120]}。请检查编码（UTF-8）和引号、逗号。") from None


def _renamed(node: Any) -> Any:
    if isinstance(node, dict):
        return {_snake(key): _renamed(value) for key, value in node.items()}
    return [_renamed(value) for value in node] if isinstance(node, list) else node


def _snake(key: str) -> str:
    return key.lower() if key.isupper() else _CAMEL.sub(r"_\1", key).lower()
