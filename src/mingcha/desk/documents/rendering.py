"""What a document says, set as a Word file from a template and as a PDF: its content is data, never markup."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from mingcha.desk.trail.chain import sm3
from mingcha.procedure.documents import KINDS
from mingcha.terms.capital import capital
from mingcha.terms.errors import PlatformError, UsageError

FONTS = (
    "FangSong", "仿宋", "FangSong_GB2312", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun",
    "Songti SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei",
)  # fmt: skip
"""Fonts with Chinese a paper is set in: the first that the machine has."""
HEADS = ["序号", "就诊", "项目", "日期", "规则", "金额（元）", "依据"]
FIELDS = {
    "organ": ("机关名称", "name of the organ"),
    "number": ("文号", "number; empty until the signature"),
    "title": ("标题", "title"),
    "addressee": ("受文单位", "to whom it is sent"),
    "body": ("正文各段", "paragraphs before the table; a list"),
    "rows": ("疑点各行：n visit item day rule amount basis", "rows of the table; a list"),
    "sum_head": ("合计的名称", "head of the sum"),
    "total": ("金额合计", "sum in figures, yuan"),
    "total_words": ("金额大写一句", "sentence with the sum in capital figures"),
    "after": ("表后各段", "paragraphs after the table; a list"),
    "attachments": ("附件名称", "names of attachments; a list"),
    "day": ("成文日期", "day of the signature in words"),
    "contact": ("联系方式", "whom to ask"),
    "staffing": ("审核人员配置说明", "how levels of review were merged; empty in a full office"),
}
"""Fields of a Word template, in Chinese and English; docs/how-to/documents.md lists the same."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True)
class Files:
    """Both forms of one document, and the digests of the PDF."""

    docx: bytes
    pdf: bytes

    @property
    def pdf_sm3(self) -> str:
        """SM3 of the PDF, hexadecimal."""
        return sm3(self.pdf).hex()


def fields(content: dict[str, Any], *, number: str, day: str, mark: str = "") -> dict[str, Any]:
    """What templates are given: the drafted content with its sums, number and day."""
    told = plain(content)
    rows = told["rows"]
    fen = told["fen"]
    return {
        "organ": told["organ"], "number": number, "title": told["title"], "addressee": told["addressee"],
        "body": told["body"], "after": told["after"], "attachments": told["attachments"], "contact": told["contact"],
        "staffing": told["staffing"], "day": day, "mark": mark, "sum_head": "合计", "total": f"{fen / 100:,.2f}",
        "total_words": f"以上共 {len(rows):,} 条，合计人民币{capital(fen)}（¥{fen / 100:,.2f}）。" if rows else "",
        "rows": [{"n": str(n), **row} for n, row in enumerate(rows, 1)],
    }  # fmt: skip


def plain(value: Any) -> Any:
    """The same without control characters, which no Word file may hold."""
    if isinstance(value, str):
        return _CONTROL.sub("", value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {name: plain(one) for name, one in value.items()} if isinstance(value, dict) else value


@cache
def chinese_fonts() -> tuple[str, ...]:
    """Those of FONTS that this machine has, best first."""
    there = set(typst.Fonts().families())
    return tuple(font for font in FONTS if font in there)


def _compile(told: dict[str, Any], form: Literal["pdf", "png"]) -> bytes | list[bytes]:
    fonts = chinese_fonts()
    if not fonts:
        raise PlatformError(
            "这台机器没有中文字体，不能生成 PDF。请安装 fonts-noto-cjk（Debian、Ubuntu：apt install fonts-noto-cjk；"
            "麒麟、统信：google-noto-serif-cjk-fonts），再重新启动工作台。Word 不受影响。",
            "No font with Chinese is installed, so there is no PDF: install fonts-noto-cjk and restart the desk.",
        )
    rows = [[row[name] for name in ("n", "visit", "item", "day", "rule", "amount", "basis")] for row in told["rows"]]
    data = json.dumps(told | {"rows": rows, "fonts": fonts, "heads": HEADS}, ensure_ascii=False)
    paper = (files("mingcha.desk.documents") / "shipped" / "paper.typ").read_bytes()
    return typst.compile(paper, sys_inputs={"content": data}, format=form, ppi=96)


def pdf(told: dict[str, Any]) -> bytes:
    """The PDF. PlatformError where no font has Chinese."""
    made = _compile(told, "pdf")
    return made if isinstance(made, bytes) else made[0]


def picture(told: dict[str, Any]) -> bytes:
    """The first page as a PNG picture of 96 dots per inch."""
    made = _compile(told, "png")
    return made if isinstance(made, bytes) else made[0]


def shipped(kind: str) -> bytes:
    """The Word template that comes with the platform."""
    if kind not in KINDS:
        raise ValueError(kind)
    return (Path(__file__).with_name("shipped") / f"{kind}.docx").read_bytes()


def environment() -> SandboxedEnvironment:
    """What templates may do: fill in fields, choose and repeat; no functions, no attributes of Python's own."""
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    made.globals.clear()  # range and the like would let a template run for hours
    return made


def docx(template: bytes, told: dict[str, Any]) -> bytes:
    """The Word file. UsageError for a template that asks for what there isn't, or can't be read."""
    word, file = DocxTemplate(BytesIO(template)), BytesIO()
    try:
        word.render({name: told[name] for name in FIELDS}, jinja_env=environment(), autoescape=True)
        word.save(file)
    except TemplateError as error:
        raise UsageError(
            f"模板不能用：{error}。可用的字段见模板页。", f"The template can't be used: {error}."
        ) from error  # fmt: skip
    return file.getvalue()


def render(template: bytes, told: dict[str, Any]) -> Files:
    """Both forms."""
    return Files(docx(template, told), pdf(told))


def sha256(content: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()
