"""A controller that is killed again and again, and what is parked for it.

The hub here is a handful of Secrets whose Applications stand still, one controller without a limit,
so that memory is never in the way of a return, and a clock moved by hand. A story says what happens
to the controller, and looks at what is parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    application_set,
    controller,
    newborn,
    opens,
    policy,
    reading,
    settled_since,
    snapshot,
    sources,
    spoke,
    verdict,
)
from tests.decide.world import written
from watcher.decide import Carried, Decision, Parking, PatchGates, State, decide
from watcher.decide.reasons import (
    DeletionPending,
    Parked,
    ParkedFirst,
    RecoveryRefused,
    RecoveryWaits,
    SpokeReturns,
    WaitsForMemory,
)
from watcher.decide.recovery import RETURNS_S, refused
from watcher.facts import (
    Application,
    ApplicationSet,
    Ended,
    Instant,
    Readings,
    Refusal,
    Spoke,
    Write,
    rfc3339,
)
from watcher.policy import Budgets, Policy, Recovery

X = application_set("x", "crds")
PARK = policy("crds", recovery=Recovery.PARK, stale_after_s=HOUR)
OFF = policy("crds")
COOL_S = PARK.memory.cool_down_s


class Hub:
    """The hub, and a watcher on it."""

    def __init__(self, *spokes: Spoke, apps: Iterable[Application] = (), **fields: Any) -> None:
        self.now: Instant = NOW
        self.spokes = {each.uid: each for each in spokes}
        self.sets: list[ApplicationSet] = [X]
        self.apps = {each.key: each for each in apps}
        self.pods = {controller().key: controller()}
        self.policy: Policy = PARK
        self.readings: Mapping[str, Readings] = {}
        self.writes: dict[str, Write] = {}
        self.refusals: dict[str, Refusal] = {}
        self.guarded: bool | None = None
        self.carried = Carried()
        self.patches: list[PatchGates] = []
        for name, value in fields.items():
            setattr(self, name, value)

    def turn(self, *, after_s: float = 0.0, carry_out: bool = True) -> Decision:
        """A decision so many seconds later, carried out at once."""
        self.now += after_s
        decision = decide(
            snapshot(
                self.spokes.values(),
                self.sets,
                self.apps.values(),
                heard=sources(self.now),
                writes=self.writes,
                refusals=self.refusals,
                guarded=self.guarded,
                pods=self.pods.values(),
                said=self.readings,
                carried=self.carried,
            ),
            self.policy,
            self.now,
        )
        self.carried = decision.carried
        if carry_out:
            self.carry_out(decision.patches)
        return decision

    def carry_out(self, patches: Iterable[PatchGates]) -> None:
        """The API server takes these."""
        for patch in patches:
            self.patches.append(patch)
            self.spokes[patch.spoke] = written(self.spokes[patch.spoke], patch)

    def killed(self, number: int = 0, *, after_s: float = 20.0) -> Decision:
        """The controller is killed for its memory; what a turn does about it, and the next one."""
        self.now += after_s
        before = self.pods[controller(number).key]
        self.pods[before.key] = replace(
            before,
            ready=False,
            started_at=None,
            waiting="CrashLoopBackOff",
            restarts=before.restarts + 1,
            ended=Ended("OOMKilled", 137, self.now),
        )
        decision = self.turn(after_s=1)
        self.turn()
        return decision

    def comes_up(self, number: int = 0) -> Decision:
        """The controller runs again."""
        before = self.pods[controller(number).key]
        self.pods[before.key] = replace(before, ready=True, started_at=self.now, waiting="")
        return self.turn()

    def compared(self, name: str) -> Decision:
        """Argo CD looks at the Applications of a spoke."""
        for key, app in self.apps.items():
            if app.server == f"https://{name}.example.com":
                self.apps[key] = replace(app, reconciled_at=self.now)
        return self.turn()

    def watcher_starts_anew(self) -> Decision:
        """Another watcher leads, and knows only what the hub says."""
        self.carried = Carried()
        return self.turn()

    @property
    def parked(self) -> set[str]:
        """The spokes that Argo CD was told to ignore."""
        return {each.name for each in self.spokes.values() if each.skip_reconcile}


def fleet(settled: str = "abcd", starting: str = "efgh", **fields: Any) -> Hub:
    """Spokes with one gate open: these have settled long ago, those have just begun."""
    spokes = [spoke(name, opened={"crds": NOW - DAY}) for name in settled]
    spokes += [spoke(name, opened={"crds": NOW - MINUTE}) for name in starting]
    apps = [settled_since(NOW - DAY, on=name) for name in settled]
    apps += [newborn(on=name, created_at=NOW - MINUTE) for name in starting]
    return Hub(*spokes, apps=apps, **fields)


def killed_twice(hub: Hub) -> Decision:
    hub.turn()
    hub.killed()
    return hub.killed()


# --- parking -------------------------------------------------------------------------------------


def test_one_kill_parks_nothing() -> None:
    hub = fleet()
    hub.turn()
    hub.killed()
    assert hub.parked == set()


def test_the_second_kill_within_ten_minutes_parks_half_the_least_settled_first() -> None:
    hub = fleet()
    decision = killed_twice(hub)
    assert hub.parked == set("efgh")
    assert {patch.parking for patch in decision.patches} == {Parking.PARKS}
    assert all(patch.urgent and not patch.labels for patch in decision.patches)
    assert {each.parked for each in hub.spokes.values() if each.skip_reconcile} == {
        rfc3339(NOW + 41)
    }


def test_two_kills_further_apart_than_ten_minutes_park_nothing() -> None:
    hub = fleet()
    hub.turn()
    hub.killed()
    hub.comes_up()
    hub.killed(after_s=10 * MINUTE)
    assert hub.parked == set()


def test_with_recovery_off_nothing_is_parked() -> None:
    hub = fleet(policy=OFF)
    killed_twice(hub)
    hub.killed()
    assert hub.patches == []


def test_half_is_rounded_up() -> None:
    hub = fleet("abc", "de")
    killed_twice(hub)
    assert hub.parked == set("ade")


def test_each_further_kill_parks_half_of_what_is_left() -> None:
    hub = fleet()
    killed_twice(hub)
    hub.killed()
    assert len(hub.parked) == 6
    hub.killed()
    assert len(hub.parked) == 7
    hub.killed()
    assert hub.parked == set("abcdefgh")
    decision = hub.killed()
    assert decision.shards[controller().key].recovery[0] == RecoveryRefused(
        "0", "no spoke that may be parked is left on it"
    )


def test_for_one_kill_nothing_is_parked_twice() -> None:
    hub = fleet()
    killed_twice(hub)
    for _ in range(5):
        hub.turn(after_s=1)
    hub.comes_up()
    assert hub.parked == set("efgh")


def test_what_was_not_sent_in_one_turn_is_sent_in_the_next() -> None:
    hub = fleet()
    hub.turn()
    hub.killed()
    decision = _killed_without_carrying_out(hub)
    hub.carry_out(decision.patches[:1])
    again = hub.turn(after_s=1, carry_out=False)
    assert [each.spoke for each in again.patches] == [each.spoke for each in decision.patches[1:]]


def _killed_without_carrying_out(hub: Hub) -> Decision:
    hub.now += 20
    before = hub.pods[controller().key]
    ended = Ended("OOMKilled", 137, hub.now)
    hub.pods[before.key] = replace(before, restarts=before.restarts + 1, ended=ended)
    return hub.turn(after_s=1, carry_out=False)


def test_who_unparks_by_hand_is_not_parked_again_for_the_same_kill() -> None:
    hub = fleet()
    killed_twice(hub)
    taken = hub.spokes["uid-e"]
    hub.spokes["uid-e"] = replace(taken, skip_reconcile=False, parked=None)
    hub.turn(after_s=1)
    assert hub.parked == set("fgh")
    hub.killed()
    assert "e" in hub.parked


def test_a_spoke_that_is_being_patched_waits_for_that() -> None:
    hub = fleet()
    hub.writes["e"] = Write(frozenset({"crds"}), NOW)
    killed_twice(hub)
    assert hub.parked == set("fgh")
    hub.writes.clear()
    hub.turn(after_s=1)
    assert hub.parked == set("efgh")


def test_a_spoke_whose_patch_was_refused_waits_for_that() -> None:
    hub = fleet()
    hub.refusals["e"] = Refusal(403, "no right", NOW, NOW + HOUR)
    decision = killed_twice(hub)
    assert hub.parked == set("fgh")
    assert decision.wake_at is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"server": "https://kubernetes.default.svc"},
        {"server": "https://kubernetes.default.svc/"},
        {"name": "in-cluster"},
        {"skip_reconcile": True},
        {"deleting_since": NOW},
        {"unreadable": ("data.name",)},
        {"server": "https://a.example.com"},
    ],
    ids=str,
)
def test_what_is_not_the_watchers_to_park_is_left_alone(fields: dict[str, Any]) -> None:
    hub = fleet("abcd", "")
    own = replace(spoke("own", opened={"crds": NOW - MINUTE}), **fields)
    hub.spokes[own.uid] = own
    started = newborn(on="own", created_at=NOW - MINUTE)
    hub.apps[started.key] = started
    killed_twice(hub)
    for _ in range(4):
        hub.killed()
    assert hub.spokes[own.uid] is own


def test_a_spoke_with_nothing_on_it_gives_no_memory_back_and_is_not_parked() -> None:
    hub = fleet("abcd", "")
    hub.spokes |= {f"uid-{name}": spoke(name) for name in "yz"}
    hub.policy = policy("crds", budgets=Budgets(0), recovery=Recovery.PARK)
    killed_twice(hub)
    assert len(hub.parked) == 2
    assert hub.parked.isdisjoint("yz")


def test_a_teardown_waits_for_the_return_of_a_spoke_that_is_parked_in_that_moment() -> None:
    hub = fleet("ab", "")
    hub.turn()
    hub.killed()
    for uid in ("uid-a", "uid-b"):
        hub.spokes[uid] = replace(hub.spokes[uid], teardown="*")
    decision = hub.killed()
    (parks,) = (each for each in decision.patches if each.parking is Parking.PARKS)
    (other,) = (each for each in decision.patches if each is not parks)
    assert (parks.closes, other.closes) == ((), ("crds",))
    assert len(hub.parked) == 1


def test_only_the_spokes_of_the_shard_that_is_killed_are_parked() -> None:
    hub = fleet("abcd", "efgh")
    hub.pods[controller(1).key] = controller(1)
    for uid, each in hub.spokes.items():
        hub.spokes[uid] = replace(each, shard="0" if each.name in "abef" else "1")
    hub.turn()
    hub.killed(1)
    hub.killed(1)
    assert hub.parked == set("gh")


def test_nothing_is_parked_while_a_write_to_a_secret_would_delete() -> None:
    hub = fleet()
    hub.sets.append(application_set("y", "crds", labels={"enable_y": "true"}))
    stray = settled_since(NOW - DAY, "y", on="a")
    hub.apps[stray.key] = stray
    decision = killed_twice(hub)
    assert DeletionPending(stray.key, "argocd/y") in decision.stops
    assert hub.parked == set()
    del hub.apps[stray.key]
    hub.turn(after_s=1)
    assert hub.parked == set("efgh")


# --- before Argo CD 3.4 --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "fit"),
    [
        ("quay.io/argoproj/argocd:v3.4.0", True),
        ("quay.io/argoproj/argocd:v3.4.0-rc1", True),
        ("registry.example.com:5000/argocd:3.5", True),
        ("quay.io/argoproj/argocd:v4.0.0@sha256:0123", True),
        ("quay.io/argoproj/argocd:v3.10.2", True),
        ("quay.io/argoproj/argocd:v3.3.9", False),
        ("quay.io/argoproj/argocd:v2.14.0", False),
        ("quay.io/argoproj/argocd:latest", False),
        ("quay.io/argoproj/argocd@sha256:0123", False),
        ("registry.example.com:5000/argocd", False),
        ("", False),
    ],
)
def test_parking_is_for_an_argo_cd_that_says_it_heeds_it(image: str, fit: bool) -> None:
    assert (refused(controller(image=image)) == "") is fit


def test_an_argo_cd_that_would_not_heed_it_is_not_parked_on_and_that_is_said() -> None:
    hub = fleet()
    hub.pods[controller().key] = controller(image="quay.io/argoproj/argocd:v3.3.1")
    decision = killed_twice(hub)
    assert hub.patches == []
    (said,) = decision.shards[controller().key].recovery
    assert isinstance(said, RecoveryRefused)
    assert "3.3" in said.why


# --- coming back ---------------------------------------------------------------------------------


def test_the_parked_come_back_one_by_one_once_the_controller_stays_up() -> None:
    hub = fleet("ab", "cd")
    killed_twice(hub)
    assert hub.parked == set("cd")
    decision = hub.comes_up()
    up_at = hub.now + COOL_S
    assert decision.wake_at is not None
    assert decision.wake_at <= up_at
    assert decision.shards[controller().key].recovery == (RecoveryWaits("0", 2, up_at),)
    assert verdict(decision, "crds", on="c").reasons == (
        Parked(NOW + 41),
        RecoveryWaits("0", 2, up_at),
    )
    hub.turn(after_s=COOL_S - 1)
    assert hub.parked == set("cd")
    decision = hub.turn(after_s=1)
    assert len(hub.parked) == 1
    assert [patch.parking for patch in decision.patches] == [Parking.UNPARKS]

    hub.turn(after_s=1)
    decision = hub.turn(after_s=1)
    assert len(hub.parked) == 1, "the first is on its way"
    (first,) = set("cd") - hub.parked
    (second,) = hub.parked
    assert decision.shards[controller().key].recovery == (SpokeReturns("0", first, 1),)
    assert SpokeReturns("0", first, 1) in verdict(decision, "crds", on=second).reasons

    hub.compared(first)
    hub.turn()
    assert hub.parked == set()
    assert all(each.parked is None for each in hub.spokes.values())
    assert {patch.parking for patch in hub.patches} == {Parking.PARKS, Parking.UNPARKS}


def test_one_whose_return_takes_too_long_holds_the_others_up_no_longer() -> None:
    hub = fleet("ab", "cd")
    killed_twice(hub)
    hub.comes_up()
    hub.turn(after_s=COOL_S)
    decision = hub.turn(after_s=1)
    assert decision.wake_at == hub.now + RETURNS_S
    hub.turn(after_s=RETURNS_S - 1)
    assert len(hub.parked) == 1
    hub.turn(after_s=1)
    assert hub.parked == set()


def test_a_kill_while_they_come_back_parks_again_and_the_wait_begins_anew() -> None:
    hub = fleet("ab", "cd")
    killed_twice(hub)
    hub.comes_up()
    hub.turn(after_s=COOL_S)
    assert len(hub.parked) == 1
    hub.killed(after_s=5)
    assert len(hub.parked) == 3
    hub.comes_up()
    hub.turn(after_s=COOL_S - 1)
    assert len(hub.parked) == 3
    hub.turn(after_s=1)
    assert len(hub.parked) == 2


def test_a_return_waits_for_memory_like_any_cluster_and_the_gates_say_so() -> None:
    hub = fleet("ab", "cd")
    killed_twice(hub)
    hub.comes_up()
    pod = replace(hub.pods[controller().key], limit_bytes=250 * 2**20)
    hub.pods[pod.key] = pod
    for _ in range(int(COOL_S) // 5 + 2):
        hub.now += 5
        shown = reading(30, at=hub.now, process_started_at=pod.started_at)
        hub.readings = {pod.key: Readings((shown,))}
        decision = hub.turn()
    assert hub.parked == set("cd")
    for name in "cd":
        said, waits = verdict(decision, "crds", on=name).reasons
        assert said == Parked(NOW + 41)
        assert isinstance(waits, WaitsForMemory)


def test_no_new_cluster_is_loaded_before_the_parked_are_back() -> None:
    hub = fleet("ab", "cd")
    killed_twice(hub)
    hub.spokes["uid-new"] = spoke("new")
    hub.comes_up()
    decision = hub.turn(after_s=COOL_S)
    assert len(hub.parked) == 1
    assert opens(decision) == {(set("cd") - hub.parked).pop(): ()}
    decision = hub.turn(after_s=1)
    assert not decision.patches
    assert verdict(decision, "crds", on="new").reasons == (ParkedFirst("0", 1),)
    (first,) = set("cd") - hub.parked
    hub.compared(first)
    decision = hub.turn(after_s=1)
    assert hub.parked == set()
    assert opens(decision)["new"] == ("crds",)


def test_a_parked_spoke_whose_patch_is_refused_holds_no_new_one_up() -> None:
    hub = fleet("ab", "c")
    killed_twice(hub)
    hub.comes_up()
    (first, second) = sorted(hub.parked)
    hub.spokes["uid-new"] = spoke("new")
    hub.refusals = {
        name: Refusal(403, "no right", hub.now, hub.now + HOUR) for name in (first, second)
    }
    assert opens(hub.turn(after_s=COOL_S)) == {"new": ("crds",)}


def test_with_recovery_switched_off_in_between_they_stay_parked() -> None:
    hub = fleet()
    killed_twice(hub)
    hub.policy = OFF
    hub.comes_up()
    hub.turn(after_s=HOUR)
    assert hub.parked == set("efgh")


def test_a_parked_spoke_is_held_and_takes_no_place_in_the_budgets() -> None:
    hub = fleet("", "ab")
    killed_twice(hub)
    decision = hub.turn(after_s=1)
    (parked,) = hub.parked
    assert verdict(decision, "crds", on=parked).state is State.HELD
    assert not hub.carried.judgements[f"uid-{parked}"].in_progress


def test_what_a_person_took_back_only_loses_its_mark() -> None:
    hub = fleet()
    killed_twice(hub)
    hub.patches.clear()
    hub.spokes["uid-e"] = replace(hub.spokes["uid-e"], skip_reconcile=False)
    hub.turn(after_s=1)
    assert [(each.spoke, each.parking) for each in hub.patches] == [("uid-e", Parking.UNMARKS)]
    assert hub.patches[0].annotations == {"gate-watcher.io/parked": None}


def test_what_comes_back_is_looked_at_at_once_where_the_guard_is_in_force() -> None:
    for guarded in (True, None):
        hub = fleet("ab", "cd", guarded=guarded)
        killed_twice(hub)
        hub.comes_up()
        hub.turn(after_s=COOL_S)
        decision = hub.turn(after_s=1)
        (first,) = set("cd") - hub.parked
        wanted = [(each.name, each.uid, each.unparked_at) for each in decision.refreshes]
        assert wanted == ([(f"{first}-x", f"uid-{first}-x", hub.now)] if guarded else [])
        assert hub.compared(first).refreshes == ()


# --- a watcher that starts in the middle ---------------------------------------------------------


def test_a_watcher_that_starts_in_the_middle_parks_nothing_for_a_kill_that_was_answered() -> None:
    hub = fleet()
    killed_twice(hub)
    hub.watcher_starts_anew()
    assert hub.parked == set("efgh")


def test_a_watcher_that_starts_in_the_middle_knows_by_the_marks_that_it_was_killed_before() -> None:
    hub = fleet()
    killed_twice(hub)
    hub.watcher_starts_anew()
    hub.killed()
    assert len(hub.parked) == 6


def test_a_kill_that_nobody_watched_is_answered_by_the_next_watcher() -> None:
    hub = fleet()
    killed_twice(hub)
    hub.comes_up()
    pod = hub.pods[controller().key]
    hub.now += 30
    hub.pods[pod.key] = replace(
        pod, ready=False, restarts=4, ended=Ended("OOMKilled", 137, hub.now - 5)
    )
    hub.watcher_starts_anew()
    assert len(hub.parked) == 6


def test_a_hub_that_is_in_the_kill_loop_when_the_first_watcher_comes_is_parked_at_once() -> None:
    hub = fleet()
    hub.pods[controller().key] = controller(
        ready=False,
        started_at=None,
        waiting="CrashLoopBackOff",
        restarts=4,
        ended=Ended("OOMKilled", 137, NOW - 20),
    )
    hub.turn()
    assert hub.parked == set("efgh")


def test_a_watcher_that_starts_in_the_middle_takes_the_others_back() -> None:
    hub = fleet("ab", "cd")
    killed_twice(hub)
    hub.comes_up()
    hub.watcher_starts_anew()
    hub.turn(after_s=COOL_S)
    assert len(hub.parked) == 1


# --- whatever happens ----------------------------------------------------------------------------

_HAPPENS = st.lists(
    st.sampled_from(["kill", "up", "wait", "long", "compare", "restart", "person", "off", "on"]),
    min_size=4,
    max_size=25,
)


@given(_HAPPENS, st.integers(0, 6), st.integers(0, 6))
def test_nobody_elses_is_touched_and_never_more_than_half_goes_at_a_kill(
    happens: list[str], settled: int, starting: int
) -> None:
    hub = fleet("abcdef"[:settled], "ghijkl"[:starting])
    persons = spoke("person", opened={"crds": NOW - DAY}, skip_reconcile=True)
    hub.spokes[persons.uid] = persons
    hub.turn()
    for each in happens:
        before = dict(hub.spokes)
        hub.patches.clear()
        _happen(hub, each)
        parked = [patch for patch in hub.patches if patch.parking is Parking.PARKS]
        unparked = [patch for patch in hub.patches if patch.parking is Parking.UNPARKS]
        running = [one for one in before.values() if not one.skip_reconcile]
        assert len(parked) <= -(-len(running) // 2)
        assert not parked or each in ("kill", "on", "restart")
        assert len(unparked) <= 1
        assert all(before[one.spoke].parked is not None for one in unparked)
        assert hub.policy.recovery is Recovery.PARK or not any(one.parking for one in hub.patches)
        assert hub.spokes[persons.uid] is persons


def _happen(hub: Hub, what: str) -> None:
    match what:
        case "kill":
            hub.killed()
        case "up":
            hub.comes_up()
        case "wait":
            hub.turn(after_s=10)
        case "long":
            hub.turn(after_s=COOL_S)
        case "compare":
            for each in list(hub.spokes.values()):
                if not each.skip_reconcile:
                    hub.compared(each.name)
                    break
        case "restart":
            hub.watcher_starts_anew()
        case "person":
            for uid, each in hub.spokes.items():
                if each.parked is not None and each.skip_reconcile:
                    hub.spokes[uid] = replace(each, skip_reconcile=False)
                    break
            hub.turn(after_s=1)
        case _:
            hub.policy = OFF if what == "off" else PARK
            hub.turn(after_s=1)
