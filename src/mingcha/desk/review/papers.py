"""Files put to findings: what is taken, and where the bytes lie (outside the web root, by their SHA-256)."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from uuid import uuid4

from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

LARGEST = 20 * 1024 * 1024
"""Bytes of one file. A scanned record of fifty pages takes about ten million."""

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = (PDF, JPEG, PNG)
"""Types a browser shows by itself; the others are handed out as files."""


def type_of(content: bytes) -> str | None:
    """What the bytes are, whatever the name says; None for what isn't taken (a Word file with macros, say)."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except zipfile.BadZipFile:
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None
    return WORD if "word/document.xml" in names else EXCEL if "xl/workbook.xml" in names else None


def checked(name: str, content: bytes) -> tuple[str, str]:
    """The file's plain name and type. UsageError for what isn't taken, with what would be."""
    plain = PurePath(name.replace("\\", "/")).name[:200] or "附件"
    if not content:
        raise UsageError(f"“{plain}”是空文件。", f"{plain!r} is empty.")
    if len(content) > LARGEST:
        raise UsageError(f"“{plain}”超过 20 MB，请压缩或分成几份。", f"{plain!r} is larger than 20 MB; split it.")
    kind = type_of(content)
    if kind is None:
        raise UsageError(
            f"“{plain}”不是可以接收的文件。请上传 PDF、JPG、PNG、Word（docx）或 Excel（xlsx），不含宏。",
            f"{plain!r} can't be taken: PDF, JPEG, PNG, Word (docx) or Excel (xlsx) without macros, please.",
        )
    return plain, kind


def place_of(home: Home, sha256: str) -> Path:
    """Where the bytes of that digest lie."""
    return home.papers / sha256[:2] / sha256


def keep(home: Home, content: bytes) -> str:
    """Write the bytes to disk, whole or not at all, and return their SHA-256. The same bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = place_of(home, sha256)
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_name(f"{sha256}.{uuid4().hex}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(place)
    return sha256
