"""Sealing: what only the home's keys can open (SM4-GCM), and what lets it be found again (HMAC-SM3).

`cryptography`'s SM3 and SM4 equal the published vectors but are no certified module; a bureau's HSM goes in front.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from mingcha.terms.errors import PlatformError

_NONCE, _TAG = 12, 16


class Blinder:
    """HMAC-SM3 under one key; 32 bytes for each text. Kept ready, because a million texts are usual."""

    def __init__(self, key: bytes) -> None:
        self._keyed = HMAC(key, SM3())

    def __call__(self, text: str) -> bytes:
        copy = self._keyed.copy()
        copy.update(text.encode())
        return copy.finalize()


class Sealer:
    """SM4-GCM under one key; the sealed bytes are nonce, ciphertext and tag, bound to what they belong to."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def seal(self, plain: bytes, belongs_to: bytes = b"") -> bytes:
        nonce = os.urandom(_NONCE)
        box = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        box.authenticate_additional_data(belongs_to)
        return nonce + box.update(plain) + box.finalize() + box.tag

    def open(self, sealed: bytes, belongs_to: bytes = b"") -> bytes:
        """The plain bytes; PlatformError when key or content don't fit."""
        if len(sealed) < _NONCE + _TAG:
            raise foreign_keys()
        nonce, body, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
        box = Cipher(self._cipher, modes.GCM(nonce, tag)).decryptor()
        box.authenticate_additional_data(belongs_to)
        try:
            return box.update(body) + box.finalize()
        except InvalidTag:
            raise foreign_keys() from None


def foreign_keys() -> PlatformError:
    """The keys in the home aren't those of its data: nothing about people may be opened or added."""
    return PlatformError(
        "这个目录里的密钥不是这些数据的密钥，人员信息既不能打开也不能新增。请把原来的密钥放回："
        "mingcha restore --secrets 文件。",
        "The keys in this home aren't those of its data: personal details can be neither opened nor added. Put the "
        "right keys back: mingcha restore --secrets FILE.",
    )
