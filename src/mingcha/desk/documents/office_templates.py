"""An office's own Word templates: checked before they are taken, in force from a day on, inherited by areas below."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.conf import settings
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from mingcha.desk.documents import rendering
from mingcha.desk.review.papers import keep, place_of
from mingcha.desk.trail import settings as dated
from mingcha.desk.trail.settings import Change
from mingcha.procedure.documents import KINDS
from mingcha.terms.calendar import today
from mingcha.terms.errors import PlatformError, UsageError

LARGEST = 4 * 1024 * 1024
"""Bytes of a template."""
UNPACKED = 40 * 1024 * 1024
"""Bytes of all its parts: a file that swells more isn't opened."""
_REFUSED = {
    "vbaProject.bin": "宏", "word/embeddings/": "嵌入的对象", "word/activeX/": "ActiveX 控件",
    "word/externalLinks/": "外部链接",
}  # fmt: skip
_OUTSIDE = re.compile(rb'<Relationship\b[^>]*TargetMode\s*=\s*["\']External["\'][^>]*>')
_LINK = re.compile(rb'/relationships/hyperlink["\']')
_SAMPLE = {
    "organ": "示例县医疗保障局", "title": "标题", "addressee": "示例医院", "body": ["第一段。", "第二段。"],
    "after": ["请按期答复。"], "attachments": ["明细清单"], "contact": "联系方式：稽核科", "staffing": "",
    "fen": 1_234_56,
    "rows": [dict.fromkeys(("visit", "item", "day", "rule", "amount", "basis"), "示例")] * 2,
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """What a kind of document is written with at an area: its bytes, and the file's name; none for the shipped one."""

    content: bytes
    name: str = ""


def key_of(kind: str) -> str:
    """The dated setting that names the template of a kind."""
    return f"document-template-{kind}"


def in_force(cursor: Any, area: str, kind: str) -> Template:
    """The template in force at an area today: its own, that of an area above, or the shipped one.

    PlatformError where the file is gone or no longer the same bytes.
    """
    cursor.execute("SELECT facts.setting_at(%s, %s)::text", [key_of(kind), area])
    (told,) = cursor.fetchone()
    found = json.loads(told) if told else {}
    if not found.get("sha256"):
        return Template(rendering.shipped(kind))
    place = place_of(settings.HOME, found["sha256"])
    content = place.read_bytes() if place.exists() else b""
    if rendering.sha256(content) != found["sha256"]:
        raise PlatformError(
            f"{KINDS[kind].zh}的模板文件“{found['name']}”缺失或已被改动，请重新上传，或停用后用平台自带的模板。",
            f"The template {found['name']!r} is missing or was altered: upload it again or withdraw it.",
        )
    return Template(content, found["name"])


def checked(name: str, content: bytes) -> str:
    """The file's plain name. UsageError, saying what is wrong and what to do, for what can't be a template."""
    plain = PurePath(name.replace("\\", "/")).name[:100] or "模板.docx"
    if len(content) > LARGEST:
        raise UsageError(f"“{plain}”超过 4 MB。请压缩其中的图片。", f"{plain!r} is larger than 4 MB.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            listed = parts.infolist()
            if "word/document.xml" not in parts.namelist():
                raise zipfile.BadZipFile
            if sum(one.file_size for one in listed) > UNPACKED:
                raise UsageError(f"“{plain}”展开后过大。", f"{plain!r} swells too much.")
            for one in listed:
                _look_at(plain, one.filename, parts.read(one) if one.filename.endswith(".rels") else b"")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise UsageError(
            f"“{plain}”不是 Word 文件（docx）。请在 Word 或 WPS 里另存为 docx 再上传。",
            f"{plain!r} is no Word file (docx).",
        ) from error
    _tried(plain, content)
    return plain


def _look_at(plain: str, part: str, relations: bytes) -> None:
    for end, words in _REFUSED.items():
        if part.endswith(end) or part.startswith(end):
            raise UsageError(f"“{plain}”含有{words}，不能用作模板。请删去后再上传。", f"{plain!r} contains {part}.")
    if any(not _LINK.search(one) for one in _OUTSIDE.findall(relations)):
        raise UsageError(
            f"“{plain}”引用了文件之外的内容（如链接的图片或模板）。请改为嵌入后再上传。",
            f"{plain!r} refers to something outside the file; embed it.",
        )


def _tried(plain: str, content: bytes) -> None:
    """It is filled in with a sample. UsageError for fields that don't exist, all of them named, and for broken ones."""
    try:
        asked = DocxTemplate(BytesIO(content)).get_undeclared_template_variables(rendering.environment())
        if unknown := sorted(asked - rendering.FIELDS.keys()):
            raise UsageError(
                f"“{plain}”用了没有的字段：{'、'.join(unknown)}。可用的字段见下表。",
                f"{plain!r} asks for fields that don't exist: {', '.join(unknown)}.",
            )
        rendering.docx(content, rendering.fields(_SAMPLE, number="示例〔2026〕1号", day="2026年1月1日"))
    except (TemplateError, SyntaxError, KeyError, ValueError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise UsageError(
            f"“{plain}”不能填写：{reason}。请对照平台自带的模板检查花括号和循环。",
            f"{plain!r} can't be filled in: {reason}.",
        ) from error


def put(cursor: Any, *, by: str, area: str, kind: str, name: str, content: bytes, since: date, reason: str) -> None:
    """A template is in force at an area and below from a day on. UsageError as `checked`, and out of scope."""
    told = {"name": checked(name, content), "sha256": keep(settings.HOME, content), "by": by}
    _set(cursor, by, area, kind, since, told, reason, "document.template")


def withdraw(cursor: Any, *, by: str, area: str, kind: str, reason: str) -> None:
    """From today the area uses the shipped template. UsageError where it does so already."""
    if not in_force_name(cursor, area, kind):
        raise UsageError("现在用的就是平台自带的模板。", "The shipped template is in force already.")
    _set(cursor, by, area, kind, today(), {"name": "", "sha256": "", "by": by}, reason, "document.template-off")


def in_force_name(cursor: Any, area: str, kind: str) -> str:
    """The file name of the template in force; empty for the shipped one."""
    cursor.execute("SELECT facts.setting_at(%s, %s)->>'name'", [key_of(kind), area])
    return cursor.fetchone()[0] or ""


def _set(
    cursor: Any, by: str, area: str, kind: str, since: date, told: dict[str, str], reason: str, action: str
) -> None:
    if kind not in KINDS or not reason.strip():
        raise UsageError("请选择文书种类，并填写理由。", "Choose the kind, and give the reason.")
    if since < today():
        raise UsageError("生效日期不能早于今天。", "It can't hold before today.")
    dated.put(cursor, by=by, key=key_of(kind), action=action, change=Change(area, since, told, reason.strip()))
