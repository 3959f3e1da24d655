"""Absent, null and odd things read as nothing."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.parts import part, parts


@pytest.mark.parametrize("odd", [None, {}, {"a": None}, {"a": 3}, {"a": "x"}, {"a": []}, "x", 7])
def test_what_is_no_object_is_an_empty_one(odd: Any) -> None:
    assert part(odd, "a") == {}
    assert part(odd, "a", "b", "c") == {}
    assert parts(odd, "a") == []


def test_what_is_there_is_found_at_its_path() -> None:
    assert part({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert parts({"a": [{"b": 1}, None, "x"]}, "a") == [{"b": 1}]
