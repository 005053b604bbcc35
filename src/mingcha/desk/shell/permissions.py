"""The permission table: every address of the desk and the roles that may open it. A test walks URL × role × status."""

from __future__ import annotations

from mingcha.desk.accounts import delegations
from mingcha.desk.accounts.models import OUTSIDERS, Account, Role

ANYONE = "*"  # also without a login
ALL = "+"  # every post of the office, once logged in; outsiders are named one by one

_REVIEWING = frozenset({Role.SUPERVISOR.value, Role.REVIEWER.value, Role.LEADER.value})
_PORTAL = frozenset({Role.PROVIDER.value})
_ANSWERING = _REVIEWING | _PORTAL | {Role.FINANCE.value}
_DRAFTING = _REVIEWING | {Role.FINANCE.value}
_PAYING = frozenset({Role.FINANCE.value, Role.LEADER.value})
_EVERYBODY = frozenset({ALL})
_ANY_LOGIN = frozenset({ALL}) | OUTSIDERS
_KNOWLEDGE = frozenset({Role.KNOWLEDGE.value})
_CONNECTING = frozenset({Role.SUPERVISOR.value, Role.ADMIN.value})
_OVERSEEN = frozenset({Role.SUPERVISOR.value, Role.LEADER.value})
_ADMIN = frozenset({Role.ADMIN.value})
_OVERSEEING = frozenset({Role.LEADER.value, Role.ADMIN.value})
_CHANGING = frozenset({Role.KNOWLEDGE.value, Role.LEADER.value})
_SNOOZING = frozenset({Role.SUPERVISOR.value, Role.LEADER.value})

PERMISSIONS: dict[str, frozenset[str]] = {
    "health": frozenset({ANYONE}),
    "watermark": _ANY_LOGIN,
    "login": frozenset({ANYONE}),
    "login-code": frozenset({ANYONE}),
    "logout": _ANY_LOGIN,
    "second-step": _ANY_LOGIN,
    "second-step-qr": _ANY_LOGIN,
    "password": _ANY_LOGIN,
    "password-done": _ANY_LOGIN,
    "home": _ANY_LOGIN,
    "findings": _EVERYBODY,
    "findings-export": _REVIEWING,  # bulk data leaves the house only with people who answer for the substance
    "findings-count": _EVERYBODY,
    "findings-counted": _EVERYBODY,
    "jobs": _REVIEWING,
    "jobs-state": _REVIEWING,
    "job-cancel": _REVIEWING,
    "job-file": _REVIEWING,
    "finding": _EVERYBODY,
    "finding-visits": _EVERYBODY,
    "finding-ties": _EVERYBODY,
    "finding-unmask": _REVIEWING,
    "finding-move": _ANSWERING,  # which move is whose stands in procedure.review
    "findings-move": _ANSWERING,
    "findings-assign": _REVIEWING,
    "findings-keep-view": _EVERYBODY,
    "findings-drop-view": _EVERYBODY,
    "finding-papers": _ANSWERING,
    "finding-ask": _REVIEWING,
    "review-terms": frozenset({Role.SUPERVISOR.value, Role.LEADER.value, Role.ADMIN.value}),
    "paper": _ANSWERING | {Role.EXPERT.value},
    "opinions": frozenset({Role.EXPERT.value}),
    "opinion": frozenset({Role.EXPERT.value}),
    "portal": _PORTAL,
    "portal-table": _PORTAL,
    "portal-answers": _PORTAL,
    "portal-finding": _PORTAL,
    "portal-statistics": _PORTAL,
    "portal-statistics-table": _PORTAL,
    "portal-split": _PORTAL,
    "selfcheck": _PORTAL,
    "selfcheck-begin": _PORTAL,
    "selfcheck-run": _PORTAL,
    "selfcheck-state": _PORTAL,
    "selfcheck-refused": _PORTAL,
    "selfcheck-delete": _PORTAL,
    "providers": _EVERYBODY,
    "provider": _EVERYBODY,
    "audits": _EVERYBODY,
    "audit-report": _REVIEWING,
    "money": _ANSWERING,
    "money-statement": _ANSWERING,
    "money-check": _REVIEWING | _PAYING,
    "money-export": _PAYING,
    "money-draft": _PAYING,
    "money-approve": frozenset({Role.LEADER.value}),
    "money-discard": _PAYING,
    "money-receive": _PAYING,
    "money-return": _PAYING,
    "money-plan": _PAYING,
    "money-plan-grant": frozenset({Role.LEADER.value}),
    "money-plan-discard": _PAYING,
    "money-plan-end": frozenset({Role.LEADER.value}),
    "sampling": _REVIEWING,
    "sampling-new": _OVERSEEN,
    "sampling-plan": _REVIEWING,
    "sampling-give": _OVERSEEN,
    "sampling-again": _REVIEWING,
    "sampling-export": _REVIEWING,
    "sampling-case": _REVIEWING | {Role.EXPERT.value},
    "benefits": _DRAFTING,
    "benefits-move": _REVIEWING,  # which level is whose stands in procedure.benefits
    "benefits-export": _REVIEWING,
    "benefits-new": _REVIEWING,
    "benefits-file": _REVIEWING,
    "benefits-template": _REVIEWING,
    "benefits-terms": _OVERSEEING,
    "benefit": _DRAFTING,
    "benefit-move": _REVIEWING,
    "benefit-amend": _REVIEWING,
    "benefit-papers": _REVIEWING,
    "benefit-paper": _DRAFTING,
    "disbursements": _DRAFTING,
    "disbursements-new": _DRAFTING,  # which level is whose, by staffing, stands in procedure.disbursements
    "disbursement": _DRAFTING,
    "disbursement-move": _DRAFTING,
    "disbursement-out": _DRAFTING,
    "disbursement-export": _PAYING,
    "disbursement-return": _DRAFTING,
    "documents": _DRAFTING,
    "documents-zip": _DRAFTING,
    "documents-organ": _OVERSEEN,
    "documents-templates": _OVERSEEN,
    "documents-templates-withdraw": _OVERSEEN,
    "documents-template-file": _OVERSEEN,
    "document": _DRAFTING,
    "document-picture": _DRAFTING,
    "document-pdf": _DRAFTING,
    "document-docx": _DRAFTING,
    "document-draft": _DRAFTING,
    "document-edit": _DRAFTING,
    "document-move": _DRAFTING,
    "document-deliver": _DRAFTING,
    "document-sign": frozenset({Role.LEADER.value}),
    "portal-documents": _PORTAL,
    "portal-document-open": _PORTAL,
    "portal-document-pdf": _PORTAL,
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
    "reminders": _EVERYBODY,
    "reminders-newest": _EVERYBODY,
    "reminders-list": _EVERYBODY,
    "reminders-export": _REVIEWING,
    "reminder-calls": _EVERYBODY,
    "reminder-call": _REVIEWING | _CONNECTING,  # a message says more of a person than any list
    "reminder-call-unmask": _REVIEWING,
    "reminder": _EVERYBODY,
    "reminder-judge": _REVIEWING,
    "onboarding": _EVERYBODY,
    "onboarding-register": _CONNECTING,
    "onboarding-publish": _CONNECTING | _CHANGING,
    "connection": _EVERYBODY,
    "connection-acceptance": _EVERYBODY,
    "connection-virtual": _EVERYBODY,
    "connection-change": _CONNECTING,
    "connection-secrecy": _CONNECTING,
    "connection-move": _CONNECTING,
    "key-hand-out": _CONNECTING,
    "key-revoke": _CONNECTING,
    "problem-open": _CONNECTING,
    "problem-close": _CONNECTING,
    "strengths": _EVERYBODY,
    "strength-set": _CHANGING,
    "strength-withdraw": _CHANGING,
    "dictionary": _EVERYBODY,
    "code-say": _CONNECTING,
    "code-unsay": _CONNECTING,
    "snoozes": _EVERYBODY,
    "snooze-set": _SNOOZING,
    "snooze-end": _SNOOZING,
    "me": _ANY_LOGIN,
    "delegation-lend": _EVERYBODY,
    "delegation-end": _EVERYBODY,
    "recusal-declare": _ANY_LOGIN,
    "recusal-end": _ANY_LOGIN,
    "access-ask": _ANY_LOGIN,
    "recusals": frozenset({Role.LEADER.value, Role.SUPERVISOR.value, Role.ADMIN.value}),
    "access-requests": _ADMIN,
    "access-decide": _ADMIN,
    "areas": _ADMIN,
    "area-add": _ADMIN,
    "area": _ADMIN,
    "area-change": _ADMIN,
    "area-close": _ADMIN,
    "accounts": _ADMIN,
    "account-open": _ADMIN,
    "account-limits": _ADMIN,
    "account": _ADMIN,
    "account-change": _ADMIN,
    "account-act": _ADMIN,
    "notices": _ANY_LOGIN,
    "notices-bell": frozenset({ANYONE}),  # it stands on every page, and leads nobody away from a half-filled form
    "notices-read": _ANY_LOGIN,
    "notice-open": _ANY_LOGIN,
    "notice-wishes": _ANY_LOGIN,
    "notice-wishes-set": _ANY_LOGIN,
    "notice-address": _ANY_LOGIN,
    "notice-channels": _ADMIN,
    "notice-channel-set": _ADMIN,
    "notice-channel-try": _ADMIN,
    "notice-endpoint-add": _ADMIN,
    "notice-endpoint": _ADMIN,
    "notice-endpoint-act": _ADMIN,
    "trail": _OVERSEEING,
    "trail-state": _OVERSEEING,
    "trail-entry": _OVERSEEING,
    "trail-export": _OVERSEEING,
    "trail-verify": _OVERSEEING,
}
"""View name to roles. A view that is not listed is open to nobody."""

POLLING = frozenset({"jobs-state", "findings-counted", "reminders-newest", "change-trial", "trail-state",
                     "notices-bell", "selfcheck-state"})  # fmt: skip
"""Views that pages ask by themselves: they keep nobody logged in who has left the desk."""

SILENT = frozenset({"notices-bell"})
"""Of these, what stands on every page: when the login is over they say nothing, and the next page tells."""


def allowed(view_name: str) -> frozenset[str]:
    """The roles that may open the view; empty when it is not in the table."""
    return PERMISSIONS.get(view_name, frozenset())


def may(role: str, view_name: str) -> bool:
    """Whether the role may open the view; for showing or hiding its links."""
    roles = allowed(view_name)
    return ANYONE in roles or role in roles or (ALL in roles and role not in OUTSIDERS)


def opens(account: Account, view_name: str) -> Account | None:
    """Who lets the account open the view: it itself, else the absent colleague whose post it was lent; None: nobody."""
    if may(account.role, view_name):
        return account
    held = vars(account)  # of this request: a page asks for a dozen links
    if "_lenders" not in held:
        held["_lenders"] = delegations.lenders(account)
    return next((lender for lender in held["_lenders"] if may(lender.role, view_name)), None)


def open_to(view_name: str) -> list[str]:
    """The posts that may open the view, in words."""
    return [role.label for role in Role if may(role.value, view_name)]
