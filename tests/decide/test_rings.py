from __future__ import annotations

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
    asks,
    clusters,
    newborn,
    opens,
    order,
    policy,
    settled_since,
    snapshot,
    spoke,
    verdict,
)
from tests.decide.hubs import tried
from tests.decide.test_rollouts import Rollout, rollouts
from tests.decide.world import seen
from watcher.decide import Carried, Decision, Snapshot, State, decide
from watcher.decide.reasons import (
    ApprovalMissing,
    Reason,
    RingBakes,
    RingStopped,
    RingWaits,
    WindowClosed,
)
from watcher.decide.rings import RingTier
from watcher.facts import (
    Application,
    Command,
    Foreign,
    Forgiven,
    Matrix,
    Order,
    Orders,
    Spoke,
    Through,
    selector,
)
from watcher.policy import (
    Accept,
    Budgets,
    Pacing,
    Policy,
    Ring,
    StartWhen,
    StopWhen,
    Tier,
    Window,
    WindowKind,
)

X, Y = application_set("x", "crds"), application_set("y", "compute")
CANARY = Ring("canary", selector("ring=canary"))
ROOM = {"budgets": Budgets(99), "pacing": Pacing(99)}


def of(*rings: Ring, **fields: Any) -> Policy:
    return policy(Tier("crds", deadline_s=HOUR), rings=rings, **ROOM, **fields)


def fleet(**start: Any) -> Policy:
    return of(CANARY, Ring("fleet", start=StartWhen(**start)))


def canary(name: str, **fields: Any) -> Spoke:
    return spoke(name, labels={"ring": "canary"}, **fields)


def settled(name: str, at: float = NOW - 2 * HOUR) -> tuple[Spoke, Application]:
    return canary(name, opened={"crds": at}), settled_since(at, on=name)


def hub(*canaries: tuple[Spoke, Application] | Spoke, orders: tuple[Order, ...] = ()) -> Snapshot:
    there = [each if isinstance(each, Spoke) else each[0] for each in canaries]
    apps = [each[1] for each in canaries if not isinstance(each, Spoke)]
    return snapshot([*there, spoke("f")], [X], apps, orders=orders)


def waits(decision: Decision, on: str = "f") -> tuple[Reason, ...]:
    return verdict(decision, "crds", on).reasons


# --- the start -----------------------------------------------------------------------------------


def test_a_ring_starts_once_the_one_before_has_settled_on_its_share() -> None:
    ready = [settled(f"c{at}") for at in range(19)]
    for last, opened in ((canary("late"), True), (settled("late"), True)):
        assert ("f" in opens(decide(hub(*ready, last), fleet(settled=0.95), NOW))) is opened
    two = [canary("late"), canary("later")]
    assert waits(decide(hub(*ready, *two), fleet(settled=0.95), NOW)) == (
        RingWaits("fleet", "canary", 19, 20, 21, 0),
    )


@pytest.mark.parametrize("share", [0.0001, 0.5, 1.0])
def test_of_a_share_at_least_one_must_have_settled(share: float) -> None:
    assert waits(decide(hub(canary("c")), fleet(settled=share), NOW)) == (
        RingWaits("fleet", "canary", 0, 1, 1, 0),
    )
    assert "f" in opens(decide(hub(settled("c")), fleet(settled=share), NOW))


def test_the_bake_counts_from_when_the_share_was_reached() -> None:
    early, late = settled("early", NOW - 2 * HOUR), settled("late", NOW - MINUTE)
    baked = hub(early, late)
    assert "f" in opens(decide(baked, fleet(settled=0.5, bake_s=HOUR), NOW))
    assert waits(decide(baked, fleet(bake_s=HOUR), NOW)) == (
        RingBakes("fleet", "canary", NOW - MINUTE + 10 + HOUR),
    )
    assert decide(baked, fleet(bake_s=HOUR), NOW).wake_at is not None


def test_an_approval_is_asked_for_the_ring_and_the_tier() -> None:
    asks = fleet(approval=True)
    assert waits(decide(hub(settled("c")), asks, NOW)) == (ApprovalMissing("fleet", "crds"),)
    enough: list[dict[str, Any]] = [{"ring": "fleet", "tier": "crds"}, {"ring": "fleet"}, {}]
    others: list[dict[str, Any]] = [{"ring": "canary"}, {"tier": "compute"}, {"spoke": "c"}]
    for named in (*enough, *others):
        approved = (order(Command.APPROVE, **named),)
        opened = "f" in opens(decide(hub(settled("c"), orders=approved), asks, NOW))
        assert opened is (named in enough)


def test_an_approval_of_one_spoke_is_not_its_ring_s() -> None:
    asks = fleet(approval=True)
    approved = order(Command.APPROVE, spoke="f")
    both = snapshot([spoke("f"), spoke("g")], [X], orders=[approved])
    decision = decide(both, asks, NOW)
    assert opens(decision) == {"f": ("crds",)}
    assert waits(decision, "g") == (ApprovalMissing("fleet", "crds"),)


@pytest.mark.parametrize(
    "alone",
    [order(Command.APPROVE, spoke="f"), order(Command.RELEASE, spoke="f", through={Through.RING})],
    ids=["approved", "released"],
)
def test_a_gate_that_was_let_go_alone_does_not_start_its_ring(alone: Order) -> None:
    asks = fleet(bake_s=DAY, approval=True)
    since = NOW - MINUTE
    alone = replace(alone, at=since)
    begun = spoke("f", opened={"crds": since})
    there = [*settled("c")[:1], begun, spoke("g")]
    apps = [settled("c")[1], newborn(on="f", created_at=since)]
    decision = decide(snapshot(there, [X], apps, orders=[alone]), asks, NOW)
    assert "g" not in opens(decision)
    before = replace(alone, at=NOW)
    decision = decide(snapshot(there, [X], apps, orders=[before]), asks, NOW)
    assert "g" in opens(decision), "what was open before proves that the ring had started"


@pytest.mark.parametrize("held", [order(Command.HOLD, ring="canary"), order(Command.HOLD)])
@pytest.mark.parametrize("started", [True, False])
def test_to_hold_the_canary_is_not_to_let_the_fleet_follow(held: Order, started: bool) -> None:
    broken = canary("c", opened={"crds": NOW - 2 * HOUR}) if started else canary("c")
    apps = [newborn(on="c", created_at=NOW - 2 * HOUR)] if started else []
    released = order(Command.RELEASE, key="r", spoke="f", at=NOW + 1)
    there = snapshot([broken, spoke("f")], [X], apps, orders=[held, released])
    decision = decide(there, fleet(), NOW)
    assert waits(decision) == (RingWaits("fleet", "canary", 0, 1, 0, 1),)
    skipped = order(Command.SKIP, ring="canary")
    assert "f" in opens(decide(_with(there, skipped), fleet(), NOW))


def _with(there: Snapshot, more: Order) -> Snapshot:
    return replace(there, orders=replace(there.orders, orders=(*there.orders.orders, more)))


def test_nobody_waits_for_what_waits_for_a_held_gate_alone() -> None:
    both = policy("crds", "compute", rings=(CANARY, Ring("fleet")), **ROOM)
    done = NOW - 2 * HOUR
    there = snapshot(
        [
            canary("held"),
            canary("c", opened={"crds": done, "compute": done}),
            spoke("f", opened={"crds": done}),
        ],
        [X, Y],
        [settled_since(done, on="c"), settled_since(done, "y", "c"), settled_since(done, on="f")],
        orders=[order(Command.HOLD, spoke="held", tier="crds")],
    )
    assert opens(decide(there, both, NOW)) == {"f": ("compute",)}


def test_a_ring_that_has_started_is_asked_nothing() -> None:
    begun = snapshot(
        [canary("c"), spoke("f"), spoke("g", opened={"crds": NOW - MINUTE})],
        [X],
        [newborn(on="g", created_at=NOW - MINUTE)],
    )
    assert "f" in opens(decide(begun, fleet(bake_s=HOUR, approval=True), NOW))


def test_a_ring_waits_for_the_nearest_one_that_is_not_empty() -> None:
    early = Ring("early", selector("ring=early"))
    three = of(CANARY, early, Ring("fleet"))
    assert waits(decide(hub(canary("c")), three, NOW)) == (
        RingWaits("fleet", "canary", 0, 1, 1, 0),
    )
    assert opens(decide(hub(), three, NOW)) == {"f": ("crds",)}, "empty rings pass"


def test_a_ring_that_orders_other_tiers_has_no_say() -> None:
    other = of(replace(CANARY, tiers=frozenset({"compute"})), Ring("fleet"))
    assert "f" in opens(decide(hub(canary("c")), other, NOW))
    unordered = of(CANARY, Ring("fleet", tiers=frozenset({"compute"})))
    assert "f" in opens(decide(hub(canary("c")), unordered, NOW))


def test_the_first_ring_goes_first_where_there_is_room_for_one() -> None:
    tight = replace(of(CANARY, Ring("fleet", tiers=frozenset({"t"}))), budgets=Budgets(1))
    waiting = snapshot([canary("c", created_at=NOW), spoke("f", created_at=NOW - DAY)], [X])
    assert opens(decide(waiting, tight, NOW)) == {"c": ("crds",)}


# --- the failure budget, and windows -------------------------------------------------------------


def stalled(*names: str, orders: tuple[Order, ...] = ()) -> Snapshot:
    """These are stalled, and f waits."""
    since = NOW - 2 * HOUR
    there = [spoke(name, opened={"crds": since}) for name in names]
    apps = [newborn(on=name, created_at=since) for name in names]
    return snapshot([*there, spoke("f")], [X], apps, orders=orders)


@pytest.mark.parametrize(
    ("stop", "names", "limit"),
    [(2, "ab", 2), (2, "a", None), (0.3, "ab", 1), (0.9, "abc", 3), (0.01, "a", 1)],
)
def test_too_many_stalled_stop_the_tier(stop: float, names: str, limit: int | None) -> None:
    decision = decide(stalled(*names), of(Ring("all", stop=StopWhen(stop))), NOW)
    if limit is None:
        assert "f" in opens(decision)
    else:
        stops = RingStopped("all", "crds", len(names), limit, tuple(names[:3]))
        assert waits(decision) == (stops,)


def test_a_release_forgives_what_it_lists_as_far_as_it_had_stalled_by_then() -> None:
    one = of(Ring("all", stop=StopWhen(1)))
    for gate, at, opened in (
        (Forgiven("uid-a", "a", "crds"), NOW - HOUR, True),
        (Forgiven("uid-a", "a", "crds"), NOW - HOUR - 1, False),
        (Forgiven("uid-b", "b", "crds"), NOW, False),
        (Forgiven("uid-a", "a", "compute"), NOW, False),
    ):
        released = (order(Command.RELEASE, at=at, forgives=(gate,)),)
        decision = decide(stalled("a", orders=released), one, NOW)
        assert ("f" in opens(decision)) is opened
        assert decision.rings[0].forgiven == int(opened)


def test_a_release_through_its_ring_does_not_pass_the_failure_budget() -> None:
    through = order(Command.RELEASE, through=frozenset({Through.RING}))
    decision = decide(stalled("a", orders=(through,)), of(Ring("all", stop=StopWhen(1))), NOW)
    assert opens(decision) == {}


def test_the_bake_of_an_empty_tier_counts_from_when_it_is_believed_to_be_empty() -> None:
    since = NOW - HOUR - MINUTE
    empty = Tier("crds", accept=frozenset({Accept.EMPTY}), empty_after_s=HOUR)
    two = policy(empty, rings=(CANARY, Ring("fleet", start=StartWhen(bake_s=HOUR))), **ROOM)
    git = application_set("x", generators=[Matrix((clusters(asks("crds")), Foreign("git")))])
    there = snapshot([canary("c", opened={"crds": since}), spoke("f")], [git])
    decision = decide(there, two, NOW)
    assert verdict(decision, "crds", "c").state is State.SETTLED
    assert waits(decision) == (RingBakes("fleet", "canary", since + 2 * HOUR),)


def test_a_window_shuts_only_the_rings_that_it_names_and_says_until_when() -> None:
    freeze = Window("freeze", WindowKind.DENY, "0 8 * * *", 2 * HOUR, rings=frozenset({"fleet"}))
    frozen = of(CANARY, Ring("fleet"), windows=(freeze,))
    waiting = snapshot([canary("c"), spoke("f", labels={"early": "x"})], [X])
    decision = decide(waiting, frozen, NOW)
    assert opens(decision) == {"c": ("crds",)}
    closed = WindowClosed("fleet", ("freeze",), True, NOW + HOUR)
    assert closed in waits(decision)
    assert decision.wake_at is not None
    assert decision.wake_at <= NOW + HOUR


# --- what people are told ------------------------------------------------------------------------


def test_every_tier_of_every_ring_is_shown() -> None:
    shown = decide(hub(settled("c")), fleet(settled=0.5, approval=True), NOW).rings
    assert [(each.ring, each.tier, each.begun, each.before, each.needed) for each in shown] == [
        ("canary", "crds", True, "", 0),
        ("fleet", "crds", False, "canary", 1),
    ]
    assert isinstance(shown[1], RingTier)
    assert (shown[1].approved, shown[1].waiting) == (False, 1)
    assert shown[1].against == (ApprovalMissing("fleet", "crds"),)


# --- over time -----------------------------------------------------------------------------------

_RINGS = st.sampled_from(
    [
        (Ring("canary", selector("ring=a")), Ring("rest")),
        (
            Ring("canary", selector("ring=a"), start=StartWhen(bake_s=60.0)),
            Ring("early", selector("ring in (b)"), start=StartWhen(0.5, bake_s=600.0)),
            Ring("rest", start=StartWhen(0.9), stop=StopWhen(0.5)),
        ),
        (Ring("canary", selector("ring=a"), tiers=frozenset({"t1"})), Ring("rest")),
    ]
)
_WINDOWS = st.sampled_from(
    [
        (),
        (Window("soon", WindowKind.ALLOW, "20,50 9 * * *", 600.0),),
        (Window("noon", WindowKind.DENY, "*/30 * * * *", 600.0, rings=frozenset({"rest"})),),
    ]
)


@st.composite
def ringed(draw: st.DrawFn) -> Rollout:
    """A rollout by rings and windows, whose addons all become healthy, with holds that end."""
    rollout = draw(rollouts())
    ages = {
        f"{each.name}-{made.name}": 5.0
        for each in rollout.world.spokes.values()
        for made in rollout.world.sets.values()
    }
    names = sorted(rollout.world.spokes)
    labels = {uid: {"ring": draw(st.sampled_from("abc"))} for uid in names}
    spokes = {uid: replace(e, labels=labels[uid]) for uid, e in rollout.world.spokes.items()}
    holds = tuple(
        order(
            draw(st.sampled_from([Command.HOLD, Command.RELEASE])),
            key=str(at),
            at=NOW - at,
            spoke=draw(st.sampled_from("abcd")),
            until=NOW + 900,
        )
        for at in range(draw(st.integers(0, 2)))
    )
    rollout.world = replace(
        rollout.world,
        spokes=spokes,
        orders=Orders(orders=holds),
        healthy_after_s={**rollout.world.healthy_after_s, **ages},
    )
    rollout.policy = replace(rollout.policy, rings=draw(_RINGS), windows=draw(_WINDOWS))
    return rollout


@given(ringed())
@tried(0.4)
def test_no_ring_starves_no_order_closes_and_histories_do_not_matter(rollout: Rollout) -> None:
    open_before: set[tuple[str, str]] = set()
    settled = False
    while not settled:
        decision = rollout.turn()
        assert not any(patch.closes for patch in decision.patches)
        open_now = {(uid, key) for uid, each in rollout.world.spokes.items() for key in each.labels}
        assert open_before <= open_now
        open_before = open_now
        assert rollout.world.now < NOW + DAY, "a ring starves"
        assert rollout.goes_on(decision)
        settled = {each.state for each in decision.verdicts.values()} == {State.SETTLED}
    assert not rollout.world.deleted
    decision = rollout.turn()
    anew = decide(seen(rollout.world, Carried()), rollout.policy, rollout.world.now)
    assert anew.rings == decision.rings
    assert dict(anew.verdicts) == dict(decision.verdicts)
