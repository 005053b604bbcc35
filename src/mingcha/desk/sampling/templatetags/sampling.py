"""What the sampling app adds to an expert's page: the cases that wait for an answer."""

from __future__ import annotations

from typing import Any

from django import template

from mingcha.desk.sampling import queries

register = template.Library()


@register.inclusion_tag("sampling/_waiting.html", takes_context=True)
def sampled(context: template.Context) -> dict[str, Any]:
    """Cases of samples that were given to the person."""
    return {"waiting": queries.waiting_for(context["request"].user.username)}
