"""Nothing invalid can be built, and a node has no truth value of its own."""

import pytest

from mingcha.rules import algebra as a
from mingcha.rules.frames import LINE, TRACE, other, row
from mingcha.rules.kind import KINDS

line = row(LINE)


@pytest.mark.parametrize(
    "build",
    [
        lambda: a.Compare(">", line.quantity, line.item),
        lambda: line.quantity & line.item,
        lambda: ~line.quantity,
        lambda: line.item + 1,
        lambda: a.Days(line.day, line.quantity),
        lambda: a.OneOf(line.item, line.item),
        lambda: a.If(line.quantity > 1, line.quantity, line.item),
        lambda: a.Running("x", "sum", None, (line.person,)),
        lambda: a.Running("x", "days", line.quantity, (line.person,)),
        lambda: a.Exists("x", "line", (), a.Literal(True)),
        lambda: line.no_such_column,
        lambda: row(TRACE).encounter,
    ],
)
def test_what_does_not_fit_cannot_be_built(build) -> None:
    with pytest.raises(a.AlgebraError):
        build()


def test_a_node_has_no_truth_value() -> None:
    with pytest.raises(a.AlgebraError, match="combine conditions"):
        bool(line.quantity > 1)


def test_nullability_follows_from_the_operands() -> None:
    assert not (line.quantity > 1).nullable
    assert (line.second > 1).nullable
    assert line.encounter.sex.nullable, "a parent may be absent"
    assert not a.IsMissing(line.second).nullable
    assert a.Exists("x", "line", ((line.person, "person"),), other(LINE).second > 1).nullable


def test_a_kinds_version_is_that_of_its_definition() -> None:
    versions = {kind.name: kind.version for kind in KINDS.values()}
    assert len(set(versions.values())) == len(versions)
    assert versions == {kind.name: kind.version for kind in KINDS.values()}
