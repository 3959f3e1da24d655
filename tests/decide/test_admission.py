from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    HOUR,
    MINUTE,
    NOW,
    annotation,
    application,
    application_set,
    newborn,
    next_turn,
    opens,
    policy,
    settled_since,
    snapshot,
    spoke,
    verdict,
)
from watcher.decide import Reason, Snapshot, State, decide
from watcher.decide.admission import Admission, admission
from watcher.decide.context import context
from watcher.decide.judgement import Candidate, Inputs, Judgement, Stage
from watcher.decide.looking import Looked
from watcher.decide.ordered import InForce
from watcher.decide.reasons import (
    ApplicationsInProgress,
    DeletionPending,
    IntervalRuns,
    Opens,
    SpokesInProgress,
)
from watcher.decide.recovery import Recovery
from watcher.decide.rings import Rings
from watcher.decide.rollup import NOTHING, rolled_up
from watcher.decide.roster import roster
from watcher.decide.sharding import sharding
from watcher.decide.verdicts import SpokeVerdicts
from watcher.facts import Elements, Generator, Matrix, Write
from watcher.policy import Budgets, Pacing, Policy, Tier

X, Y = application_set("x", "crds"), application_set("y", "compute")


def limited(*tiers: str, **budgets: Any) -> Policy:
    return policy(*(tiers or ("crds",)), budgets=Budgets(**budgets))


def chosen(hub: Snapshot, of: Policy, at: float = NOW) -> dict[str, tuple[str, ...]]:
    return opens(decide(hub, of, at))


# --- whose turn it is ----------------------------------------------------------------------------


def test_the_one_that_has_waited_longest_goes_first() -> None:
    those = [spoke(name, created_at=NOW - age) for name, age in (("a", 10), ("b", 30), ("c", 20))]
    assert chosen(snapshot(those, [X]), limited(spokes_in_progress=2)).keys() == {"b", "c"}


def test_of_two_that_have_waited_equally_long_the_name_decides() -> None:
    assert chosen(snapshot([spoke("b"), spoke("a")], [X]), limited(spokes_in_progress=1)) == {
        "a": ("crds",)
    }


def test_a_begun_spoke_is_finished_before_a_new_cluster_is_loaded() -> None:
    hub = snapshot(
        [spoke("begun", opened={"crds": NOW - MINUTE}), spoke("new", created_at=NOW - 99 * HOUR)],
        [X, Y],
        [settled_since(NOW - MINUTE, on="begun")],
    )
    one = limited("crds", "compute", spokes_in_progress=1)
    assert chosen(hub, one) == {"begun": ("compute",)}


# --- spokes in progress --------------------------------------------------------------------------


def test_no_more_spokes_than_the_budget_has_places_and_the_others_say_so() -> None:
    hub = snapshot([spoke(name) for name in "abcd"], [X])
    decision = decide(hub, limited(spokes_in_progress=2), NOW)
    assert opens(decision) == {"a": ("crds",), "b": ("crds",)}
    assert verdict(decision, "crds", "a").reasons == (Opens(),)
    assert verdict(decision, "crds", "c").reasons == (SpokesInProgress("0", 2, 2),)
    assert verdict(decision, "crds", "c").state is State.QUEUED


def test_a_spoke_in_progress_has_its_place_whoever_opened_its_gate() -> None:
    hub = snapshot([spoke("a", by_hand=["crds"]), spoke("b")], [X], [newborn()])
    assert chosen(hub, limited(spokes_in_progress=1)) == {}


def test_another_gate_of_a_spoke_in_progress_takes_no_second_place() -> None:
    both = policy("crds", Tier("mesh"), budgets=Budgets(1))
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - 9}), spoke("b")],
        [X, application_set("m", "mesh")],
        [newborn()],
    )
    assert chosen(hub, both) == {"a": ("mesh",)}


def test_a_settled_spoke_takes_no_place() -> None:
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - HOUR}), spoke("b")], [X], [settled_since(NOW - HOUR)]
    )
    assert chosen(hub, limited(spokes_in_progress=1)) == {"b": ("crds",)}


def test_a_budget_of_none_admits_nothing() -> None:
    assert chosen(snapshot([spoke()], [X]), limited(spokes_in_progress=0)) == {}


# --- Applications in progress --------------------------------------------------------------------


TWO_EACH = application_set(
    "x", generators=[Matrix((X.generators[0], Elements(({"n": "1"}, {"n": "2"}))))]
)


def test_no_more_applications_than_the_budget_has_room_for() -> None:
    hub = snapshot([spoke(name) for name in "abc"], [TWO_EACH])
    decision = decide(hub, limited(spokes_in_progress=9, applications_in_progress=5), NOW)
    assert opens(decision).keys() == {"a", "b"}
    assert verdict(decision, "crds", "c").reasons == (ApplicationsInProgress(4, 5),)


def test_what_is_in_progress_already_takes_its_room_absent_or_not() -> None:
    busy = spoke("a", opened={"crds": NOW - 9})
    hub = snapshot([busy, spoke("b")], [TWO_EACH], [newborn()])
    roomy = limited(spokes_in_progress=9, applications_in_progress=4)
    tight = limited(spokes_in_progress=9, applications_in_progress=3)
    assert chosen(hub, roomy) == {"b": ("crds",)}
    assert chosen(hub, tight) == {}


def test_what_has_settled_takes_no_room() -> None:
    apps = [application(name=f"a-x-{at}", uid=str(at)) for at in range(2)]
    hub = snapshot([spoke("a", opened={"crds": NOW - HOUR}), spoke("b")], [TWO_EACH], apps)
    assert chosen(hub, limited(spokes_in_progress=9, applications_in_progress=2)) == {
        "b": ("crds",)
    }


def test_one_that_is_larger_than_the_whole_budget_goes_when_nothing_else_runs() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [TWO_EACH])
    assert chosen(hub, limited(spokes_in_progress=9, applications_in_progress=1)) == {
        "a": ("crds",)
    }


def test_nothing_overtakes_one_that_finds_no_room_or_a_large_one_would_starve() -> None:
    large = application_set(
        "large",
        generators=[Matrix((_only_on("big"), Elements(tuple({"n": str(at)} for at in range(3)))))],
    )
    hub = snapshot(
        [
            spoke("busy", opened={"crds": NOW - 9}),
            spoke("big", created_at=NOW - 99 * HOUR, labels={"size": "big"}),
            spoke("small"),
        ],
        [X, large],
        [newborn(on="busy")],
    )
    assert chosen(hub, limited(spokes_in_progress=9, applications_in_progress=3)) == {}


def _only_on(size: str) -> Generator:
    return application_set("", "crds", labels={"size": size}).generators[0]


# --- the interval --------------------------------------------------------------------------------


def test_with_an_interval_one_gate_opens_and_the_next_says_when() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X])
    decision = decide(hub, limited(spokes_in_progress=9, interval_s=30), NOW)
    assert opens(decision) == {"a": ("crds",)}
    assert verdict(decision, "crds", "b").reasons == (IntervalRuns(NOW + 30),)
    assert decision.wake_at == NOW + 30


def test_the_interval_counts_from_the_record_on_the_secrets_so_a_restart_shortens_nothing() -> None:
    hub = snapshot([spoke("a", opened={"crds": NOW - 20}), spoke("b")], [X], [newborn()])
    spaced = limited(spokes_in_progress=9, interval_s=30)
    assert chosen(hub, spaced) == {}
    assert chosen(hub, spaced, NOW + 9.9) == {}
    assert chosen(hub, spaced, NOW + 10) == {"b": ("crds",)}


def test_the_interval_counts_from_a_patch_that_is_on_its_way() -> None:
    hub = snapshot(
        [spoke("a"), spoke("b")], [X], writes={"a": Write(frozenset({"crds"}), NOW - 20)}
    )
    assert chosen(hub, limited(spokes_in_progress=9, interval_s=30)) == {}


def test_a_record_from_the_future_stops_nobody_else() -> None:
    hub = snapshot([spoke("a", opened={"crds": NOW + 9 * HOUR}), spoke("b")], [X], [newborn()])
    assert chosen(hub, limited(spokes_in_progress=9, interval_s=30)) == {"b": ("crds",)}


def test_lost_gates_wait_for_no_interval() -> None:
    was_open = annotation({"crds": NOW - 1})
    hub = snapshot([spoke("a", opened=was_open)], [X], [settled_since(NOW - 1)])
    assert chosen(hub, limited(spokes_in_progress=0, interval_s=HOUR)) == {"a": ("crds",)}


# --- pending deletions ---------------------------------------------------------------------------


def test_while_a_deletion_is_pending_anywhere_nothing_opens_and_the_application_is_named() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X], [application("x", "gone")])
    decision = decide(hub, policy("crds"), NOW)
    stray = DeletionPending("argocd/gone-x", "argocd/x")
    assert not decision.patches
    assert decision.stops == (stray,)
    for name in "ab":
        assert verdict(decision, "crds", name).reasons == (stray,)


def test_a_lost_gate_opens_while_a_deletion_is_pending() -> None:
    lost = spoke("a", opened=annotation({"crds": NOW - HOUR}))
    hub = snapshot([lost, spoke("b")], [X], [application("x", "gone")])
    assert chosen(hub, policy("crds")) == {"a": ("crds",)}


def test_an_unadopted_gate_is_what_makes_its_own_deletion_pending_and_ends_it() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X], [application()])
    decision = decide(hub, policy("crds"), NOW)
    assert opens(decision) == {"a": ("crds",)}
    adopted = spoke("a", opened={"crds": NOW - HOUR}, resource_version="2")
    after = next_turn(hub, decision, spokes={"uid-a": adopted, "uid-b": spoke("b")})
    assert chosen(after, policy("crds")) == {"b": ("crds",)}


# --- the rule by itself --------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(
            st.integers(-3, 0), st.integers(0, 9), st.sampled_from("abcdef"), st.integers(1, 9)
        ),
        max_size=12,
    ),
    st.sets(st.sampled_from("abcdef")),
    st.integers(0, 4),
    st.none() | st.integers(1, 12),
)
def test_budgets_hold_and_the_first_in_line_is_never_passed_over(
    waiting: list[tuple[int, int, str, int]], busy: set[str], places: int, room: int | None
) -> None:
    candidates = [
        Candidate(0, rank, NOW + since, uid, uid, f"tier-{at}", size)
        for at, (rank, since, uid, size) in enumerate(waiting)
    ]
    budgets = Budgets(places, room)
    turn = _turn(candidates, busy, budgets)
    taken = [c for c in candidates if c.tier in turn.chosen.get(c.uid, ())]
    spokes = busy | {c.uid for c in taken}
    assert len(spokes) <= max(places, len(busy))
    running = len(busy) + sum(c.applications for c in taken)
    assert room is None or running <= room or (not busy and len(taken) == 1) or not taken
    assert room is not None or len(taken) == len([c for c in candidates if c.uid in spokes])
    fit = sorted(c for c in candidates if len(busy) < places or c.uid in busy)
    if fit and (room is None or len(busy) + fit[0].applications <= room or not busy):
        assert fit[0] in taken


def _turn(
    candidates: list[Candidate], busy: set[str], budgets: Budgets, *stops: Reason
) -> Admission:
    roomy = policy("crds", budgets=budgets, pacing=Pacing(99))
    every = context({}, roomy, before=None, known={}, now=NOW)
    judgements = {
        uid: Judgement(
            Inputs(spoke(uid), (), None, None, every),
            SpokeVerdicts(uid, "argocd", uid, {}),
            candidates=tuple(c for c in candidates if c.uid == uid),
            in_progress=uid in busy,
            applications_in_progress=1 if uid in busy else 0,
            stage=Stage.LOADING if uid in busy else Stage.NOTHING,
        )
        for uid in {c.uid for c in candidates} | busy
    }
    rollup = rolled_up(NOTHING, judgements)
    here = Looked(
        orders=InForce(),
        disconnected=frozenset(),
        tallies={},
        context=every,
        roster=roster(()),
        judged=judgements,
        judgements=judgements,
        rollup=rollup,
        nowhere=frozenset(),
        pending=(),
    )
    shards = sharding(snapshot(), roomy, here, NOW)
    return admission(
        rollup,
        shards,
        Rings(roomy, {}, InForce(), judgements, NOW),
        budgets,
        pending=(),
        stops=stops,
        recovery=Recovery(),
        last_at=NOW,
        now=NOW,
    )


@pytest.mark.parametrize("stops", [(), (IntervalRuns(NOW),)], ids=["nothing", "something"])
def test_what_stops_everything_is_what_all_wait_for(stops: tuple[Reason, ...]) -> None:
    turn = _turn([], set(), Budgets(), *stops)
    assert (turn.chosen, turn.waits_for) == ({}, stops)
