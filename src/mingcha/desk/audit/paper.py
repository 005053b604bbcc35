"""The printable page of an audit, written with Django's template engine but outside of any running desk."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from django.template import Context, Engine

from mingcha.desk.audit.report import CERTAINTY_WORDS, Listed, Ranked


def page(head: dict[str, Any], rules: list[Ranked], providers: list[Ranked], findings: list[Listed]) -> str:
    """The complete HTML document. Amounts arrive in fen and leave in yuan."""
    source = (files("mingcha.desk.audit") / "templates" / "audit" / "report.html").read_text("utf-8")
    most = max((rule.counted_fen for rule in rules), default=0) or 1
    return Engine().from_string(source).render(
        Context(
            {
                "head": head | {"yuan": yuan(head["fen"]), "findings": f"{head['findings']:,}",
                                "lines": f"{head['lines']:,}", "unknown": f"{head['unknown']:,}"},
                "rules": [_bar(rule, most) for rule in rules],
                "providers": [_bar(provider, most) for provider in providers[:100]],
                "findings": [
                    row._asdict() | {"words": CERTAINTY_WORDS.get(row.certainty, row.certainty),
                                     "yuan": yuan(row.counted_fen), "day": row.day.isoformat()}
                    for row in findings
                ],
            },
            use_l10n=False,
            use_tz=False,  # pyright: ignore[reportArgumentType]
        )
    )  # fmt: skip


def yuan(fen: int) -> str:
    """1234567 → 12,345.67"""
    return f"{fen / 100:,.2f}"


def _bar(row: Ranked, most: int) -> dict[str, Any]:
    return row._asdict() | {"yuan": yuan(row.counted_fen), "count": f"{row.findings:,}",
                            "share": round(100 * row.counted_fen / most)}  # fmt: skip
