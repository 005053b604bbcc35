"""Who is asking: the header signature hospitals' systems make (reference: interface §1.3).

A provider with a key must sign. One without may only speak from this very machine, which is how a system is tried out
before its provider is registered.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mingcha.gate.envelope import SHANGHAI, Refused
from mingcha.knowledge.bundle import SigningKey

SLACK = 300  # seconds a signature stays good; clocks of hospitals differ


class Signed(NamedTuple):
    """The key a message was signed with, and the time and nonce that were signed."""

    key: SigningKey
    nonce: str


def verify(provider: str, keys: Sequence[SigningKey], headers: Mapping[str, str], local: bool) -> Signed | None:
    """What it is signed with, None where none is needed. Refused when the signature is missing, old or wrong."""
    if not keys:
        if local:
            return None
        raise Refused(f"机构 {provider} 没有登记接入密钥。请先在机构接入中登记，再从机构的系统发送。")
    stamp, nonce = headers.get("x-tif-timestamp", ""), headers.get("x-tif-nonce", "")
    signed = headers.get("x-tif-signature", "")
    if not (stamp and nonce and signed):
        raise Refused("缺少签名：请求头应有 x-tif-paasid、x-tif-timestamp、x-tif-nonce、x-tif-signature。")
    if not stamp.isdigit() or len(stamp) > 12 or abs(time.time() - int(stamp)) > SLACK:
        raise Refused("签名已过期：x-tif-timestamp 与本机时间相差超过 5 分钟。请校准机构系统的时钟。")
    given = signed.lower().encode()
    found = next((key for key in keys if hmac.compare_digest(given, sign(key.secret, stamp, nonce).encode())), None)
    if found is None:
        raise Refused("签名不对：请检查密钥，以及 SHA256(时间戳 + 密钥 + 随机数 + 时间戳) 的拼接顺序。")
    if found.until is not None and found.until < datetime.now(SHANGHAI).date().isoformat():
        raise Refused(f"密钥 {found.id} 只用到 {found.until}。请在机构系统中换上新的密钥。")
    return Signed(found, f"{stamp}-{nonce}")


def headers(key: SigningKey) -> dict[str, str]:
    """The headers of one request signed with the key, as a hospital's system makes them."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    return {
        "x-tif-paasid": key.id, "x-tif-timestamp": stamp, "x-tif-nonce": nonce,
        "x-tif-signature": sign(key.secret, stamp, nonce),
    }  # fmt: skip


def sign(key: str, stamp: str, nonce: str) -> str:
    """lower(hex(SHA256(timestamp + key + nonce + timestamp)))."""
    return hashlib.sha256(f"{stamp}{key}{nonce}{stamp}".encode()).hexdigest()
