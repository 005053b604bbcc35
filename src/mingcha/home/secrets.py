"""Keys and passwords of a home: made once, kept in a file only its owner reads, never in a data backup."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from uuid import uuid4

from mingcha.terms.errors import PlatformError

ROLES = ("root", "owner", "app", "job")
"""PostgreSQL roles that get a password; `root` is the superuser of the platform's own server."""


class Secrets:
    """What `secrets/keys.json` holds; read again at each use, so a restored file counts at once."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "keys.json"

    @classmethod
    def create(cls, directory: Path) -> Secrets:
        """New keys, unless the file is there already. Two processes at once end with the same file."""
        directory.mkdir(mode=0o700, exist_ok=True)
        made = cls(directory)
        keys = {name: base64.b64encode(secrets.token_bytes(size)).decode() for name, size in _KEYS.items()}
        keys |= {f"password_{role}": secrets.token_urlsafe(24) for role in ROLES}
        made.write(json.dumps(keys, indent=1), replace=False)
        return made

    def write(self, text: str, replace: bool = True) -> None:
        """Put the file in place by rename (0600); used by `create` and by restore."""
        draft = self._file.with_name(f"{self._file.name}.{uuid4().hex}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(self._file)
            return
        try:
            os.link(draft, self._file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def read(self) -> str:
        """The whole file, for a backup of the secrets; PlatformError when it is gone."""
        try:
            return self._file.read_text()
        except FileNotFoundError:
            raise PlatformError(
                f"找不到密钥文件 {self._file}。没有它，人员代码和加密信息都无法读取；请从密钥备份中恢复它。",
                f"The secrets {self._file} are missing. Without them neither person tokens nor encrypted details can "
                "be read; put them back from their backup.",
            ) from None

    def password(self, role: str) -> str:
        """The PostgreSQL password of one of ROLES."""
        return self._value(f"password_{role}")

    @property
    def token(self) -> bytes:
        """Key of the person tokens (HMAC-SM3)."""
        return base64.b64decode(self._value("token"))

    @property
    def blind(self) -> bytes:
        """Key of the blind indexes (HMAC-SM3)."""
        return base64.b64decode(self._value("blind"))

    @property
    def identity(self) -> bytes:
        """Key of names, numbers, phones and addresses (SM4)."""
        return base64.b64decode(self._value("identity"))

    @property
    def desk(self) -> str:
        """The desk's signing key for sessions and forms."""
        return self._value("desk")

    def _value(self, name: str) -> str:
        return json.loads(self.read())[name]


_KEYS = {"token": 32, "blind": 32, "identity": 16, "desk": 48}
