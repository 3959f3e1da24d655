from __future__ import annotations

from msgspec.structs import replace

from tests.builders import (
    MIB,
    NOW,
    application,
    application_set,
    controller,
    newborn,
    policy,
    reading,
    readings,
    snapshot,
    spoke,
)
from watcher.cli.course import Course
from watcher.decide import Decision, decide
from watcher.facts import Application, Spoke

SETS = [application_set("x", "compute"), application_set("y", "mesh")]


def decision(*spokes: Spoke, apps: tuple[Application, ...] = (), now: float = NOW) -> Decision:
    return decide(snapshot(spokes, SETS, apps), policy("compute", "mesh"), now)


def both(since: float) -> dict[str, float]:
    return {"compute": since, "mesh": since}


def settled(name: str) -> tuple[Application, ...]:
    return (application("x", name), application("y", name))


def course(*decisions: Decision) -> Course:
    made = Course()
    for number, each in enumerate(decisions):
        made.saw(each, NOW + 10.0 * number)
    return made


def test_nothing_is_settled_before_anything_was_seen() -> None:
    assert not Course().settled(0)
    assert not Course().stuck(0)
    assert list(Course().summary()) == []


def test_a_fleet_is_settled_once_every_gate_of_every_spoke_is() -> None:
    done = course(decision(spoke("a", opened=both(NOW - 3000.0)), apps=settled("a")))
    assert done.settled(1)
    assert not done.settled(2), "a spoke that joined has not been seen yet"
    assert not course(decision(spoke("a"))).settled(1)


def test_a_fleet_is_stuck_once_one_has_stalled_and_nothing_else_goes_on() -> None:
    stalled = spoke("a", opened={"compute": NOW - 3600.0})
    apps = (newborn("x", "a", created_at=NOW - 3600.0),)
    assert course(decision(stalled, apps=apps)).stuck(1)
    assert not course(decision(stalled, apps=apps)).stuck(2)
    begun = spoke("b", opened={"compute": NOW})
    assert not course(decision(stalled, begun, apps=apps)).stuck(2)


def test_a_fleet_is_full_once_nothing_goes_on_and_no_shard_has_room() -> None:
    pod = controller(limit_bytes=100 * MIB)

    def full(*spokes: Spoke, apps: tuple[Application, ...] = ()) -> bool:
        hub = snapshot(spokes, SETS, apps, pods=[pod], said=readings(reading()))
        return course(decide(hub, policy("compute", "mesh"), NOW)).full(len(spokes))

    assert full(spoke("a"))
    assert not full(spoke("a", opened=both(NOW - 3000.0)), apps=settled("a"))
    assert not full(spoke("a"), spoke("b", opened={"compute": NOW}))
    assert not course(decision(spoke("a"))).full(1), "a shard without a limit is never full"


def test_each_tier_says_how_long_its_gates_took_from_opening_to_settled() -> None:
    begun = spoke("a", opened={"compute": NOW - 20.0})
    done = spoke("b", opened=both(NOW - 3000.0))
    first = decision(begun, apps=())
    apps = (*settled("b"), replace(application("x", "a"), reconciled_at=NOW))
    second = decision(begun, done, apps=apps)
    assert list(course(first, second, second).summary()) == [
        "compute: 2 settled, the fastest in 30 s, the median in 1520 s, the slowest in 3010 s",
        "mesh: 1 settled, the fastest in 3010 s, the median in 3010 s, the slowest in 3010 s",
    ]


def test_a_tier_in_which_nothing_settled_says_so() -> None:
    assert list(course(decision(spoke("a"))).summary()) == [
        "compute: no gate settled",
        "mesh: no gate settled",
    ]
