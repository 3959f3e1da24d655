"""What holds of every decision, whatever a hub shows: the properties S1 to S14.

Elsewhere: that nothing raises (test_absurdities.py); rollouts (test_rollouts.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import (
    DAY,
    NOW,
    next_turn,
    order,
    sources,
)
from tests.decide.hubs import OTHER, SPOKES, Described, Hub, hubs, tried
from tests.decide.reference import UntoldError, generated, reads_clusters
from tests.decide.world import (
    World,
    patched,
)
from watcher.decide import (
    Carried,
    Decision,
    Gate,
    Parking,
    PatchGates,
    Place,
    Snapshot,
    State,
    Touched,
    Verdict,
    decide,
    grouped,
    place,
    regroup,
    say,
)
from watcher.decide.addons import addon
from watcher.decide.changes import changes
from watcher.decide.gates import is_open, torn_down
from watcher.decide.parking import SKIP_RECONCILE
from watcher.decide.reasons import Stale
from watcher.decide.verdicts import PASSED
from watcher.facts import (
    Application,
    ApplicationSet,
    Command,
    Kind,
    Refusal,
    SetCondition,
    Spoke,
    Write,
)
from watcher.policy import Budgets, Recovery


def decided(hub: Hub, now: float = NOW) -> Decision:
    return decide(hub.snapshot, hub.policy, now)


def ordinary(hub: Hub, decision: Decision) -> Iterator[tuple[PatchGates, str]]:
    """Each opening that no exemption covers: not of a lost or unadopted gate."""
    for patch in decision.patches:
        for tier in patch.opens:
            state = decision.verdicts[Gate(patch.spoke, tier)].state
            if state not in (State.LOST, State.UNADOPTED):
                yield patch, tier


# --- S1: what is written -------------------------------------------------------------------------


@given(hubs())
def test_a_patch_opens_gates_and_closes_what_a_person_named_and_writes_nothing_else(
    described: Described,
) -> None:
    hub = described.built()
    gates = hub.policy.gates
    decision = decided(hub)
    assert len({patch.spoke for patch in decision.patches}) == len(decision.patches)
    for patch in decision.patches:
        here = hub.snapshot.spokes[patch.spoke]
        assert (patch.secret, patch.namespace) == (here.secret, here.namespace)
        assert patch.resource_version == here.resource_version
        assert patch.labels or patch.annotations
        marks = {gates.parked_key, SKIP_RECONCILE}
        assert set(patch.annotations) <= {gates.opened_key} | (marks if patch.parking else set())
        assert patch.parking is None or hub.policy.recovery is Recovery.PARK
        if patch.parking in (Parking.UNPARKS, Parking.UNMARKS):
            assert here.parked is not None, "a person's own skip-reconcile stays"
        assert not set(patch.opens) & set(patch.closes)
        for key, value in patch.labels.items():
            tier = gates.tier(key)
            assert tier in (*patch.opens, *patch.closes)
            assert is_open(value, gates) is (tier in patch.opens)
            assert is_open(here.labels.get(key), gates) is not (tier in patch.opens)
        for tier in patch.closes:
            assert {tier, "*"} & torn_down(here), "no gate is closed without a teardown"
        for tier in patch.opens:
            assert not {tier, "*"} & torn_down(here), "what is torn down stays closed"


# --- S2, S3: opening deletes nothing -------------------------------------------------------------


def at_stake(hub: Hub) -> Iterator[ApplicationSet]:
    for each in hub.snapshot.application_sets.values():
        if each.deletes:
            yield each


def given_by(each: ApplicationSet, here: Spoke, labels: dict[str, str]) -> frozenset[str] | None:
    try:
        return generated(each, here, labels)
    except UntoldError:
        return None


@given(hubs(stale=[], guarded=True, writes={}, refusals={}))
@tried(2)
def test_what_is_selected_after_an_opening_contains_what_is_selected_before(
    described: Described,
) -> None:
    hub = described.built()
    for patch, _ in ordinary(hub, decided(hub)):
        here = hub.snapshot.spokes[patch.spoke]
        opened = {hub.policy.gates.key(tier) for tier in patch.opens}
        after = {key: text for key, text in here.labels.items() if key not in opened}
        after |= {key: text for key in opened if (text := patch.labels[key]) is not None}
        for each in at_stake(hub):
            was, is_now = given_by(each, here, dict(here.labels)), given_by(each, here, after)
            if was is not None and is_now is not None:
                event("told")
                assert was <= is_now
            assert not each.reads_all_labels


@given(hubs(stale=[], guarded=True, writes={}, refusals={}))
@tried(2)
def test_nothing_is_opened_while_something_is_owned_and_not_selected(described: Described) -> None:
    hub = described.built()
    if not any(True for _ in ordinary(hub, decided(hub))):
        return
    event("opens")
    whose = {f"server/{each.server}": each for each in hub.snapshot.spokes.values()}
    for each in at_stake(hub):
        if not each.destination_varies or not all(map(reads_clusters, each.generators)):
            continue
        for here, apps in hub.snapshot.applications.items():
            owned = [app for app in apps if app.owner and app.owner.name == each.name]
            living = [app for app in owned if app.deleting_since is None]
            assert not living or here in whose, "they stand where no spoke is"
            if living and not torn_down(whose[here]):
                theirs = given_by(each, whose[here], dict(whose[here].labels))
                assert theirs is None or len(living) <= len(theirs)


# --- S6: order -----------------------------------------------------------------------------------


@given(hubs(stale=[], guarded=True))
@tried(2)
def test_a_gate_opens_only_where_every_tier_below_has_passed(described: Described) -> None:
    hub = described.built()
    decision = decided(hub)
    for patch, tier in ordinary(hub, decision):
        event("opens")
        for below in hub.policy.needs(tier):
            assert decision.verdicts[Gate(patch.spoke, below)].state in PASSED


# --- S7: budgets ---------------------------------------------------------------------------------


@given(hubs(stale=[], guarded=True))
@tried(2)
def test_what_is_admitted_stays_within_the_budgets(described: Described) -> None:
    hub = described.built()
    decision = decided(hub)
    budgets = hub.policy.budgets
    rollup = decision.carried.rollup
    assert rollup is not None
    opened = {
        patch.spoke
        for patch in decision.patches
        for tier in patch.opens
        if tier not in decision.carried.judgements[patch.spoke].urgent
    }
    judged = decision.carried.judgements
    busy = {uid for uid in rollup.in_progress if not judged[uid].unreachable}
    assert budgets.spokes_in_progress is not None
    opened = {uid for uid in opened if not judged[uid].unreachable}
    assert len(busy | opened) <= max(len(busy), budgets.spokes_in_progress)
    if budgets.interval_s:
        assert len(opened) <= 1


# --- S9, S10: the very object, and fresh ---------------------------------------------------------


@given(hubs(), st.lists(st.sampled_from(Kind), min_size=1))
def test_stale_data_opens_nothing_that_was_not_open_and_closes_nothing(
    described: Described, stale: list[Kind]
) -> None:
    hub = replace(described, stale=stale).built()
    decision = decided(hub)
    assert not any(True for _ in ordinary(hub, decision))
    assert not any(patch.closes for patch in decision.patches) or set(stale) == {Kind.PODS}
    assert Kind.SPOKES not in stale or not decision.patches


@given(hubs())
def test_a_spoke_whose_last_patch_the_hub_has_not_shown_is_left_alone(described: Described) -> None:
    hub = described.built()
    assert not {patch.spoke for patch in decided(hub).patches} & hub.snapshot.writes.keys()


@given(hubs())
def test_a_secret_that_is_made_anew_inherits_nothing(described: Described) -> None:
    hub = described.built()
    before = decided(hub)
    anew = {f"{uid}-2": replace(each, uid=f"{uid}-2") for uid, each in hub.snapshot.spokes.items()}
    after = decide(
        next_turn(hub.snapshot, before, spokes=anew, writes={}, refusals={}), hub.policy, NOW
    )
    every = Carried(context=before.carried.context, application_sets=hub.snapshot.application_sets)
    alone = replace(hub.snapshot, spokes=anew, writes={}, refusals={}, carried=every)
    assert said(after) == said(decide(alone, hub.policy, NOW))


# --- S11: reasons --------------------------------------------------------------------------------


@given(hubs())
def test_every_gate_has_one_state_and_what_has_not_passed_a_reason(described: Described) -> None:
    hub = described.built()
    decision = decided(hub)
    named = {Gate(uid, tier.name) for uid in hub.snapshot.spokes for tier in hub.policy.tiers}
    assert named <= set(decision.verdicts)
    for verdict in decision.verdicts.values():
        assert verdict.reasons or verdict.state in PASSED
        assert len(set(verdict.reasons)) == len(verdict.reasons)
        for reason in verdict.reasons:
            assert say(reason)
        if verdict.state not in PASSED:
            stale = {reason.kind for reason in verdict.reasons if isinstance(reason, Stale)}
            assert stale == set(described.stale) - {Kind.PODS}, "shards say what is known of Pods"


# --- S12: a function, quiet, and blind to names --------------------------------------------------


Answer: TypeAlias = tuple[
    dict[Gate, Verdict], tuple[PatchGates, ...], float | None, tuple[Any, ...]
]


def said(decision: Decision) -> Answer:
    rings = (*decision.stops, *decision.rings, *decision.orders)
    return dict(decision.verdicts), decision.patches, decision.wake_at, rings


def turned(snapshot: Snapshot) -> Snapshot:
    """The same, every mapping in reverse."""
    return replace(
        snapshot,
        **{
            field: dict(reversed(getattr(snapshot, field).items()))
            for field in ("spokes", "application_sets", "applications", "sources", "writes")
        },
    )


@given(hubs())
def test_equal_snapshots_give_equal_decisions_in_whatever_order_they_are_told(
    described: Described,
) -> None:
    hub, same = described.built(), described.built()
    first = decided(hub)
    assert said(decided(same)) == said(first)
    assert said(decide(turned(same.snapshot), same.policy, NOW)) == said(first)


@given(hubs(stale=[], guarded=True, writes={}, refusals={}))
def test_a_decision_proposes_nothing_of_what_was_done_already_and_comes_to_an_end(
    described: Described,
) -> None:
    hub = described.built()
    snapshot, done = hub.snapshot, set[tuple[str, str]]()
    for _ in range(40):
        decision = decide(snapshot, hub.policy, NOW)
        if not decision.patches:
            return
        spokes = dict(snapshot.spokes)
        for patch in decision.patches:
            changed = {(patch.spoke, tier) for tier in (*patch.opens, *patch.closes)}
            assert not changed & done
            done |= changed
            spokes[patch.spoke] = patched(
                World(NOW, snapshot.spokes, {}, version=len(done)), patch
            ).spokes[patch.spoke]
        snapshot = next_turn(snapshot, decision, spokes=spokes)
    pytest.fail("it never came to an end")


@given(hubs())
def test_other_names_change_nothing_but_the_names(described: Described) -> None:
    """The order stays: where two are equal in all else, the name decides."""
    plain, other = described.built(), described.built(OTHER)
    assert _states(decided(plain)) == _states(decided(other))


def _states(decision: Decision) -> list[tuple[State, list[str]]]:
    return [
        (verdict.state, [type(reason).__name__ for reason in verdict.reasons])
        for spoke in decision.spokes.values()
        for verdict in spoke.tiers.values()
    ]


# --- time ----------------------------------------------------------------------------------------


@given(hubs(), st.floats(0, 1, exclude_max=True))
@tried(2)
def test_before_it_wakes_the_same_snapshot_gives_the_same_answer(
    described: Described, part: float
) -> None:
    hub = described.built()
    first = decided(hub)
    snapshot = next_turn(hub.snapshot, first)
    before = decide(snapshot, hub.policy, NOW)
    wake_at = before.wake_at
    assert wake_at is None or wake_at > NOW
    end = NOW + DAY if wake_at is None else math.nextafter(wake_at, NOW)
    later = min(end, NOW + part * (end - NOW))
    scratch = replace(snapshot.carried, roster=None, rollup=None)
    for carried in (snapshot.carried, scratch):
        after = decide(replace(snapshot, carried=carried), hub.policy, later)
        assert dict(after.verdicts) == dict(before.verdicts)
        assert [(p.spoke, p.opens, p.closes) for p in after.patches] == [
            (p.spoke, p.opens, p.closes) for p in before.patches
        ]


# --- S14: caution --------------------------------------------------------------------------------


def bold(hub: Hub, decision: Decision) -> set[tuple[str, str]]:
    """All that is written but for what only prevents deletions."""
    opened = {(patch.spoke, tier) for patch, tier in ordinary(hub, decision)}
    return opened | {
        (patch.spoke, f"-{tier}") for patch in decision.patches for tier in patch.closes
    }


@given(hubs(), st.sampled_from(Kind), st.booleans())
def test_to_hear_less_of_the_hub_adds_no_patch(
    described: Described, kind: Kind, never: bool
) -> None:
    hub = described.built()
    worse = sources(NOW, unlisted=[kind]) if never else sources(NOW, stale=[kind])
    heard = {**hub.snapshot.sources, kind: worse[kind]}
    less = replace(hub, snapshot=replace(hub.snapshot, sources=heard))
    assert bold(less, decided(less)) <= bold(hub, decided(hub))


FORGETTABLE: dict[str, Any] = {
    "sync_status": "",
    "health_status": "",
    "reconciled_at": None,
    "compared_digest": None,
    "unreadable": ("status is not an object",),
}


@given(hubs(stale=[]), st.sampled_from(sorted(FORGETTABLE)), st.integers(0, 7))
@tried(2)
def test_to_know_less_of_an_application_adds_no_patch(
    described: Described, field: str, which: int
) -> None:
    hub = described.built()
    apps = [app for group in hub.snapshot.applications.values() for app in group]
    assume(apps)
    known = apps[which % len(apps)]
    dim = replace(known, **{field: FORGETTABLE[field]})
    rest = grouped(dim if app is known else app for app in apps)
    less = replace(hub, snapshot=replace(hub.snapshot, applications=rest))
    assert bold(less, decided(less)) <= bold(hub, decided(hub))


ROOMY = {"budgets": Budgets(SPOKES)}
"""A place for each: in a tight budget what one spoke does not take another may."""
TROUBLES = ("write", "refusal", "guard", "error", "labels", "hold")


@given(hubs(stale=[], rest=ROOMY), st.sampled_from(TROUBLES))
@tried(2)
def test_to_be_told_of_more_trouble_adds_no_patch(described: Described, trouble: str) -> None:
    hub = described.built()
    snapshot = hub.snapshot
    uid = next(iter(snapshot.spokes))
    match trouble:
        case "write":
            more = replace(snapshot, writes={**snapshot.writes, uid: Write(frozenset(), NOW)})
        case "refusal":
            refusal = Refusal(403, "no", NOW, NOW + 9)
            more = replace(snapshot, refusals={**snapshot.refusals, uid: refusal})
        case "guard":
            more = replace(snapshot, guards={})
        case "hold":
            held = order(Command.HOLD, at=NOW + 30)
            orders = replace(snapshot.orders, orders=(*snapshot.orders.orders, held))
            more = replace(snapshot, orders=orders)
        case _:
            failing = (SetCondition("ErrorOccurred", "True", "Error", "no", NOW),)
            changed = {"conditions": failing} if trouble == "error" else {"reads_all_labels": True}
            sets = {key: replace(s, **changed) for key, s in snapshot.application_sets.items()}
            more = replace(snapshot, application_sets=sets)
    less = replace(hub, snapshot=more)
    assert bold(less, decided(less)) <= bold(hub, decided(hub))


# --- fast equals dumb ----------------------------------------------------------------------------


@given(hubs(stale=[]), st.data())
@tried(0.6)
def test_turn_after_turn_it_decides_as_if_it_looked_at_everything_anew(
    described: Described, data: st.DataObject
) -> None:
    hub = described.built()
    snapshot, now = hub.snapshot, NOW
    groups, decision = dict(snapshot.applications), decided(hub)
    for _ in range(data.draw(st.integers(1, 6))):
        other = data.draw(hubs(tiers=described.tiers, rest=described.rest)).built().snapshot
        snapshot, groups, touched = _mixed(snapshot, other, groups, data)
        now += data.draw(st.sampled_from([0.0, 1.0, 9.0, 60.0, 1800.0]))
        heard = {kind: replace(s, heard_at=now) for kind, s in sources().items()}
        if data.draw(st.booleans()) and data.draw(st.booleans()):
            heard[Kind.APPLICATIONS] = replace(heard[Kind.APPLICATIONS], heard_at=now - 600)
        snapshot = replace(snapshot, sources=heard)
        memory = decision.carried
        fast = decide(replace(snapshot, carried=memory, touched=touched), hub.policy, now)
        dumb_memory = Carried(
            judgements=memory.judgements,
            context=memory.context,
            application_sets=memory.application_sets,
            as_of=memory.as_of,
        )
        dumb = decide(replace(snapshot, carried=dumb_memory, touched=None), hub.policy, now)
        assert said(fast) == said(dumb)
        assert fast.carried.rollup == dumb.carried.rollup
        assert changes(decision, fast) == _told(decision, fast)
        decision = fast


Grouped: TypeAlias = dict[Place, tuple[Application, ...]]


def _mixed(
    snapshot: Snapshot, other: Snapshot, groups: Grouped, data: st.DataObject
) -> tuple[Snapshot, Grouped, Touched]:
    """The snapshot with some of the other's objects in the place of its own."""
    spokes, places, uids = dict(snapshot.spokes), set[str](), set[str]()
    for uid in data.draw(st.sets(st.sampled_from(["uid-a", "uid-b", "uid-c"]), max_size=2)):
        uids.add(uid)
        spokes.pop(uid, None)
        if uid in other.spokes:
            spokes[uid] = other.spokes[uid]
    after = dict(groups)
    here = {app.key: app for group in groups.values() for app in group}
    there = {app.key: app for group in other.applications.values() for app in group}
    for key in sorted(here.keys() | there.keys()):
        if data.draw(st.booleans()):
            regroup(after, here.get(key), there.get(key))
            both = (here.get(key), there.get(key))
            places |= {place(app) for app in both if app is not None}
    sets = (other if data.draw(st.integers(0, 4)) == 0 else snapshot).application_sets
    writes = {uid: w for uid, w in other.writes.items() if uid in spokes}
    refusals = {uid: r for uid, r in other.refusals.items() if uid in spokes}
    uids |= snapshot.writes.keys() | writes.keys() | snapshot.refusals.keys() | refusals.keys()
    changed = replace(
        snapshot,
        spokes=spokes,
        applications=after,
        application_sets=sets,
        writes=writes,
        refusals=refusals,
        orders=(other if data.draw(st.integers(0, 2)) == 0 else snapshot).orders,
    )
    return changed, after, Touched(frozenset(uids), frozenset(places))


def _told(before: Decision, after: Decision) -> tuple[Any, ...]:
    """What has changed, every gate being compared."""
    whole = changes(before, replace(after, follows=None))
    return tuple(sorted(whole, key=_place_of))


def _place_of(change: Any) -> tuple[int, str]:
    uid = change.gate.spoke if hasattr(change, "gate") else getattr(change, "uid", "")
    return (bool(uid), uid)


@given(hubs())
def test_what_an_application_set_does_with_a_spoke_is_told_alike_asked_twice_or_once(
    described: Described,
) -> None:
    hub = described.built()
    for each in hub.snapshot.application_sets.values():
        asked_often = addon(each, hub.policy)
        for here in hub.snapshot.spokes.values():
            assert asked_often.on(here) == addon(each, hub.policy).on(here)


@given(hubs())
def test_a_count_is_what_listing_them_one_by_one_gives(described: Described) -> None:
    hub = described.built()
    for each in hub.snapshot.application_sets.values():
        made = addon(each, hub.policy)
        for here in hub.snapshot.spokes.values():
            theirs, told = given_by(each, here, dict(here.labels)), made.on(here).now
            if theirs is not None and isinstance(told, int):
                event("told by both")
                assert told == len(theirs)
