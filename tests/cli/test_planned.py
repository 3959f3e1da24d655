from __future__ import annotations

from itertools import chain
from time import process_time

import pytest

from tests.builders import application_set, policy, snapshot, spoke
from tests.cli.hubs import AT_ONCE_4, decided, held, rollout, torn, troubled, unlisted
from watcher.cli.planned import Act, Next, Plan, Wanted, planned
from watcher.decide.verdicts import PASSED
from watcher.facts import selector
from watcher.serve import Decided
from watcher.serve.shapes import Reason

FULL = Reason("SpokesInProgress", "4 spokes in progress on shard 0, of 4 at once")


def plan(of: Decided, wanted: Wanted | None = None) -> Plan:
    """The plan by this decision."""
    return planned(of, policy_from="policy.yaml", wanted=wanted or Wanted())


def gates(of: Plan) -> list[tuple[str, str | None]]:
    """Every gate that has a place in it."""
    now, line = ((each.spoke, each.tier) for each in of.now), of.in_line
    single = [*now, *((each.spoke, each.tier) for each in line)]
    groups = (*of.under_way, *of.kept_back, *of.waits, *of.needs_somebody, *of.torn_down)
    return single + [(name, group.tier) for group in groups for name in group.spokes]


@pytest.mark.parametrize(
    "hub",
    [
        rollout(of=12, settled=2, begun=3),
        rollout(of=3, settled=3, begun=0),
        held(),
        troubled(),
        torn(),
    ],
)
def test_every_gate_that_has_not_passed_has_exactly_one_place(hub: Decided) -> None:
    placed = gates(plan(hub))
    missing = [
        (each.name, tier)
        for each in hub.decision.spokes.values()
        for tier, verdict in each.tiers.items()
        if verdict.state not in PASSED
    ]
    closing = [("torn", "compute")] if hub.decision.patches and "torn" in dict(placed) else []
    assert sorted(placed, key=str) == sorted({*missing, *closing}, key=str)


def test_it_opens_what_there_is_room_for_and_the_others_wait_in_line() -> None:
    made = plan(rollout(of=8, settled=1, begun=2))
    assert made.now == (
        Act("spoke-003", "compute", "opens", ahead=False),
        Act("spoke-004", "compute", "opens", ahead=False),
    )
    assert made.in_line == (
        Next(1, "spoke-005", "compute", "2026-03-01T09:05:00Z", (FULL,)),
        Next(2, "spoke-006", "compute", "2026-03-01T09:06:00Z", (FULL,)),
        Next(3, "spoke-007", "compute", "2026-03-01T09:07:00Z", (FULL,)),
    )
    assert made.gates == {"Waiting": 14, "Queued": 5, "Progressing": 2, "Settled": 3}


def test_what_waits_for_another_tier_is_told_apart_by_how_far_that_is() -> None:
    made = plan(rollout(of=8, settled=1, begun=2))
    assert [(each.tier, each.reasons[0].says, len(each.spokes)) for each in made.waits] == [
        ("metrics", "tier compute is Queued", 5),
        ("metrics", "tier compute is Progressing", 2),
        ("apps", "tier compute is Queued", 5),
        ("apps", "tier compute is Progressing", 2),
    ]


def test_what_goes_on_in_many_is_one_group_and_in_few_each_by_itself() -> None:
    (many,) = plan(rollout(of=4, settled=0, begun=4)).under_way
    assert (many.alike, len(many.spokes)) == (False, 4)
    few = plan(rollout(of=3, settled=0, begun=3)).under_way
    assert [(each.alike, each.spokes) for each in few] == [
        (True, ("spoke-000",)),
        (True, ("spoke-001",)),
        (True, ("spoke-002",)),
    ]


def test_who_waits_for_its_ring_is_in_no_line_and_says_all_that_it_waits_for() -> None:
    made = plan(held())
    assert [each.spoke for each in made.now] == ["spoke-000"]
    assert made.in_line == ()
    (kept,) = made.kept_back
    assert [each.name for each in kept.reasons] == ["RingWaits", "ApprovalMissing", "WindowClosed"]
    assert len(kept.spokes) == 4
    rings = {(each.ring, each.tier): each for each in made.rings}
    assert rings["fleet", "compute"].approved is False
    assert {each.state for each in made.needs_somebody} == {"Held"}


def test_what_prevents_worse_comes_first_and_what_a_person_must_mend_is_said() -> None:
    made = plan(troubled())
    assert [(each.spoke, each.does, each.ahead) for each in made.now] == [
        ("lost", "opens", True),
        ("torn", "closes", False),
    ]
    assert made.now[0].reasons[0].name == "LabelGone"
    assert [(each.state, each.spokes) for each in made.needs_somebody] == [
        ("Stalled", ("stalled",)),
    ]
    assert [each.name for each in made.stops] == ["DeletionPending"]


def test_a_teardown_that_is_done_needs_nobody_and_one_that_goes_on_may() -> None:
    made = plan(torn())
    assert [(each.tier, each.spokes) for each in made.torn_down] == [
        ("compute", ("done",)),
        ("apps", ("done",)),
    ]
    assert {each.reasons[0].name for each in made.torn_down} == {"TornDown"}
    assert [(each.tier, each.spokes) for each in made.needs_somebody] == [("compute", ("goes-on",))]


def test_what_stops_the_whole_hub_is_what_all_in_line_wait_for() -> None:
    made = plan(unlisted())
    assert made.now == ()
    assert {each.reasons[0].name for each in made.in_line} == {"NoController"}


def test_a_gate_that_nobody_knows_how_long_it_waits_is_in_line_all_the_same() -> None:
    spokes = [spoke("a", created_at=None), *(spoke(f"b{number}") for number in range(4))]
    hub = decided(snapshot(spokes, [application_set("x", "compute")]), AT_ONCE_4)
    assert plan(hub).now[0].spoke == "a"
    waits = decided(snapshot(spokes, [application_set("x", "compute")], pods=()), AT_ONCE_4)
    assert plan(waits).in_line[0].since is None


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Wanted(spokes=frozenset({"spoke-004"})), {"spoke-004"}),
        (Wanted(labels=selector("ring=canary") or pytest.fail()), {"spoke-000", "spoke-001"}),
        (Wanted(rings=frozenset({"canary"})), {"spoke-000", "spoke-001"}),
    ],
)
def test_a_plan_can_be_about_some_spokes(wanted: Wanted, left: set[str]) -> None:
    made = plan(held(), wanted)
    assert {name for name, _ in gates(made)} == left
    assert made.spokes == len(left)
    assert sum(made.gates.values()) == 3 * len(left)


def test_a_plan_can_be_about_some_tiers() -> None:
    made = plan(held(), Wanted(tiers=frozenset({"apps"})))
    assert {tier for _, tier in gates(made)} == {"apps"}
    assert sum(made.gates.values()) == made.spokes == 6
    assert {each.tier for each in made.rings} <= {"apps"}


def test_who_asks_for_one_spoke_sees_its_place_in_the_whole_line() -> None:
    made = plan(rollout(of=8, settled=1, begun=2), Wanted(spokes=frozenset({"spoke-006"})))
    assert [(each.place, each.spoke) for each in made.in_line] == [(2, "spoke-006")]


def test_a_hub_without_a_spoke_has_a_plan() -> None:
    made = plan(decided(snapshot(), policy("compute")))
    assert gates(made) == []
    assert made.planned_at == "2026-03-02T09:00:00Z"


def test_a_thousand_spokes_are_planned_at_once() -> None:
    hub = rollout(of=1000, settled=10, begun=4)
    began = process_time()
    made = plan(hub)
    assert process_time() - began < 1.0
    assert len(made.in_line) == 986
    assert len(list(chain(made.under_way, made.waits))) < 8
