"""What is wrong with a pack: all of it at once, each with file, line and field, so that one pass mends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mingcha.terms.errors import InputError
from mingcha.terms.language import pick

SHOWN = 50
"""How many problems the message of an error lists; `problems` has them all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it is, what it is, what to do about it."""

    file: str
    line: int
    field: str
    zh: str
    en: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line or None, self.field or None) if part)
        return f"{place}: {pick(self.zh, self.en)}"


class PackError(InputError):
    """A pack that can't be used; `problems` is complete and in reading order."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self.path = path
        self.problems = problems
        count = len(problems)
        listed = [f"  {problem}" for problem in problems[:SHOWN]]
        super().__init__(
            "\n".join([f"规则包 {path} 有 {count} 处要改：", *listed, *_rest(f"  …… 还有 {count - SHOWN} 处", count)]),
            "\n".join([f"Pack {path} has {count} problem(s):", *listed, *_rest(f"  … {count - SHOWN} more", count)]),
        )


def _rest(sentence: str, count: int) -> list[str]:
    return [sentence] if count > SHOWN else []


@dataclass
class Problems:
    """Collects problems while files are read; nothing stops at the first one."""

    root: Path
    found: list[Problem] = field(default_factory=list)

    def add(self, file: Path, line: int, name: str, zh: str, en: str) -> None:
        """Note one problem; `file` is shown relative to the pack."""
        shown = file.relative_to(self.root) if file.is_relative_to(self.root) else file
        self.found.append(Problem(str(shown), line, name, zh, en))

    def raise_if_any(self) -> None:
        """PackError when anything was noted."""
        if self.found:
            raise PackError(self.root, tuple(self.found))
