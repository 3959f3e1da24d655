from __future__ import annotations

import pytest

from watcher.facts import Kind, Source, Write


def test_kinds_are_written_as_the_hub_names_its_resources() -> None:
    assert list(Kind) == ["applications", "applicationsets", "secrets", "pods", "configmaps"]


@pytest.mark.parametrize("kind", Kind)
def test_a_source_that_was_never_asked_is_not_listed(kind: Kind) -> None:
    """An empty list and no list are two things: only the first may prove that nothing is there."""
    source = Source(kind)
    assert not source.listed
    assert (source.heard_at, source.trouble) == (None, "")


def test_a_write_without_an_answer_has_no_version() -> None:
    assert Write(frozenset({"compute"}), 0.0).resource_version is None
