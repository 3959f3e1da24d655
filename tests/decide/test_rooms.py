from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import MIB, NOW, controller, policy, reading
from watcher.decide.estimates import Mark, Work
from watcher.decide.judgement import Stage
from watcher.decide.kills import Kills
from watcher.decide.measured import Measured, measured
from watcher.decide.owners import NOBODY, owners
from watcher.decide.reasons import (
    Binds,
    FirstLoad,
    Pressure,
    ShardCools,
    ShardDown,
    ShardUnknown,
    SpokesInProgress,
    WaitsForMemory,
    WithoutLimit,
)
from watcher.decide.rooms import Room, against, room, shard_name, tightest, with_one
from watcher.decide.sites import At, Sites
from watcher.facts import Pod, Reading, Readings
from watcher.policy import Budgets, Memory, Pacing, Policy, Survive

LIMITED = controller(limit_bytes=900 * MIB)
LARGE = controller(limit_bytes=4096 * MIB)
"""Where the transient of one load is small beside what stands, so that the restart binds."""
SOFT = {"soft_limit_bytes": 780.0 * MIB}


def made(
    *latest: Reading,
    pod: Pod = LIMITED,
    of: Policy | None = None,
    trouble: str = "",
    kills: Kills | None = None,
    at: float = NOW,
    standing: int = 0,
    begun: int = 0,
    loads: int = 0,
    later: int = 0,
    soaking: int = 0,
) -> Room:
    """The room of a shard on which so many spokes are at each stage."""
    rules = of or policy("crds")
    stages = {(Stage.STANDING, False): standing, (Stage.STANDING, True): begun}
    stages |= {(Stage.LOADING, False): loads, (Stage.LATER, False): later}
    stages |= {(Stage.SOAKING, False): soaking}
    counts = {At(pod.key, *stage): number for stage, number in stages.items() if number}
    sites = Sites(owners(NOBODY, {pod.key: pod}, {}), counts)
    work = Work(standing + begun + loads + later + soaking, loads, later)
    said, died = Readings(latest, trouble), kills or Kills()
    known = measured(None, pod, said, work, unowned=False, kills=died, memory=rules.memory)
    return room(
        pod, said, known, sites, unowned=False, kills=died, policy=rules, about_at=None, now=at
    )


def seen(**fields: Any) -> Room:
    """One whose controller has shown what a cluster load costs."""
    here = made(reading(8), **fields)
    assert here.measured is not None
    return replace(here, measured=replace(here.measured, learned=_knows(here.measured)))


def _knows(known: Measured) -> Any:
    return replace(known.learned, load_seen=True)


def asked(here: Room, stage: Stage = Stage.NOTHING) -> object:
    return against(here, here.work, stage)


# --- what stops a shard as a whole ---------------------------------------------------------------


def test_an_empty_shard_has_room_for_a_cluster() -> None:
    assert asked(made(reading(8))) is None


def test_without_a_reading_nothing_is_admitted_and_why_is_said() -> None:
    here = made(trouble="connection refused")
    assert asked(here) == ShardUnknown("0", "connection refused")


def test_a_reading_from_ahead_of_our_clock_says_nothing() -> None:
    assert isinstance(asked(made(reading(8, NOW + 3600))), ShardUnknown)
    assert asked(made(reading(8, NOW + 1))) is None


def test_what_the_process_before_said_says_nothing_of_this_one() -> None:
    again = replace(LIMITED, started_at=NOW - 5)
    assert asked(made(reading(8), pod=again)) == ShardUnknown(
        "0", "it was started since it was read"
    )
    assert asked(made(reading(8, process_started_at=NOW - 5), pod=again)) is None


def test_with_an_old_reading_nothing_is_admitted() -> None:
    old = reading(8, NOW - 30)
    here = made(old)
    assert isinstance(asked(here), ShardUnknown)
    fresh = made(old, at=NOW - 0.1)
    assert asked(fresh) is None
    assert fresh.valid_until == NOW


@pytest.mark.parametrize(
    ("pod", "why"),
    [
        (replace(LIMITED, started_at=None, waiting="CrashLoopBackOff"), "CrashLoopBackOff"),
        (replace(LIMITED, started_at=None, phase="Pending"), "Pending"),
        (replace(LIMITED, deleting_since=NOW), "it is being deleted"),
    ],
    ids=["waits", "pending", "deleted"],
)
def test_on_a_controller_that_does_not_run_nothing_is_admitted(pod: Pod, why: str) -> None:
    assert asked(made(reading(8), pod=pod)) == ShardDown("0", why)


def test_one_that_is_pressed_is_given_nothing_until_it_has_cooled_down() -> None:
    here = made(reading(400), standing=1)
    cools = asked(here)
    assert isinstance(cools, ShardCools)
    assert (cools.pressure, cools.until) == (Pressure.HIGH, None)
    assert cools.used_bytes > cools.low_bytes == 0.7 * 900 * MIB


def test_a_killed_one_without_a_limit_cools_by_time_alone() -> None:
    killed = Kills(last_at=NOW - 60)
    here = made(pod=controller(), kills=killed)
    assert asked(here) == ShardCools("0", Pressure.KILLED, 0.0, 0.0, NOW + 60)
    assert here.valid_until == NOW + 60
    assert asked(made(pod=controller(), kills=killed, at=NOW + 60)) is None


def test_a_limit_that_cannot_be_read_is_not_taken_for_none() -> None:
    odd = controller(unreadable=("resources.limits.memory is not a quantity",))
    unknown = ShardUnknown("0", "resources.limits.memory is not a quantity")
    assert asked(made(pod=odd)) == unknown
    assert asked(made(reading(8), pod=odd)) == unknown
    told = policy("crds", memory=Memory(limit_bytes=900 * MIB))
    assert asked(made(reading(8), pod=odd, of=told)) is None


def test_a_heap_without_bound_is_not_known() -> None:
    here = made(reading(8, gogc_percent=None))
    assert isinstance(asked(here), ShardUnknown)


# --- how many at once ----------------------------------------------------------------------------


@pytest.mark.parametrize("said", [(), (reading(8),)], ids=["unread", "read"])
def test_without_a_limit_a_fixed_number_of_spokes_is_in_progress(said: tuple[Reading, ...]) -> None:
    three = made(*said, pod=controller(), loads=2, later=1)
    four = made(*said, pod=controller(), loads=2, later=2)
    assert asked(three) is None
    assert asked(four) == WithoutLimit("0", 4, 4)
    assert asked(four, Stage.STANDING) == WithoutLimit("0", 4, 4)


def test_the_fixed_number_is_the_policys() -> None:
    one = policy("crds", pacing=Pacing(without_limit=1))
    assert asked(made(pod=controller(), of=one, loads=1)) == WithoutLimit("0", 1, 1)


def test_a_budget_holds_on_each_shard_with_a_limit_or_without() -> None:
    two = policy("crds", budgets=Budgets(spokes_in_progress=2))
    assert asked(seen(of=two, loads=1, later=1)) == SpokesInProgress("0", 2, 2)
    assert asked(made(pod=controller(), of=two, loads=2)) == SpokesInProgress("0", 2, 2)


@pytest.mark.parametrize("stage", [Stage.LOADING, Stage.LATER])
def test_another_gate_of_a_spoke_in_progress_takes_no_place_and_its_own_memory(
    stage: Stage,
) -> None:
    assert asked(made(pod=controller(), loads=4), stage) is None
    assert asked(seen(standing=5, loads=1), stage) is None
    assert isinstance(asked(seen(standing=30, loads=1), stage), WaitsForMemory)


def test_one_cluster_is_loaded_until_what_it_costs_was_seen() -> None:
    here = made(reading(8), loads=1)
    assert asked(here) == FirstLoad("0")
    assert asked(here, Stage.STANDING) is None
    assert asked(seen(loads=1)) is None


def test_a_load_that_only_waits_for_a_broken_addon_holds_up_no_other() -> None:
    here = made(*(reading(20, NOW - 60 + at) for at in range(0, 61, 5)), loads=1)
    assert here.measured is not None
    marked = replace(here, work=replace(here.work, loads_begun=1, later_begun=0))
    learned = replace(
        here.measured.learned, marks=(Mark(NOW - 60, 1, 0), Mark(NOW, 1, 0)), work=marked.work
    )
    waits = replace(marked, measured=replace(here.measured, learned=learned))
    assert asked(waits) is None
    began = with_one(waits.work, Stage.NOTHING)
    assert against(waits, began, Stage.NOTHING) == FirstLoad("0")


def test_a_begun_spoke_need_not_wait_for_that() -> None:
    assert asked(made(reading(30), loads=1, begun=1), Stage.STANDING) is None


# --- memory --------------------------------------------------------------------------------------


def test_a_gate_waits_for_memory_and_its_numbers_add_up() -> None:
    reason = asked(seen(standing=15, later=6))
    assert isinstance(reason, WaitsForMemory)
    assert reason.binds is Binds.RUNNING
    assert reason.limit_bytes == 0.85 * 900 * MIB
    total = reason.used_bytes + reason.reserved_bytes + reason.predicted_bytes
    assert total > reason.limit_bytes
    assert min(reason.used_bytes, reason.reserved_bytes, reason.predicted_bytes) > 0


def test_nothing_opens_that_would_leave_the_shard_unable_to_start() -> None:
    reason = asked(seen(pod=LARGE, standing=101))
    assert isinstance(reason, WaitsForMemory)
    assert (reason.binds, reason.about_at) == (Binds.RESTART, None)
    assert reason.used_bytes <= reason.limit_bytes
    assert reason.used_bytes + reason.predicted_bytes > reason.limit_bytes


def test_unless_people_chose_to_survive_only_while_it_runs() -> None:
    running = policy("crds", memory=Memory(survive=Survive.RUNNING))
    assert asked(seen(pod=LARGE, of=running, standing=101)) is None


def test_a_begun_spoke_is_finished_on_a_shard_that_has_no_room_for_another_cluster() -> None:
    full = seen(pod=LARGE, standing=101, begun=1)
    assert isinstance(asked(full), WaitsForMemory)
    assert asked(full, Stage.STANDING) is None


def test_room_is_kept_for_the_begun_spokes_next_gates() -> None:
    fits = seen(standing=14)
    kept_free = seen(standing=6, begun=8)
    assert asked(fits) is None
    assert isinstance(asked(kept_free), WaitsForMemory)
    assert asked(kept_free, Stage.STANDING) is None


def test_under_gomemlimit_nearly_twice_as_many_fit() -> None:
    def most(**said: Any) -> int:
        for spokes in range(100):
            here = made(reading(8, **said), standing=spokes)
            if asked(here) is not None:
                return spokes
        return 100

    assert 1.7 < most(**SOFT) / most() < 2.3


def test_a_parked_spoke_that_comes_back_is_a_cluster_load() -> None:
    assert asked(made(reading(8), loads=1), Stage.PARKED) == FirstLoad("0")
    assert with_one(Work(1), Stage.PARKED) == with_one(Work(1), Stage.NOTHING)


# --- properties ----------------------------------------------------------------------------------


works = st.builds(Work, st.integers(0, 40), st.integers(0, 10), st.integers(0, 10))


@given(works, st.sampled_from([Stage.NOTHING, Stage.STANDING]), st.integers(0, 40))
def test_where_there_is_no_room_more_work_makes_none(work: Work, stage: Stage, more: int) -> None:
    here = seen()
    fuller = Work(work.spokes + more, work.loads + more, work.later + more)
    if against(here, work, stage) is not None:
        assert against(here, fuller, stage) is not None


@given(works, st.integers(0, 900), st.integers(0, 900))
def test_where_there_is_no_room_a_lower_limit_makes_none(work: Work, one: int, two: int) -> None:
    low, high = sorted((one, two))
    tight, roomy = (seen(pod=replace(LIMITED, limit_bytes=limit * MIB)) for limit in (low, high))
    if against(roomy, work, Stage.NOTHING) is not None:
        assert against(tight, work, Stage.NOTHING) is not None


# --- names ---------------------------------------------------------------------------------------


def test_a_shard_is_shown_by_its_number_or_else_by_its_pods_name() -> None:
    assert shard_name(controller(3)) == "3"
    assert shard_name(controller(None)) == "argocd-application-controller-x7k2p"


def test_the_tightest_is_the_one_of_whose_smaller_capacity_least_is_left() -> None:
    could_not_start = seen(pod=replace(LARGE, name="full"), standing=101)
    busy = seen(pod=replace(LARGE, name="busy"), standing=60, loads=6)
    every = {each.pod.key: each for each in (busy, could_not_start)}
    assert tightest(every) == could_not_start


def test_what_nobody_owns_is_charged_to_the_tightest_that_is_up() -> None:
    full = seen(pod=replace(LIMITED, name="full"), standing=18)
    empty = seen(pod=replace(LIMITED, name="empty"))
    down = made(pod=replace(LIMITED, name="down", started_at=None))
    every = {each.pod.key: each for each in (empty, down, full)}
    assert tightest(every) == full
    assert tightest({down.pod.key: down}) == down
    assert tightest({}) is None


# --- what only soaks -----------------------------------------------------------------------------


def test_what_is_reserved_is_free_again_once_a_gate_is_only_watched() -> None:
    assert isinstance(asked(seen(loads=11)), WaitsForMemory)
    assert asked(seen(soaking=11)) is None


def test_a_spoke_that_is_only_watched_stands_in_memory() -> None:
    watched, stands = seen(soaking=9), seen(standing=9)
    assert watched.work == stands.work
    assert watched.free_bytes == stands.free_bytes


def test_a_spoke_that_is_only_watched_has_its_place() -> None:
    two = policy("crds", budgets=Budgets(spokes_in_progress=2))
    here = seen(of=two, soaking=1, later=1)
    assert asked(here) == SpokesInProgress("0", 2, 2)
    assert asked(here, Stage.SOAKING) is None, "another gate there takes no place more"


def test_another_gate_beside_one_that_is_only_watched_needs_memory_as_any_does() -> None:
    full = seen(standing=33, soaking=1)
    assert isinstance(asked(full, Stage.SOAKING), WaitsForMemory)
    assert with_one(full.work, Stage.SOAKING) == with_one(full.work, Stage.STANDING)
