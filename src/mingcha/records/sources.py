"""Finds what is to be imported at the paths given: every file and every sheet, opened far enough to plan it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mingcha.records import headers as heads
from mingcha.records.mapping import FileMapping, Mapping
from mingcha.records.plan import Plan, by_headers, by_mapping
from mingcha.records.readers.encoding import Fingerprint, encoding, fingerprint
from mingcha.records.readers.excel import open_sheets
from mingcha.records.readers.parquet import open_parquet
from mingcha.records.readers.piece import Piece, text_piece
from mingcha.records.readers.text import open_text
from mingcha.records.tables import TABLES
from mingcha.terms.errors import InputError, UsageError

SIDECARS = ("key.csv", "readme", "license", "manifest", "index", ".")
"""Beginnings of names of files that lie beside data without being data; passed over in folders."""


@dataclass(frozen=True)
class Source:
    """One table of a file (a sheet, or the whole file): how its rows come, and what becomes of them."""

    label: str  # shown to the sender: file name, and sheet where there are several
    plan: Plan
    pieces: Callable[[], Iterator[Piece]]


@dataclass(frozen=True)
class Found:
    """One file: its fingerprint, and its sources or its messages."""

    path: Path
    label: str
    print: Fingerprint
    sources: tuple[Source, ...] = ()
    document: Any = None  # parsed JSON of national messages

    @property
    def order(self) -> int:
        """Files are imported in the order of the contract's tables, so that later rows find what they refer to."""
        names = list(TABLES)
        return min((names.index(source.plan.target.table.name) for source in self.sources), default=len(names))


@dataclass(frozen=True)
class Skipped:
    """A file of a folder that was not imported, and why."""

    label: str
    zh: str
    en: str


def find(paths: list[Path], mapping: Mapping) -> tuple[list[Found], list[Skipped]]:
    """Open everything at these paths. A file named outright that can't be read is an error; in a folder it is skipped.

    Raises UsageError when a path does not exist, InputError when nothing importable is found.
    """
    found: list[Found] = []
    skipped: list[Skipped] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"找不到 {path}。请检查路径。", f"{path} does not exist. Please check the path.")
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in inside:
            label = str(file.relative_to(path)) if path.is_dir() else file.name
            if any(one.label == label for one in found):
                label = str(file)  # two files of the same name, from different places
            if path.is_dir() and file.name.lower().startswith(SIDECARS):
                continue
            try:
                found.append(_open(file, label, mapping))
            except InputError as error:
                if not path.is_dir():
                    raise
                skipped.append(Skipped(label, error.zh, error.en))
    if not found:
        why = skipped[0] if skipped else None
        raise InputError(
            f"没有可导入的文件。{why.zh if why else '文件夹是空的。'}",
            f"There is nothing to import. {why.en if why else 'The folder is empty.'}",
        )
    # A folder's own files come before those of folders inside it, where corrections are put.
    return sorted(found, key=lambda one: (one.order, len(Path(one.label).parts), one.label)), skipped


def _open(path: Path, label: str, mapping: Mapping) -> Found:
    try:
        printed = fingerprint(path)
    except OSError as error:
        raise InputError(
            f"读不了 {label}：{error.strerror}。请检查文件权限，或它是否被别的程序占用。",
            f"{label} can't be read: {error.strerror}. Check its permissions, or whether another program holds it.",
        ) from error
    if printed.size == 0:
        raise InputError(f"{label} 是空文件，没有可导入的数据。", f"{label} is empty; there is nothing to import.")
    layout = mapping.of(path.name)
    if mapping.files and layout is None:
        raise InputError(
            f"映射 {mapping.name} 没有说明如何读取 {label}。", f"the mapping {mapping.name} says nothing about {label}."
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PAR1"):
        return Found(path, label, printed, (_parquet(path, label, layout),))
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or path.suffix.lower() in (
        ".xlsx",
        ".xls",
        ".xlsb",
        ".ods",
    ):
        return Found(path, label, printed, _excel(path, label, layout))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json(path, label, printed, layout)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            f"{label} 不是文本、Excel、Parquet 或 JSON 文件，无法导入。",
            f"{label} is no text, Excel, Parquet or JSON file and can't be imported.",
        )
    return Found(path, label, printed, (_text(path, label, printed, layout),))


def _parquet(path: Path, label: str, layout: FileMapping | None) -> Source:
    source = open_parquet(path)
    if layout:
        return Source(label, by_mapping(label, source.headers, layout), source.pieces)
    detected = heads.detect(source.headers, path.name, path.parent.name)
    typed = detected is not None and source.typed(detected.table)
    plan = by_headers(label, source.headers, path.name, path.parent.name, typed=typed)
    return Source(label, plan, source.scans if typed else source.pieces)


def _excel(path: Path, label: str, layout: FileMapping | None) -> tuple[Source, ...]:
    sheets = open_sheets(path, layout.sheet if layout else None, layout.wanted if layout else None)
    made, refused = [], []
    for sheet in sheets:
        name = label if len(sheets) == 1 else f"{label}#{sheet.name}"
        try:
            plan = (
                by_mapping(name, sheet.headers, layout)
                if layout
                else by_headers(name, sheet.headers, sheet.name, path.name)
            )
        except InputError as error:
            refused.append(error)
            continue
        made.append(Source(name, plan, sheet.pieces))
    if not made:
        raise refused[0]
    return tuple(made)


def _text(path: Path, label: str, printed: Fingerprint, layout: FileMapping | None) -> Source:
    code = layout.encoding if layout and layout.encoding else encoding(path, printed.utf8)
    if layout:
        source = open_text(path, code, layout.separator, layout.wanted, header=not layout.headers)
        return Source(label, by_mapping(label, source.headers, layout), source.pieces)
    source = open_text(path, code)
    plan = by_headers(label, source.headers, path.name, path.parent.name)
    return Source(label, plan, source.pieces)


def _json(path: Path, label: str, printed: Fingerprint, layout: FileMapping | None) -> Found:
    text = path.read_bytes().decode(encoding(path, printed.utf8), "replace")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        try:
            document = [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError:
            raise InputError(
                f"{label} 不是完整的 JSON：第 {error.lineno} 行第 {error.colno} 列附近有误。请重新导出。",
                f"{label} is not complete JSON: something is wrong near line {error.lineno}, column {error.colno}. "
                "Please export it again.",
            ) from error
    if layout is None and _speaks(document):
        return Found(path, label, printed, (), document)
    rows = document.get(layout.records) if layout and layout.records and isinstance(document, dict) else document
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            f"{label} 既不是国家接口报文，也不是记录的列表；若列表在某个键下，请在映射文件里写 records。",
            f"{label} is neither a national message nor a list of records; name the key of the list as `records` in a "
            "mapping file.",
        )
    names = list(dict.fromkeys(name for row in rows for name in row))
    plan = by_mapping(label, names, layout) if layout else by_headers(label, names, path.name, path.parent.name)
    cells = [[as_cell(row.get(name)) for name in names] for row in rows]
    whole = text_piece(cells, list(range(1, len(rows) + 1)), len(names), [], printed.size)
    return Found(path, label, printed, (Source(label, plan, lambda: iter([whole])),))


MESSAGE_KEYS = {"infno", "infcode", "_infno", "input", "output", "message", "request", "response", "msgid"}


def _speaks(document: Any) -> bool:
    """Whether a JSON document holds national messages: one, a list of them, or pairs of request and answer."""
    first = document[0] if isinstance(document, list) and document else document
    return isinstance(first, dict) and len(MESSAGE_KEYS & {heads.camel_to_snake(key) for key in first}) >= 1


def as_cell(value: Any) -> str | None:
    """A JSON value as the text a file would hold."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
