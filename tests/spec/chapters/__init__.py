"""The chapters of the specification, in the order a reader should meet them."""

from tests.spec.chapters import (
    amounts,
    coding,
    history,
    line,
    peers,
    prescriptions,
    providers,
    registers,
    related,
    reports,
    routine,
    stays,
    time,
    trace,
)

CHAPTERS = (
    line, related, prescriptions, time, amounts, history, stays, coding, trace, registers, providers, reports, routine,
    peers,
)  # fmt: skip
