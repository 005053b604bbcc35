"""Who acts on an item and in which post: the own, or that of an absent colleague; and which areas are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mingcha.procedure.benefits import LEVELS, POSTS
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.desk.review.actors import Actor


def levels_of(actor: Actor, staffing: str) -> frozenset[str]:
    """The levels the actor's own role holds in an office so staffed."""
    return frozenset(POSTS.get(staffing, POSTS["full"]).get(actor.role, ()))


def posts(actor: Actor) -> list[Actor]:
    """The actor in the own post, and in each that a colleague lent for today."""
    return [actor, *(replace(actor, role=role, acting_for=name) for name, role in actor.lent)]


def every_level(actor: Actor, staffing: str) -> frozenset[str]:
    """The levels of the own post and of the lent ones; for showing what there is to do."""
    return frozenset().union(*(levels_of(one, staffing) for one in posts(actor)))


def at(actor: Actor, level: str, staffing: str) -> Actor:
    """The actor in a post that holds the level: the own first, then a lent one; the own where none does."""
    return next((one for one in posts(actor) if level in levels_of(one, staffing)), actor)


def in_post(cursor: Any, actor: Actor, level: str, staffing: str) -> Actor:
    """The same for an act of one item; the trail learns whose lent post it is. UsageError where no post does."""
    acting = at(actor, level, staffing)
    if level not in levels_of(acting, staffing):
        zh, en, _ = LEVELS[level]
        raise UsageError(f"您的岗位不能办理待遇{zh}。", f"Your post doesn't act at {en}.")
    speak(cursor, acting)
    return acting


def speak(cursor: Any, actor: Actor) -> None:
    """Let the trail know for whom the actor acts, if for somebody else."""
    if actor.acting_for:
        cursor.execute("SELECT set_config('mingcha.for', %s, true)", [actor.acting_for])


def refuse_unless_within(cursor: Any, area: str) -> None:
    """UsageError for an area that is unknown or not one of the session's."""
    cursor.execute("SELECT facts.in_scope(NULL, %s) AND EXISTS (SELECT FROM facts.area WHERE code = %s)", [area, area])
    if cursor.fetchone() != (True,):
        raise UsageError("请选择自己辖区之内的统筹区。", "Choose an area within your own.")


def held_by(cursor: Any, items: list[int]) -> Mapping[int, Mapping[str, set[str]]]:
    """Who has acted at each level of each item, the lenders of posts among them."""
    cursor.execute("SELECT item_id, level, by, acting_for FROM benefit_move WHERE item_id = ANY(%s)", [items])
    found: dict[int, dict[str, set[str]]] = {}
    for item, level, by, instead in cursor.fetchall():
        found.setdefault(item, {}).setdefault(level, set()).update({by, instead} - {""})
    return found
