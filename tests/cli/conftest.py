from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.places import Place, answering


@pytest.fixture
def place() -> Iterator[Place]:
    with answering() as made:
        yield made
