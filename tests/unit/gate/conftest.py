"""One gate over the national pack, shared by the tests of the room: compiling it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mingcha.gate.service import Gate
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack
from tests.gate import published


@pytest.fixture(scope="session")
def national() -> Pack:
    return load(shipped_pack())


@pytest.fixture(scope="session")
def gate(national: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    gate = Gate(published(tmp_path_factory.mktemp("gate") / "home", national), limit=30)
    yield gate
    gate.close()
