"""In which encoding a text file is written: BOM, strict UTF-8, strict GB18030, then the best guess."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import chardet

BLOCK = 1 << 23
DAMAGED_UTF8 = "utf_8"  # the codec's other name: decoded with replacement marks, unlike strict "utf-8"

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_ALSO_SEEN = ("big5", "big5-hkscs", "cp950", "shift_jis", "euc-kr", "euc-jp", "utf-16le", "utf-16be")


@dataclass(frozen=True)
class Fingerprint:
    """One pass over a file: SHA-256 of its bytes (hex), its size, and whether it is strict UTF-8."""

    sha256: str
    size: int
    utf8: bool


def fingerprint(path: Path) -> Fingerprint:
    """Hash a file and try it as UTF-8 in the same pass, so that large files are read once."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, size = True, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
            if utf8 and not block.isascii():
                utf8 = _continues(decoder, block)
    return Fingerprint(digest.hexdigest(), size, utf8 and _continues(decoder, b"", True))


def _continues(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def encoding(path: Path, utf8: bool) -> str:
    """The codec to read this file with. Rare names need all of GB18030, so GBK files are read as GB18030."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    if utf8:
        return "utf-8"
    # A head that is no UTF-8 settles it. Where the head is, the damage comes later, or the Chinese does: read it all.
    if _begins(head, "gb18030") and (not _begins(head, "utf-8") or _strict(path, "gb18030")):
        return "gb18030"
    guess = str(chardet.detect(head)["encoding"]).lower()  # one-byte codecs read anything, so they prove nothing
    names = [DAMAGED_UTF8, "gb18030", *([guess] if guess in _ALSO_SEEN else [])]
    return min(names, key=lambda name: _damage(head, name))


def _begins(head: bytes, name: str) -> bool:
    return _continues(codecs.getincrementaldecoder(name)(), head)


def _strict(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if not _continues(decoder, block):
                return False
    return _continues(decoder, b"", True)


def _damage(head: bytes, name: str) -> int:
    try:
        return head.decode(name, "replace").count("\ufffd")
    except LookupError:
        return len(head)


def utf8_blocks(path: Path, name: str, size: int = BLOCK) -> Iterator[tuple[bytes, int]]:
    """The file as UTF-8 without BOM, block by block, each with the bytes of the file read so far."""
    read = 0
    plain = name in ("utf-8", "utf-8-sig")
    decoder = None if plain else codecs.getincrementaldecoder(name)("replace")
    with path.open("rb") as file:
        while block := file.read(size):
            if plain:
                yield (block.removeprefix(codecs.BOM_UTF8) if read == 0 else block), read + len(block)
            elif decoder is not None:
                yield decoder.decode(block).lstrip("\ufeff").encode("utf-8", "replace"), read + len(block)
            read += len(block)
        if decoder is not None:
            yield decoder.decode(b"", True).encode(), read
