from __future__ import annotations

from tests.builders import NOW, application_set, policy, snapshot, spoke
from watcher.decide import Decision, decide
from watcher.decide.coming import coming

POLICY = policy("compute", "mesh")
SETS = [application_set("x", "compute"), application_set("y", "mesh")]


def decided(*names: str) -> Decision:
    spokes = [spoke(name, created_at=NOW - 100.0 * at) for at, name in enumerate(names, 1)]
    return decide(snapshot(spokes, SETS), POLICY, NOW)


def test_who_has_waited_longest_comes_first() -> None:
    assert [each.spoke for each in coming(decided("a", "b", "c"), 9)] == ["c", "b", "a"]


def test_no_more_are_named_than_are_asked_for() -> None:
    assert [(each.spoke, each.tier) for each in coming(decided("a", "b", "c"), 1)] == [
        ("c", "compute")
    ]


def test_where_nobody_waits_nobody_is_next() -> None:
    assert coming(decide(snapshot([], SETS), POLICY, NOW), 9) == ()
