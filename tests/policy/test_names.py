from __future__ import annotations

import pytest

from watcher.policy.names import named, note_each_unknown, places
from watcher.policy.reading import Reading


def reading(*keys: str) -> Reading:
    return Reading("p", lines={key: line for line, key in enumerate(keys, 1)})


@pytest.mark.parametrize(
    ("entry", "name"),
    [({"name": "a"}, "a"), ("a", "a"), ({"name": None}, None), ({}, None), (None, None)],
)
def test_an_entry_is_called_by_its_name_or_by_the_word_that_it_is(
    entry: object, name: str | None
) -> None:
    assert named(entry) == name


def test_a_name_has_the_place_at_which_it_stands_first() -> None:
    assert places(reading(), "rings", ["a", None, "b"]) == {"a": 0, "b": 2}


def test_a_name_that_stands_again_is_noted_there() -> None:
    noted = reading("rings[0].name", "rings[1].name")
    assert places(noted, "rings", ["a", "a"]) == {"a": 0}
    assert [str(fault) for fault in noted.faults] == [
        'p:2: rings[1].name: "a" is the name of rings[0] already; give each ring a name of its own'
    ]


def test_only_what_is_unknown_and_not_at_fault_already_is_noted() -> None:
    noted = reading("a[0]", "a[1]", "a[2]")
    noted.fault("a[1]", "is bad", "mend it")
    note_each_unknown(noted, "a", ["crds", "crdz", "zzz"], known=["crds"], thing="tier")
    assert [fault.key for fault in noted.faults] == ["a[1]", "a[2]"]


def test_where_nothing_is_known_nothing_is_unknown() -> None:
    noted = reading("a[0]")
    note_each_unknown(noted, "a", ["crds"], known=[], thing="tier")
    assert noted.faults == []
