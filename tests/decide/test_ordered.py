from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    application,
    application_set,
    clusters,
    newborn,
    next_turn,
    opens,
    order,
    policy,
    settled_since,
    snapshot,
    sources,
    spoke,
    verdict,
)
from watcher.decide import Snapshot, State, decide
from watcher.decide.ordered import InForce, Ordered, in_force
from watcher.decide.reasons import DeadlinePassed, OnHold, Retried, SkippedByOrder, WouldUnselect
from watcher.facts import Command, Expression, Order, Orders, Through
from watcher.policy import Budgets, Policy, Tier

ONE = policy("crds")
X = application_set("x", "crds")
HOLD, RELEASE = Command.HOLD, Command.RELEASE


def held(*orders: Order, at: float = NOW) -> State:
    return verdict(decide(snapshot([spoke()], [X], orders=orders), ONE, at), "crds").state


def test_a_hold_keeps_a_gate_closed_and_says_who_and_why() -> None:
    hub = snapshot([spoke()], [X], orders=[order(HOLD, spoke="a", why="we look")])
    decision = decide(hub, ONE, NOW)
    assert decision.patches == ()
    assert verdict(decision, "crds").reasons == (OnHold("alice", NOW, None, "we look"),)


def test_the_newest_of_hold_and_release_decides() -> None:
    early, late = NOW - HOUR, NOW - MINUTE
    assert held(order(HOLD, at=early), order(RELEASE, at=late)) is State.QUEUED
    assert held(order(RELEASE, at=early), order(HOLD, at=late)) is State.HELD
    assert held(order(RELEASE, at=late), order(HOLD, at=late)) is State.HELD, "in doubt it waits"


def test_an_order_is_in_force_until_its_time_and_none_comes_too_early() -> None:
    assert held(order(HOLD, until=NOW + 1)) is State.HELD
    assert held(order(HOLD, until=NOW)) is State.QUEUED
    assert held(order(HOLD, at=NOW + HOUR)) is State.QUEUED
    assert held(order(HOLD, at=NOW + 30)) is State.HELD, "clocks are not all alike"
    ends = in_force(Orders(orders=(order(HOLD, until=NOW + 9),)), InForce(), NOW)
    assert ends.ends_at == NOW + 9


def test_equal_orders_are_the_same_as_before() -> None:
    first = in_force(Orders(orders=(order(HOLD),)), InForce(), NOW)
    assert in_force(Orders(orders=(order(HOLD),)), first, NOW + 9) is first


def test_only_the_spokes_that_an_order_names_are_judged_anew() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X])
    before = decide(hub, ONE, NOW)
    more = next_turn(hub, before, orders=Orders(orders=(order(HOLD, spoke="b"),)))
    after = decide(more, ONE, NOW)
    assert after.judged == {"uid-b"}
    assert opens(after) == {"a": ("crds",)}


def test_a_target_names_by_label_ring_and_tier() -> None:
    hub = snapshot([spoke("a", labels={"env": "prod"}), spoke("b")], [X])
    targets: list[dict[str, Any]] = [
        {"selector": "env=prod"},
        {"spoke": "a", "tier": "crds", "ring": "default"},
    ]
    for named in targets:
        orders = Orders(orders=(order(HOLD, **named),))
        assert opens(decide(_with(hub, orders), ONE, NOW)) == {"b": ("crds",)}
    gone = Orders(orders=(order(HOLD, ring="gone"), order(HOLD, tier="gone", spoke="a")))
    assert opens(decide(_with(hub, gone), ONE, NOW)).keys() == {"a", "b"}


def _with(hub: Snapshot, orders: Orders) -> Snapshot:
    return next_turn(hub, decide(hub, ONE, NOW), orders=orders)


def test_a_lost_gate_is_opened_again_whatever_is_held() -> None:
    lost = spoke(opened='{"crds": "2026-03-02T08:00:00Z"}')
    hub = snapshot([lost], [X], [application()], orders=[order(HOLD)])
    assert opens(decide(hub, ONE, NOW)) == {"a": ("crds",)}


def test_a_lost_gate_that_nothing_lives_behind_is_held_in_its_turn() -> None:
    lost = spoke(opened='{"crds": "2026-03-02T08:00:00Z"}')
    decision = decide(snapshot([lost], [X], orders=[order(HOLD)]), ONE, NOW)
    assert decision.patches == ()
    seen = verdict(decision, "crds")
    assert seen.state is State.LOST
    assert any(isinstance(each, OnHold) for each in seen.reasons)


def test_what_is_skipped_lets_the_next_tier_pass_and_is_neither_opened_nor_closed() -> None:
    two = policy("crds", "compute")
    hub = snapshot([spoke()], [X, application_set("y", "compute")])
    skipped = Orders(orders=(order(Command.SKIP, tier="crds"),))
    decision = decide(next_turn(hub, decide(hub, two, NOW), orders=skipped), two, NOW)
    assert opens(decision) == {"a": ("compute",)}
    assert verdict(decision, "crds").state is State.SKIPPED


def test_what_is_skipped_and_settles_is_settled() -> None:
    here = spoke(opened={"crds": NOW - HOUR})
    apps = [settled_since(NOW - HOUR)]
    decision = decide(snapshot([here], [X], apps, orders=[order(Command.SKIP)]), ONE, NOW)
    assert verdict(decision, "crds").state is State.SETTLED


def test_a_skip_goes_before_a_hold() -> None:
    hub = snapshot([spoke()], [X], orders=[order(HOLD), order(Command.SKIP)])
    seen = verdict(decide(hub, ONE, NOW), "crds")
    assert seen.state is State.SKIPPED
    assert isinstance(seen.reasons[0], SkippedByOrder)


def test_a_person_lets_a_gate_through_that_would_delete_and_only_in_so_many_words() -> None:
    crds = ONE.gates.key("crds")
    shy = application_set("shy", generators=[clusters(Expression(crds, "DoesNotExist"))])
    hub = snapshot([spoke()], [X, shy])
    waits = verdict(decide(hub, ONE, NOW), "crds")
    assert [type(each) for each in waits.reasons] == [WouldUnselect]
    for through, opened in ((frozenset(), {}), ({Through.DELETIONS}, {"a": ("crds",)})):
        released = order(RELEASE, spoke="a", through=frozenset(through))
        orders = Orders(orders=(released,))
        decision = decide(next_turn(hub, decide(hub, ONE, NOW), orders=orders), ONE, NOW)
        assert opens(decision) == opened


def test_orders_on_one_gate_are_told_apart_by_its_tier() -> None:
    here = Ordered((order(HOLD, tier="crds"), order(Command.RETRY, tier="compute")))
    assert here.hold("crds") is not None
    assert here.hold("compute") is None
    assert here.retry("crds") is None


def test_a_retry_begins_the_first_time_of_what_is_stalled_anew_and_of_nothing_else() -> None:
    slow = policy(Tier("crds", deadline_s=HOUR))
    here = spoke(opened={"crds": NOW - 3 * HOUR})
    retry = order(Command.RETRY, at=NOW - MINUTE)
    stalled = newborn(created_at=NOW - 3 * HOUR)
    seen = verdict(decide(snapshot([here], [X], [stalled], orders=[retry]), slow, NOW), "crds")
    assert seen.state is State.PROGRESSING
    assert Retried("alice", NOW - MINUTE, "") in seen.reasons
    late = NOW - 2 * HOUR
    over = snapshot([here], [X], [stalled], orders=[order(Command.RETRY, at=late)])
    assert verdict(decide(over, slow, NOW), "crds").state is State.STALLED
    was_well = settled_since(NOW - 3 * HOUR, health_status="Progressing", health_since=NOW - 9)
    decision = decide(snapshot([here], [X], [was_well], orders=[retry]), slow, NOW)
    assert not any(isinstance(each, Retried) for each in verdict(decision, "crds").reasons)
    assert not decision.carried.judgements["uid-a"].in_progress


def test_an_order_goes_by_the_secret_and_a_hold_by_the_name_as_well() -> None:
    hold = order(HOLD, spoke="a", uid="uid-a")
    renamed = replace(spoke("a"), name="b", labels={})
    anew = replace(spoke("a"), uid="uid-2")
    for here in (renamed, anew):
        decision = decide(snapshot([here], [X], orders=[hold]), ONE, NOW)
        assert decision.patches == (), "neither another name nor another Secret lets it go"
    skip = order(Command.SKIP, spoke="a", uid="uid-a")
    states = [
        next(iter(decide(snapshot([here], [X], orders=[skip]), ONE, NOW).verdicts.values())).state
        for here in (renamed, anew)
    ]
    assert states == [State.SKIPPED, State.QUEUED]


def test_what_opened_because_a_gate_is_skipped_does_not_prove_that_it_settled() -> None:
    two = Policy((Tier("crds", deadline_s=HOUR), Tier("compute", ("crds",))), budgets=Budgets(1))
    here = spoke(opened={"crds": NOW - MINUTE, "compute": NOW - 30})
    apps = [newborn(created_at=NOW - MINUTE), settled_since(NOW - 30, "y")]
    sets = [X, application_set("y", "compute")]
    skip = order(Command.SKIP, tier="crds")
    decision = decide(snapshot([here, spoke("b")], sets, apps, orders=[skip]), two, NOW)
    assert verdict(decision, "crds").state is State.SKIPPED
    assert decision.carried.judgements["uid-a"].in_progress, "it keeps its place in the budgets"
    late = decide(
        snapshot([here], sets, apps, orders=[skip], heard=sources(NOW + DAY)), two, NOW + DAY
    )
    assert any(isinstance(each, DeadlinePassed) for each in verdict(late, "crds").reasons)


def test_equal_orders_that_were_read_again_are_the_same_objects() -> None:
    one, other = order(HOLD), order(RELEASE, at=NOW - 9)
    first = in_force(Orders(orders=(one,)), InForce(), NOW)
    again = in_force(Orders(orders=(order(HOLD), other)), first, NOW)
    assert again.orders[0] is one
