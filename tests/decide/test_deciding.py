from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import (
    BLOCK,
    DAY,
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
    sources,
    spoke,
    verdict,
)
from watcher.decide import Gate, State, Touched, decide, place
from watcher.decide.freshness import DECISIVE
from watcher.decide.reasons import (
    BrokeGeneration,
    GuardNotInForce,
    NotListed,
    Soaks,
    Stale,
)
from watcher.facts import Kind, SetCondition
from watcher.policy import Budgets

TWO = policy("crds", "compute")
X, Y = application_set("x", "crds"), application_set("y", "compute")


# --- before everything is known ------------------------------------------------------------------


@pytest.mark.parametrize("kind", DECISIVE)
def test_nothing_is_decided_before_every_kind_was_listed_once(kind: Kind) -> None:
    lost = spoke("b", opened=annotation({"crds": NOW - DAY}))
    heard = sources(unlisted=[kind], trouble="403")
    hub = snapshot([spoke("a"), lost], [X], [application(on="b")], heard=heard)
    decision, missing = decide(hub, TWO, NOW), NotListed(kind, "403")
    assert {gate.state for gate in decision.verdicts.values()} == {State.UNKNOWN}
    assert {gate.reasons for gate in decision.verdicts.values()} == {(missing,)}
    assert (decision.patches, decision.stops, decision.wake_at) == ((), (missing,), None)


def test_what_was_seen_is_remembered_until_everything_is_known() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X], [application()])
    before = decide(hub, TWO, NOW)
    blind = next_turn(hub, before, sources=sources(unlisted=list(Kind)), spokes={"uid-a": spoke()})
    unknown = decide(blind, TWO, NOW)
    after = decide(next_turn(blind, unknown, sources=sources()), TWO, NOW)
    assert verdict(after, "crds").state is State.LOST


def test_what_was_touched_while_nothing_was_known_is_looked_at_when_it_is() -> None:
    hub = snapshot([spoke("a")], [X])
    before = decide(hub, TWO, NOW)
    more = {"uid-a": spoke("a"), "uid-b": spoke("b")}
    blind = next_turn(
        hub,
        before,
        spokes=more,
        sources=sources(unlisted=list(Kind)),
        touched=Touched(spokes=frozenset(more)),
    )
    seeing = next_turn(blind, decide(blind, TWO, NOW), sources=sources(), touched=Touched())
    assert opens(decide(seeing, TWO, NOW)) == {"a": ("crds",), "b": ("crds",)}


# --- staleness -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DECISIVE)
def test_stale_data_opens_and_closes_nothing_and_says_so_of_all_it_holds_up(kind: Kind) -> None:
    torn = spoke("t", opened={"crds": NOW - DAY}, teardown="*")
    hub = snapshot([spoke("a"), torn], [X, Y], heard=sources(stale=[kind], trouble="timed out"))
    decision = decide(hub, TWO, NOW)
    stale = Stale(kind, NOW - 10 * MINUTE, "timed out")
    assert not decision.patches
    assert decision.stops == (stale,)
    assert all(stale in gate.reasons for gate in decision.verdicts.values())


def test_no_reason_is_said_twice() -> None:
    hub = snapshot([spoke("a")], [X, Y], heard=sources(stale=list(Kind)))
    for gate in decide(hub, TWO, NOW).verdicts.values():
        assert len(set(gate.reasons)) == len(gate.reasons)


def test_what_has_passed_stays_as_it_is_while_data_is_stale() -> None:
    hub = snapshot(
        [spoke(opened={"crds": NOW - DAY})],
        [X],
        [settled_since(NOW - DAY)],
        heard=sources(stale=list(Kind)),
    )
    gate = verdict(decide(hub, policy("crds"), NOW), "crds")
    assert (gate.state, gate.reasons) == (State.SETTLED, ())


def test_no_timer_that_ran_out_since_the_hub_was_last_heard_proves_anything() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - MINUTE})], [X], [settled_since(NOW - 5)])
    silent = decide(hub, policy("crds"), NOW + HOUR)
    gate = verdict(silent, "crds")
    assert gate.state is State.SOAKING
    assert gate.reasons[0] == Soaks("argocd/a-x", NOW + 5)
    assert silent.wake_at is None


def test_a_timer_that_ran_out_while_the_hub_was_still_believed_is_not_taken_back() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - MINUTE})], [X], [settled_since(NOW - 5)])
    then = decide(hub, policy("crds"), NOW + 60)
    assert verdict(then, "crds").state is State.SETTLED
    touched = {"uid-a": spoke(opened={"crds": NOW - MINUTE}, labels={"region": "eu"})}
    silent = decide(next_turn(hub, then, spokes=touched), policy("crds"), NOW + HOUR)
    assert verdict(silent, "crds").state is State.SETTLED


@pytest.mark.parametrize("kind", DECISIVE)
def test_a_lost_gate_is_opened_again_as_long_as_the_secret_itself_was_freshly_read(
    kind: Kind,
) -> None:
    lost = spoke(opened=annotation({"crds": NOW - DAY}))
    apps = [settled_since(NOW - DAY)]
    hub = snapshot([lost], [X], apps, heard=sources(stale=[kind]))
    assert bool(decide(hub, TWO, NOW).patches) is (kind is not Kind.SPOKES)


def test_the_first_source_to_turn_stale_wakes_the_decision() -> None:
    heard = {**sources(NOW), Kind.SPOKES: sources(NOW - 60)[Kind.SPOKES]}
    decision = decide(snapshot([], [X], heard=heard), TWO, NOW)
    assert decision.wake_at == NOW + 30


# --- polarity block ------------------------------------------------------------------------------


@pytest.mark.parametrize(("guarded", "writes"), [(True, True), (False, False), (None, False)])
def test_under_block_nothing_is_written_unless_the_guard_is_known_to_be_in_force(
    guarded: bool | None, *, writes: bool
) -> None:
    blocked = policy("crds", gates=BLOCK)
    sets = [application_set("x", "crds", gates=BLOCK)]
    those = [
        spoke("queued", closed=["crds"], gates=BLOCK),
        spoke("lost", closed=["crds"], opened=annotation({"crds": NOW - DAY}), gates=BLOCK),
        spoke("torn", opened={"crds": NOW - DAY}, teardown="*", gates=BLOCK),
    ]
    apps = [settled_since(NOW - DAY, on="lost")]
    decision = decide(snapshot(those, sets, apps, guarded=guarded), blocked, NOW)
    assert bool(decision.patches) is writes
    stopped = any(isinstance(each, GuardNotInForce) for each in decision.stops)
    assert stopped is not writes


@pytest.mark.parametrize("guarded", [None, False])
def test_under_admit_the_guard_is_a_help_and_no_condition(guarded: bool | None) -> None:
    assert decide(snapshot([spoke()], [X], guarded=guarded), TWO, NOW).patches


# --- patches -------------------------------------------------------------------------------------


def test_what_only_prevents_deletions_is_sent_first() -> None:
    torn = spoke("a", opened={"crds": NOW - DAY}, teardown="*")
    lost = spoke("z", opened=annotation({"crds": NOW - DAY}))
    decision = decide(snapshot([torn, lost], [X], [settled_since(NOW - DAY, on="z")]), TWO, NOW)
    assert [(patch.spoke, patch.urgent) for patch in decision.patches] == [
        ("uid-z", True),
        ("uid-a", False),
    ]


def test_there_is_one_patch_a_spoke_with_all_that_changes_there() -> None:
    here = spoke(
        opened=annotation({"crds": NOW - DAY, "old": NOW - DAY}), by_hand=["old"], teardown="old"
    )
    three = policy("crds", "compute", "old")
    sets = [X, application_set("o", "old"), Y]
    decision = decide(snapshot([here], sets, [settled_since(NOW - DAY)]), three, NOW)
    (patch,) = decision.patches
    assert (patch.opens, patch.closes, patch.urgent) == (("crds",), ("old",), True)


# --- who broke what ------------------------------------------------------------------------------


def broken(since_s: float, opened_s: float = 30) -> tuple[Any, ...]:
    """The reasons of a gate that opened `opened_s` ago, its tier failing since `since_s` ago."""
    said = SetCondition("ErrorOccurred", "True", "Error", "no key", NOW - since_s)
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - opened_s}), spoke("b", opened={"crds": NOW - HOUR})],
        [application_set("x", "crds", conditions=(said,))],
        [settled_since(NOW - 20), settled_since(NOW - HOUR, on="b")],
    )
    decision = decide(hub, policy("crds"), NOW)
    assert not any(isinstance(r, BrokeGeneration) for r in verdict(decision, "crds", "b").reasons)
    return tuple(r for r in verdict(decision, "crds").reasons if isinstance(r, BrokeGeneration))


def test_the_spoke_whose_opening_an_error_followed_is_named() -> None:
    assert broken(since_s=25) == (BrokeGeneration("argocd/x", "Error: no key", NOW - 25),)


def test_an_error_from_before_an_opening_or_from_long_after_is_nobodys() -> None:
    assert broken(since_s=31) == ()
    assert broken(since_s=0, opened_s=61) == ()


def test_of_several_openings_before_an_error_the_last_is_named() -> None:
    said = SetCondition("ErrorOccurred", "True", "Error", "no key", NOW - 5)
    those = [spoke("a", opened={"crds": NOW - 8}), spoke("b", opened={"crds": NOW - 20})]
    sets = [application_set("x", "crds", conditions=(said,))]
    decision = decide(snapshot(those, sets, [newborn(), newborn(on="b")]), policy("crds"), NOW)
    named = {
        gate.spoke
        for gate, each in decision.verdicts.items()
        if any(isinstance(reason, BrokeGeneration) for reason in each.reasons)
    }
    assert named == {"uid-a"}


# --- turn after turn -----------------------------------------------------------------------------


def test_what_did_not_change_is_not_judged_again() -> None:
    hub = snapshot([spoke("a"), spoke("b", opened={"crds": NOW - DAY})], [X], [application(on="b")])
    before = decide(hub, TWO, NOW)
    after = decide(next_turn(hub, before), TWO, NOW + 1)
    assert after.judged == frozenset()
    changed = {**hub.spokes, "uid-a": spoke("a", resource_version="2")}
    again = decide(next_turn(hub, before, spokes=changed), TWO, NOW + 1)
    assert again.judged == {"uid-a"}


def test_an_application_set_that_was_only_written_again_changes_nothing() -> None:
    hub = snapshot([spoke()], [X])
    before = decide(hub, TWO, NOW)
    written = {X.key: replace(X, resource_version="2", conditions=(SetCondition("A", "True"),))}
    assert not decide(next_turn(hub, before, application_sets=written), TWO, NOW).judged


def test_what_was_touched_is_all_that_is_looked_at() -> None:
    apps = [application(on="a"), application(on="b")]
    those = [spoke("a", by_hand=["crds"]), spoke("b", by_hand=["crds"])]
    hub = snapshot(those, [X], apps)
    before = decide(hub, TWO, NOW)
    after = application(on="b", healthy=False, health_since=NOW)
    changed = snapshot(apps=[apps[0], after]).applications
    touched = Touched(places=frozenset({place(after)}))
    there = next_turn(hub, before, applications=changed, touched=touched)
    decision = decide(there, TWO, NOW)
    assert decision.judged == {"uid-b"}
    assert verdict(decision, "crds", "b").state is State.PROGRESSING


def test_what_time_alone_changes_is_looked_at_though_nothing_was_touched() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - 9})], [X], [settled_since(NOW - 5)])
    before = decide(hub, policy("crds"), NOW)
    assert verdict(before, "crds").state is State.SOAKING
    after = decide(next_turn(hub, before, touched=Touched()), policy("crds"), NOW + 5)
    assert verdict(after, "crds").state is State.SETTLED


def test_a_spoke_that_leaves_takes_its_gates_along() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X])
    before = decide(hub, TWO, NOW)
    gone = replace(next_turn(hub, before, spokes={"uid-b": spoke("b")}), touched=None)
    after = decide(gone, TWO, NOW)
    assert {gate.spoke for gate in after.verdicts} == {"uid-b"}
    assert "uid-a" not in after.carried.judgements
    assert "uid-a" in after.judged


def test_a_secret_that_is_made_anew_is_another_spoke_and_inherits_nothing() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X])
    before = decide(hub, TWO, NOW)
    anew = {"uid-2": spoke(uid="uid-2")}
    after = decide(next_turn(hub, before, spokes=anew), TWO, NOW)
    assert after.verdicts[Gate("uid-2", "crds")].state is State.QUEUED


def test_a_new_policy_is_applied_to_what_was_carried() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - DAY})], [X, Y], [settled_since(NOW - DAY)])
    before = decide(hub, policy("crds"), NOW)
    after = decide(next_turn(hub, before), TWO, NOW)
    assert opens(after) == {"a": ("compute",)}


def test_a_removed_tier_leaves_its_gates_open() -> None:
    here = spoke(opened={"crds": NOW - DAY, "compute": NOW - DAY})
    hub = snapshot([here], [X, Y], [settled_since(NOW - DAY), settled_since(NOW - DAY, "y")])
    before = decide(hub, TWO, NOW)
    after = decide(next_turn(hub, before), policy("crds"), NOW)
    assert not after.patches
    assert [gate.tier for gate in after.verdicts] == ["crds"]


def test_the_decision_wakes_at_the_earliest_of_all_timers() -> None:
    budgets = Budgets(9, interval_s=8)
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - 5}), spoke("b")], [X], [settled_since(NOW - 4)]
    )
    assert decide(hub, policy("crds", budgets=budgets), NOW).wake_at == NOW + 3
    assert decide(hub, policy("crds"), NOW).wake_at == NOW + 6


def test_the_answer_says_what_is_said_of_every_gate() -> None:
    decision = decide(snapshot([spoke("a"), spoke("b")], [X, Y]), TWO, NOW)
    assert len(decision.verdicts) == len(list(decision.verdicts)) == 4
    assert set(decision.spokes) == {"uid-a", "uid-b"}
    assert len(decision.spokes) == 2
    assert decision.spokes["uid-a"].secret == "cluster-a"


def test_what_is_said_of_a_spoke_alone_lacks_only_reasons_that_hold_for_others_too() -> None:
    heard = sources(stale=[Kind.APPLICATIONS])
    decision = decide(snapshot([spoke("a"), spoke("b")], [X, Y], heard=heard), TWO, NOW)
    for uid, whole in decision.spokes.items():
        own = decision.spokes.own(uid)
        assert (own.name, own.secret) == (whole.name, whole.secret)
        for tier, verdict_ in own.tiers.items():
            said = whole.tiers[tier]
            assert (verdict_.state, verdict_.opened_at) == (said.state, said.opened_at)
            assert said.reasons[: len(verdict_.reasons)] == verdict_.reasons
            assert len(said.reasons) > len(verdict_.reasons)
            assert decision.spokes.verdict(uid, tier) == said
