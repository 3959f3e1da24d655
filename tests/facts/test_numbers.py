from __future__ import annotations

from watcher.facts import many, some


def test_one_is_no_plural() -> None:
    assert [many(number, "spoke") for number in range(3)] == ["0 spokes", "1 spoke", "2 spokes"]


def test_a_few_names_are_written_and_the_rest_counted() -> None:
    assert some([]) == ""
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
