"""Reads what people type into the library's forms; what can't be read is told in words, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from mingcha.desk.library.queries import Chosen
from mingcha.knowledge.pack import CATEGORIES, CERTAINTIES, STAGES, Rule
from mingcha.knowledge.problems import SHOWN, PackError
from mingcha.knowledge.revision import with_parameter, with_row_ended, with_rows, with_strength, with_words
from mingcha.rules.kind import KINDS
from mingcha.terms.errors import InputError, UsageError

LARGEST = 20 * 1024 * 1024
"""Bytes of a knowledge table; the longest official one is a tenth of it."""

Edit = tuple[Callable[[Rule], Rule], dict[str, Any]]


def read_chosen(query: Mapping[str, Any]) -> Chosen:
    """The list's filter; a value that isn't in a list counts as none."""

    def one_of(name: str, known: Any) -> str:
        value = query.get(name, "")
        return value if value in known else ""

    return Chosen(
        q=query.get("q", "").strip()[:60], category=one_of("category", CATEGORIES),
        certainty=one_of("certainty", CERTAINTIES), stage=one_of("stage", STAGES), kind=one_of("kind", KINDS),
    )  # fmt: skip


def read_day(text: str | None, zh: str, en: str) -> date | None:
    """A day as 2026-11-22, or None for nothing. UsageError for anything else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{zh}要写成 2026-11-22 这样的日期，“{text}”不是。", f"{en}: {text!r} isn't a date like 2026-11-22."
        ) from error


def a_day(text: str | None, zh: str, en: str) -> date:
    """The same where a day must be given."""
    day = read_day(text, zh, en)
    if day is None:
        raise UsageError(f"请填写{zh}。", f"Please give: {en}.")
    return day


def read_edit(post: Mapping[str, Any], files: Mapping[str, UploadedFile]) -> Edit:
    """Which edit a form asks for, and how the trail calls it. UsageError for an unknown one."""
    kind = post.get("edit", "")
    if kind == "parameter":
        since = a_day(post.get("since"), "参数的生效日期", "first day of the value")
        name, value = post.get("name", ""), post.get("value", "")
        return lambda rule: with_parameter(rule, name, since, value), {
            "parameter": name,
            "value": value,
            "since": str(since),
        }
    if kind == "strength":
        certainty = post.get("certainty", "")
        return lambda rule: with_strength(rule, certainty), {"certainty": certainty}
    if kind == "words":
        zh = post.get("zh", "")
        return lambda rule: with_words(rule, zh, post.get("en", "")), {"message": zh[:200]}
    if kind == "row-end":
        last = a_day(post.get("last"), "失效日期", "last day")
        row = post.get("row", "").strip()
        return lambda rule: with_row_ended(rule, row, last), {"row": row, "last": str(last)}
    if kind == "rows":
        return _table(files.get("table")), {"table": getattr(files.get("table"), "name", "")}
    raise UsageError("不认识这种修改，请刷新页面再试。", "This kind of edit is unknown; reload the page and try again.")


def _table(upload: UploadedFile | None) -> Callable[[Rule], Rule]:
    """Rows from an uploaded CSV in the columns the page gives out."""
    if upload is None or not upload.size:
        raise UsageError("请选择一个 CSV 文件。可先下载现有知识点，修改后另存为 CSV（UTF-8）。",
                         "Please choose a CSV file; edit the present rows and save as CSV (UTF-8).")  # fmt: skip
    if upload.size > LARGEST:
        raise InputError("文件超过 20 MB，请拆成几次上传。", "The file is larger than 20 MB; upload it in parts.")
    content = upload.read()

    def apply(rule: Rule) -> Rule:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "knowledge.csv"
            file.write_bytes(content.removeprefix(b"\xef\xbb\xbf"))
            try:
                return with_rows(rule, file)
            except PackError as error:
                raise _told(error) from error

    return apply


def _told(error: PackError) -> InputError:
    """The problems of an uploaded table by line and column, without the folder it was read in."""
    some = error.problems[:SHOWN]
    zh = [f"第 {p.line} 行{f'，{p.field} 列' if p.field else ''}：{p.zh}" for p in some]
    en = [f"line {p.line}{f', column {p.field}' if p.field else ''}: {p.en}" for p in some]
    count = len(error.problems)
    return InputError(
        "\n".join([f"文件有 {count} 处要改，一行也没有用：", *zh]),
        "\n".join([f"The file has {count} problem(s); none of it was used:", *en]),
    )
