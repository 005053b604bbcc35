"""SM2 signatures with SM3 (GB/T 32918.2, 32918.5): the curve's arithmetic is gmalg's, the digest OpenSSL's.

A verification takes some twenty milliseconds, of which nothing depends on a secret.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SM3 as DIGEST
from cryptography.hazmat.primitives.hashes import Hash as Digest
from gmalg.base import Hash
from gmalg.ellipticcurve import ECDLP
from gmalg.sm2 import SM2Core

_CURVE = ECDLP(
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    (
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)  # fmt: skip
"""sm2p256v1: the prime, a, b, the base point and its order."""


class _Sm3(Hash):
    """gmalg's own is pure Python and takes longer than the curve."""

    def __init__(self) -> None:
        self.reset()

    @classmethod
    def max_msg_length(cls) -> int:
        return (1 << 64) - 1

    @classmethod
    def hash_length(cls) -> int:
        return 32

    def reset(self) -> None:
        self._digest = Digest(DIGEST())

    def update(self, data: bytes) -> None:
        self._digest.update(bytes(data))

    def value(self) -> bytes:
        return self._digest.copy().finalize()


def public_key(text: str) -> tuple[int, int]:
    """A public key given as hexadecimal x and y, with or without the 04 before them. ValueError for anything else."""
    plain = bytes.fromhex(text)
    plain = plain[1:] if len(plain) == 65 and plain[:1] == b"\x04" else plain
    point = int.from_bytes(plain[:32], "big"), int.from_bytes(plain[32:], "big")
    if len(plain) != 64 or not SM2Core(_CURVE, _Sm3()).verify_pk(point):
        raise ValueError("no point of the curve")
    return point


def verify(key: tuple[int, int], user: bytes, text: bytes, signature: bytes) -> bool:
    """Whether a signature, as r and s of 32 bytes each or in DER, is the user's on the text."""
    try:
        r, s = _parts(signature)
    except ValueError:
        return False
    return SM2Core(_CURVE, _Sm3()).verify(text, r, s, user, key)


def sign(secret: int, user: bytes, text: bytes) -> bytes:
    """A signature, r and s of 32 bytes each."""
    core = SM2Core(_CURVE, _Sm3())
    r, s = core.sign(text, secret, user, core.generate_pk(secret))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _parts(signature: bytes) -> tuple[int, int]:
    if len(signature) == 64:
        return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return decode_dss_signature(signature)
