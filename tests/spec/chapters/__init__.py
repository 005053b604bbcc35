"""The chapters of the specification, in the order a reader should meet them."""

from tests.spec.chapters import history, line, related, stays, time, trace

CHAPTERS = (line, related, time, history, stays, trace)
