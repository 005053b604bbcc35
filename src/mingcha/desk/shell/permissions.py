"""The permission table: every address of the desk and the roles that may open it. A test walks URL × role × status."""

from __future__ import annotations

from mingcha.desk.accounts.models import Role

ANYONE = "*"  # also without a login
ALL = "+"  # every role, once logged in

_REVIEWING = frozenset({Role.SUPERVISOR.value, Role.REVIEWER.value, Role.LEADER.value})
_EVERYBODY = frozenset({ALL})
_KNOWLEDGE = frozenset({Role.KNOWLEDGE.value})
_CHANGING = frozenset({Role.KNOWLEDGE.value, Role.LEADER.value})

PERMISSIONS: dict[str, frozenset[str]] = {
    "health": frozenset({ANYONE}),
    "login": frozenset({ANYONE}),
    "logout": _EVERYBODY,
    "password": _EVERYBODY,
    "password-done": _EVERYBODY,
    "home": _EVERYBODY,
    "findings": _EVERYBODY,
    "findings-export": _REVIEWING,  # bulk data leaves the house only with people who answer for the substance
    "finding": _EVERYBODY,
    "providers": _EVERYBODY,
    "provider": _EVERYBODY,
    "audits": _EVERYBODY,
    "audit-report": _REVIEWING,
    "library": _EVERYBODY,
    "rule": _EVERYBODY,
    "rule-rows": _EVERYBODY,
    "rule-rows-csv": _EVERYBODY,
    "rule-change": _KNOWLEDGE,
    "changes": _CHANGING,
    "change": _CHANGING,
    "change-trial": _CHANGING,
    "change-edit": _KNOWLEDGE,
    "change-move": _CHANGING,  # which move is whose stands in procedure.rule_life
    "accounts": frozenset({Role.ADMIN.value}),
}
"""View name to roles. A view that is not listed is open to nobody."""


def allowed(view_name: str) -> frozenset[str]:
    """The roles that may open the view; empty when it is not in the table."""
    return PERMISSIONS.get(view_name, frozenset())


def may(role: str, view_name: str) -> bool:
    """Whether the role may open the view; for showing or hiding its links."""
    roles = allowed(view_name)
    return bool(roles & {ANYONE, ALL}) or role in roles
