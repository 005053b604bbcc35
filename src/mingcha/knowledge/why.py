"""What applies of a rule in an area, to a provider, on a day; and which layer decided what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mingcha.knowledge.force import is_in_force, parameter, pause_on
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Decision, Pack, Pause, Rule
from mingcha.rules.kind import KINDS
from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class Standing:
    """A rule as it stands: `pack` is the effective one, `rows` its knowledge rows in force that day.

    `pause` is set when the rule is switched off, `waiting` when it has rows neither from the country nor an area.
    """

    pack: Pack
    rule: Rule
    day: date
    parameters: dict[str, Any]
    rows: int
    pause: Pause | None

    @property
    def waiting(self) -> bool:
        return self.rule.waits

    @property
    def in_force(self) -> bool:
        """Whether the rule judges rows of that day."""
        if self.pause is not None or any(value is None for value in self.parameters.values()):
            return False
        return self.rows > 0 if KINDS[self.rule.kind].by_item else self.day >= self.pack.valid_from

    def counts(self, decision: Decision) -> bool:
        """Whether the decision is in effect that day."""
        return decision.since <= self.day <= (decision.until or date.max)


def standing(library: Library, rule: str, area: str | None, provider: str | None, day: date, **who: Any) -> Standing:
    """The rule as it stands there on that day, for an insurance and a level if they are given.

    UsageError, with near names, for a rule that nobody has there.
    """
    pack = library.effective(area, provider)
    try:
        found = pack.rule(rule)
    except KeyError:
        raise UsageError(*_unknown(library, pack, rule)) from None
    return Standing(
        pack=pack,
        rule=found,
        day=day,
        parameters={name: parameter(found, name, day, provider=provider, **who) for name in found.parameters},
        rows=sum(is_in_force(row, day) for row in found.knowledge),
        pause=pause_on(found, day),
    )


def _unknown(library: Library, pack: Pack, rule: str) -> tuple[str, str]:
    from difflib import get_close_matches

    if owners := sorted({p.label for p in library.locals if any(own.id == rule for own in p.own.rules)}):
        where = "、".join(owners)
        return (
            f"规则 {rule} 只在 {where} 里有，那里的规则不适用于这个区划。",
            f"Only {', '.join(owners)} has the rule {rule}, and it doesn't apply to this area.",
        )
    near = get_close_matches(rule, (known := [r.id for r in pack.rules]), 3) or known[:3]
    return (
        f"没有规则 {rule}。相近的有：{'、'.join(near)}；全部规则见 mingcha pack check。",
        f"There is no rule {rule}. Close to it: {', '.join(near)}. `mingcha pack check` lists them all.",
    )
