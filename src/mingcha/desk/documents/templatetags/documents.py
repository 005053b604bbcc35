"""What the documents app adds to other pages: the button that drafts, and the documents that tell of a thing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import template

from mingcha.desk.documents import queries
from mingcha.desk.shell.permissions import opens
from mingcha.procedure.documents import FITTING, KINDS

register = template.Library()


@register.inclusion_tag("documents/_of.html", takes_context=True)
def documents_of_finding(context: template.Context, finding: dict[str, Any]) -> dict[str, Any]:
    """Documents of a finding, and the kinds that may be drafted of it now."""
    request = context["request"]
    if not opens(request.user, "documents"):
        return {}
    kinds = [(kind, KINDS[kind].zh) for kind, steps in FITTING.items() if finding["step"] in steps]
    return {"documents": queries.of_finding(finding["id"]), "kinds": kinds, "number": finding["id"], "token": uuid4(),
            "csrf_token": context.get("csrf_token")}  # fmt: skip


@register.inclusion_tag("documents/_of.html", takes_context=True)
def documents_of_statement(context: template.Context, statement: dict[str, Any]) -> dict[str, Any]:
    """Documents of a statement, and whether its notice may be drafted."""
    request = context["request"]
    if not opens(request.user, "documents"):
        return {}
    found = queries.of_statement(statement["id"])
    standing = any(one["state"] not in ("voided", "discarded") for one in found)
    kinds = [("statement", KINDS["statement"].zh)] if statement["status"] == "approved" and not standing else []
    return {"documents": found, "kinds": kinds, "statement": statement["id"], "token": uuid4(),
            "csrf_token": context.get("csrf_token")}  # fmt: skip
