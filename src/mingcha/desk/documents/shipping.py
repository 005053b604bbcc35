"""Writes the Word templates that come with the platform (`python -m mingcha.desk.documents.shipping`).

They are kept in the repository as the files they are, so that an office gets a template it can open, and no build
makes them anew; a test holds them against this script.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from mingcha.procedure.documents import KINDS

FOLDER = Path(__file__).with_name("shipped")
_RED = RGBColor(0xC0, 0, 0)
_CELLS = ("n", "visit", "item", "day", "rule", "amount", "basis")
_HEADS = ("序号", "就诊", "项目", "日期", "规则", "金额（元）", "依据")


def write(kind: str) -> bytes:
    """The template of a kind as a Word file."""
    word = Document()
    _page(word)
    _line(word, "{{ organ }}", 30, centre=True, colour=_RED, bold=True)
    _line(word, "{{ number }}", 15, centre=True)
    _line(word, "{{ title }}", 21, centre=True, bold=True)
    _line(word, "{{ addressee }}：", 15)
    _line(word, "{%p for paragraph in body %}", 15)
    _line(word, "{{ paragraph }}", 15, indent=True)
    _line(word, "{%p endfor %}", 15)
    _table(word)
    _line(word, "{{ total_words }}", 15, indent=True)
    _line(word, "{%p for paragraph in after %}", 15)
    _line(word, "{{ paragraph }}", 15, indent=True)
    _line(word, "{%p endfor %}", 15)
    _line(word, "{%p for attachment in attachments %}", 15)
    _line(word, "附件 {{ loop.index }}：{{ attachment }}", 15)
    _line(word, "{%p endfor %}", 15)
    for text in ("{{ organ }}", "{{ day }}"):
        _line(word, text, 15).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _line(word, "{{ contact }}", 12)
    _line(word, "{{ staffing }}", 12)
    told = word.core_properties
    told.title, told.author = KINDS[kind].zh, ""
    told.created = told.modified = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def _page(word: Any) -> None:
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    style = word.styles["Normal"]
    style.font.name = "仿宋"
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "仿宋")


def _line(
    word: Any, text: str, size: int, *, centre: bool = False, bold: bool = False, indent: bool = False,
    colour: RGBColor | None = None,
) -> Any:  # fmt: skip
    line = word.add_paragraph()
    run = line.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if colour:
        run.font.color.rgb = colour
    if centre:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        line.paragraph_format.first_line_indent = Pt(2 * size)
    return line


def _table(word: Any) -> None:
    table = word.add_table(rows=4, cols=len(_CELLS), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, _HEADS, strict=True):
        cell.text = head
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    table.rows[1].cells[0].text = "{%tr for row in rows %}"
    for cell, name in zip(table.rows[2].cells, _CELLS, strict=True):
        cell.text = f"{{{{ row.{name} }}}}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    last = table.add_row().cells
    last[0].merge(last[4]).text = "{{ sum_head }}"
    last[5].text = "{{ total }}"
    for row in table.rows:
        for cell in row.cells:
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9.5)


def main() -> None:
    """Write all of them."""
    for kind in KINDS:
        (FOLDER / f"{kind}.docx").write_bytes(write(kind))


if __name__ == "__main__":
    main()
