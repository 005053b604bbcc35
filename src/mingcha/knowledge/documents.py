"""YAML with places: every value knows its line, every mapping its fields, and no type is guessed from looks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from mingcha.knowledge.problems import Problems


@dataclass(frozen=True, slots=True)
class Value:
    """A YAML node with its file, line and path of field names; accessors note a problem and return None."""

    node: yaml.Node
    file: Path
    field: str
    problems: Problems

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return self.node.start_mark.line + 1

    def wrong(self, zh: str, en: str) -> None:
        """Note that this value is wrong."""
        self.problems.add(self.file, self.line, self.field, zh, en)

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Value]:
        """The fields of a mapping; notes missing, unknown and doubled ones."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("这里应是“字段: 值”的形式", "expected fields with values")
            return {}
        found: dict[str, Value] = {}
        for key, value in self.node.value:
            name = str(key.value)
            place = Value(value, self.file, f"{self.field}.{name}" if self.field else name, self.problems)
            if name in found:
                place.wrong("同一字段写了两次，留下一个", "the field is given twice; keep one")
            elif name not in required and name not in optional:
                allowed = [*required, *optional]
                place.wrong(
                    f"没有这个字段；可用：{'、'.join(allowed)}", f"no such field; allowed: {', '.join(allowed)}"
                )
            else:
                found[name] = place
        for name in required:
            if name not in found:
                self.wrong(f"缺少字段 {name}", f"the field {name} is missing")
        return {name: value for name, value in found.items() if not value.is_null or name in required}

    def named(self) -> dict[str, Value]:
        """All fields of a mapping whose names are not fixed; notes doubled ones."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("这里应是“字段: 值”的形式", "expected fields with values")
            return {}
        return self.fields([str(key.value) for key, _ in self.node.value])

    def items(self) -> Iterator[Value]:
        """The members of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong("这里应是列表", "expected a list")
            return
        for number, node in enumerate(self.node.value, start=1):
            yield Value(node, self.file, f"{self.field}[{number}]", self.problems)

    @property
    def is_null(self) -> bool:
        """Whether the value was left empty or written null or ~."""
        return self.node.tag == "tag:yaml.org,2002:null"

    def text(self, choices: Collection[str] = ()) -> str | None:
        """A text that is not empty, one of `choices` if any are given."""
        text = self.node.value.strip() if isinstance(self.node, yaml.ScalarNode) else ""
        if not text or self.is_null:
            self.wrong("这里要有文字", "text is required here")
            return None
        if choices and text not in choices:
            self.wrong(f"“{text}”不可用；可用：{'、'.join(choices)}", f"{text!r} is not one of {', '.join(choices)}")
            return None
        return text

    def whole(self) -> int | None:
        """A whole number."""
        text = self.text()
        try:
            return None if text is None else int(text)
        except ValueError:
            self.wrong(f"“{text}”不是整数", f"{text!r} is not a whole number")
            return None

    def day(self) -> date | None:
        """A date written 2025-01-31."""
        text = self.text()
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self.wrong(f"“{text}”不是日期，请写成 2025-01-31", f"{text!r} is not a date; write 2025-01-31")
            return None


def read_text(file: Path, problems: Problems) -> str | None:
    """The text of a UTF-8 file, with or without BOM; notes a missing file or another encoding."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.add(file, 0, "", "缺少这个文件", "the file is missing")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.add(file, line, "", "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8; save the file as UTF-8")
    return None


def read_yaml(file: Path, problems: Problems) -> Value | None:
    """The root of a YAML file, or None with the problem noted."""
    text = read_text(file, problems)
    if text is None:
        return None
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.add(file, line, "", f"YAML 写法有误：{error.problem}", f"not valid YAML: {error.problem}")
        return None
    except yaml.YAMLError as error:
        problems.add(file, 0, "", f"YAML 写法有误：{error}", f"not valid YAML: {error}")
        return None
    if node is None:
        problems.add(file, 1, "", "文件是空的", "the file is empty")
        return None
    return Value(node, file, "", problems)
