from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.builders import (
    DAY,
    MINUTE,
    NOW,
    application_set,
    newborn,
    policy,
    settled_since,
    snapshot,
    spoke,
)
from watcher.decide import decide
from watcher.decide.judgement import Judgement
from watcher.decide.kills import Kills
from watcher.decide.plans import Plan, left_of, may_park, planned, unanswered
from watcher.facts import Instant

NOBODY: frozenset[str] = frozenset()


def judged(*opened: tuple[str, Instant, bool]) -> dict[str, Judgement]:
    """Spokes whose one gate opened then, and has settled or not."""
    spokes = [spoke(name, opened={"crds": at}) for name, at, _ in opened]
    apps = [
        settled_since(at, on=name) if settled else newborn(on=name, created_at=at)
        for name, at, settled in opened
    ]
    hub = snapshot(spokes, [application_set("x", "crds")], apps)
    return dict(decide(hub, policy("crds"), NOW).carried.judgements)


HERE = judged(
    ("a", NOW - DAY, True),
    ("b", NOW - 2 * DAY, True),
    ("c", NOW - MINUTE, False),
    ("d", NOW - 2 * MINUTE, False),
    ("e", NOW - DAY, False),
)


def test_half_goes_the_least_settled_first_then_the_unfinished_then_what_opened_last() -> None:
    order = []
    left = dict(HERE)
    while left:
        plan = planned(NOW, left.values())
        assert plan.chosen == len(plan.left) == -(-len(left) // 2)
        order.append(sorted(plan.left))
        left = {uid: each for uid, each in left.items() if uid not in plan.left}
    assert order == [["uid-c", "uid-d", "uid-e"], ["uid-a"], ["uid-b"]]


def test_of_nobody_nobody_goes() -> None:
    assert planned(NOW, []) == Plan(NOW, 0, frozenset())


@pytest.mark.parametrize(
    ("kills", "marks", "is_open"),
    [
        ((), (), False),
        ((NOW,), (), False),
        ((NOW - 20, NOW), (), True),
        ((NOW, NOW), (), True),
        ((NOW - 20, NOW), (NOW,), False),
        ((NOW - 20, NOW + 0.9), (NOW,), False),
        ((NOW - 20, NOW), (NOW - 20,), True),
        ((NOW,), (NOW - 20,), True),
        ((NOW,), (NOW - 20, NOW), False),
        ((NOW,), (NOW - 11 * MINUTE,), False),
        ((NOW - 20, NOW), (NOW + DAY,), True),
    ],
    ids=[
        "never killed",
        "once",
        "twice",
        "told to be looping",
        "answered",
        "answered, in whole seconds",
        "the one before was",
        "the first that this process saw, and marks of another",
        "of these answered",
        "long after",
        "a mark from the future",
    ],
)
def test_a_kill_waits_for_an_answer(
    kills: tuple[Instant, ...], marks: tuple[Instant, ...], is_open: bool
) -> None:
    died = Kills(at=kills, last_at=max(kills, default=None))
    assert unanswered(died, None, marks, NOW) is is_open


def test_a_kill_that_a_plan_was_made_for_is_answered_before_any_mark_shows_it() -> None:
    died = Kills(at=(NOW - 20, NOW), last_at=NOW)
    assert not unanswered(died, Plan(NOW, 1, frozenset("a")), (), NOW)
    assert unanswered(died, Plan(NOW - 20, 1, frozenset("a")), (), NOW)


def test_what_was_parked_or_is_gone_is_no_longer_to_be_parked() -> None:
    plan = planned(NOW, HERE.values())
    parked = HERE["uid-c"]
    inputs = replace(parked.inputs, spoke=replace(parked.inputs.spoke, skip_reconcile=True))
    later = {**HERE, "uid-c": replace(parked, inputs=inputs)}
    del later["uid-d"]
    left = left_of(plan, later, left_alone=NOBODY, stays_up=False)
    assert left == Plan(NOW, 3, frozenset({"uid-e"}))


def test_where_the_controller_stays_up_nothing_more_is_to_be_parked() -> None:
    plan = planned(NOW, HERE.values())
    assert left_of(plan, HERE, left_alone=NOBODY, stays_up=True) == Plan(NOW, 3, frozenset())


def test_what_cannot_be_told_from_another_is_not_parked() -> None:
    assert may_park(HERE["uid-a"], NOBODY)
    assert not may_park(HERE["uid-a"], frozenset({"uid-a"}))
