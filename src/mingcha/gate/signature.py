"""Who is asking: the header signature hospitals' systems make (reference: interface §1.3).

A provider with a key must sign. One without may only speak from this very machine, which is how a system is tried out
before its provider is registered.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping

from mingcha.gate.envelope import Refused

SLACK = 300  # seconds a signature stays good; clocks of hospitals differ


def verify(provider: str, key: str | None, headers: Mapping[str, str], local: bool) -> None:
    """Refused when the signature is missing, old or wrong."""
    if key is None:
        if local:
            return
        raise Refused(f"机构 {provider} 没有登记接入密钥。请先在机构接入中登记，再从机构的系统发送。")
    stamp, nonce = headers.get("x-tif-timestamp", ""), headers.get("x-tif-nonce", "")
    signed = headers.get("x-tif-signature", "")
    if not (stamp and nonce and signed):
        raise Refused("缺少签名：请求头应有 x-tif-paasid、x-tif-timestamp、x-tif-nonce、x-tif-signature。")
    if not stamp.isdigit() or len(stamp) > 12 or abs(time.time() - int(stamp)) > SLACK:
        raise Refused("签名已过期：x-tif-timestamp 与本机时间相差超过 5 分钟。请校准机构系统的时钟。")
    if not hmac.compare_digest(signed.lower().encode(), sign(key, stamp, nonce).encode()):
        raise Refused("签名不对：请检查密钥，以及 SHA256(时间戳 + 密钥 + 随机数 + 时间戳) 的拼接顺序。")


def sign(key: str, stamp: str, nonce: str) -> str:
    """lower(hex(SHA256(timestamp + key + nonce + timestamp)))."""
    return hashlib.sha256(f"{stamp}{key}{nonce}{stamp}".encode()).hexdigest()
