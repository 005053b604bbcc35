"""Keys and passwords of a home: made once, in files only their owner reads, never in a data backup.

`keys.json` opens the data (tokens, sealed details, sessions): it belongs to the data and is kept beside, not in, their
backup. `passwords.json` opens this home's database and is of no use anywhere else.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from mingcha.terms.errors import InputError, PlatformError

ROLES = ("root", "owner", "app", "job")
"""PostgreSQL roles that get a password; `root` is the superuser of the platform's own server."""

_KEYS = {"token": 32, "blind": 32, "identity": 16, "desk": 48}


class Secrets:
    """What the files hold; read again at each use, so a file put back counts at once."""

    def __init__(self, directory: Path) -> None:
        self._keys = directory / "keys.json"
        self._passwords = directory / "passwords.json"

    @classmethod
    def create(cls, directory: Path) -> Secrets:
        """New keys and passwords, unless they are there. Two processes at once end with the same files."""
        directory.mkdir(mode=0o700, exist_ok=True)
        made = cls(directory)
        keys = {name: base64.b64encode(secrets.token_bytes(size)).decode() for name, size in _KEYS.items()}
        _write(made._keys, json.dumps(keys, indent=1), replace=False)
        passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
        _write(made._passwords, json.dumps(passwords, indent=1), replace=False)
        return made

    def export(self) -> str:
        """The keys as text, to be kept where the backup is not."""
        return json.dumps(self._read(self._keys), indent=1)

    def put_back(self, text: str, fingerprint: str | None = None) -> None:
        """Replace the keys by exported ones; InputError when they aren't keys, or not those of `fingerprint`."""
        told = _parsed(text)
        if told is None:
            raise InputError(
                "这不是明察的密钥文件。请给出当初保存的 secrets/keys.json。",
                "This isn't a file of Mingcha's keys. Please give the secrets/keys.json that was kept.",
            )
        if fingerprint and _fingerprint(base64.b64decode(told["token"])) != fingerprint:
            raise InputError(
                "这份密钥不是这些数据的密钥。请找到与备份同一目录（MINGCHA_HOME）的密钥文件。",
                "These keys aren't the keys of these data. Please find the ones of the home that was backed up.",
            )
        _write(self._keys, text, replace=True)

    @property
    def fingerprint(self) -> str:
        """Tells which keys these are without telling anything about them."""
        return _fingerprint(self.token)

    def password(self, role: str) -> str:
        """The PostgreSQL password of one of ROLES."""
        return self._read(self._passwords)[role]

    @property
    def token(self) -> bytes:
        """Key of the person tokens (HMAC-SM3)."""
        return self._key("token")

    @property
    def blind(self) -> bytes:
        """Key of the blind indexes (HMAC-SM3)."""
        return self._key("blind")

    @property
    def identity(self) -> bytes:
        """Key of names, numbers, phones and addresses (SM4)."""
        return self._key("identity")

    @property
    def desk(self) -> str:
        """The desk's signing key for sessions and forms."""
        return self._key("desk").hex()

    def _key(self, name: str) -> bytes:
        return base64.b64decode(self._read(self._keys)[name])

    def _read(self, file: Path) -> dict[str, str]:
        try:
            return json.loads(file.read_text())
        except FileNotFoundError:
            raise PlatformError(
                f"找不到密钥文件 {file}。没有它，数据库或人员信息无法打开；请把保存的那份放回去。",
                f"The secrets {file} are missing. Without them neither the database nor personal details open; put the "
                "kept ones back.",
            ) from None


def _parsed(text: str) -> dict[str, str] | None:
    try:
        told = json.loads(text)
        fits = all(len(base64.b64decode(told[name])) == size for name, size in _KEYS.items())
    except (ValueError, KeyError, TypeError):
        return None
    return told if fits else None


def _fingerprint(key: bytes) -> str:
    told = HMAC(key, SM3())
    told.update(b"mingcha fingerprint")
    return told.finalize().hex()[:32]


def _write(file: Path, text: str, replace: bool) -> None:
    """Put a file in place whole (0600); without `replace` the first of two writers wins."""
    draft = file.with_name(f"{file.name}.{uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if replace:
        draft.replace(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
