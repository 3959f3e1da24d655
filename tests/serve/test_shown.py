from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from tests.builders import NOW, application, application_set, policy, snapshot, spoke
from watcher.decide import Decision, Gate, State, decide, say
from watcher.decide.changes import TeardownDone
from watcher.decide.findings import NoSoftLimit, tell
from watcher.decide.reasons import ApplicationsMissing, Binds, DependsOn, NotListed
from watcher.decide.shards import Help, Remedy, Shard
from watcher.decide.verdicts import PASSED, URGENT
from watcher.facts import (
    Application,
    BadOrder,
    Command,
    Kind,
    Order,
    Orders,
    Spoke,
    Target,
    selector,
)
from watcher.policy import Policy, Ring, StartWhen
from watcher.serve import Decided, shapes
from watcher.serve.shown import View, changed

POLICY = policy("compute", "mesh")
SETS = [application_set("x", "compute"), application_set("y", "mesh")]
OPENED = NOW - 3000.0
MIB = float(2**20)


def decision(*spokes: Spoke, apps: tuple[Application, ...] = ()) -> Decision:
    return decide(snapshot(spokes, SETS, apps), POLICY, NOW)


def view(
    *spokes: Spoke, apps: tuple[Application, ...] = (), shards: tuple[Shard, ...] = ()
) -> View:
    made = replace(decision(*spokes, apps=apps), shards={each.pod: each for each in shards})
    return View(Decided(made, POLICY, NOW))


def begun(name: str) -> Spoke:
    """Its first gate is open, and nothing was made behind it."""
    return spoke(name, opened={"compute": OPENED})


def settled(name: str) -> tuple[Spoke, tuple[Application, ...]]:
    apps = (application("x", name), application("y", name))
    return spoke(name, opened={"compute": OPENED, "mesh": OPENED}), apps


RINGS = policy(
    "compute",
    "mesh",
    rings=(
        Ring("canary", selector("ring=canary")),
        Ring("fleet", start=StartWhen(approval=True)),
    ),
)
CANARIES = (spoke("a", labels={"ring": "canary"}), spoke("b", labels={"env": "prod"}))
HOLD = Order("hold-1", Command.HOLD, Target(tier="mesh"), by="alice", at=NOW, why="a look")


def ordered(*orders: Order, bad: Iterable[BadOrder] = ()) -> View:
    """Two spokes, and what was ordered of them."""
    given = Orders("argocd", "gate-watcher-orders", "uid-o", "1", orders, tuple(bad))
    hub = replace(snapshot((spoke("a"), spoke("b")), SETS), orders=given)
    return View(Decided(decide(hub, POLICY, NOW), POLICY, NOW))


def fleet(given: View) -> shapes.Fleet:
    return given.fleet(leader="me", troubles=("nothing is heard of secrets",))


def test_a_fleet_counts_its_gates_by_tier_and_state() -> None:
    well, apps = settled("a")
    made = fleet(view(well, begun("b"), apps=apps))
    assert made.spokes == 2
    assert made.gates == {"Waiting": 1, "Stalled": 1, "Settled": 2}
    assert made.tiers == (
        shapes.Tier("compute", (), {"Stalled": 1, "Settled": 1}),
        shapes.Tier("mesh", ("compute",), {"Waiting": 1, "Settled": 1}),
    )


def test_a_fleet_says_when_by_whom_and_what_is_not_known() -> None:
    made = fleet(view())
    assert (made.decided_at, made.leader) == ("2026-03-02T09:00:00Z", "me")
    assert made.troubles == ("nothing is heard of secrets",)
    assert made.tiers[0] == shapes.Tier("compute", (), {}), "a tier without any gate is shown"


def test_gates_that_wait_alike_are_said_once() -> None:
    waiting = fleet(view(*(begun(f"s{number}") for number in range(7)))).waiting
    stalled, mesh = waiting
    assert (stalled.tier, stalled.state, stalled.gates) == ("compute", "Stalled", 7)
    assert mesh.spokes == ("s0", "s1", "s2", "s3", "s4")
    assert mesh == shapes.Waiting(
        tier="mesh",
        state="Waiting",
        reason=shapes.Reason("DependsOn", say(DependsOn("compute", "Stalled"))),
        alike=True,
        gates=7,
        spokes=mesh.spokes,
    )


def test_those_whose_words_differ_are_told_apart_from_those_whose_do_not() -> None:
    apps = tuple(application("x", name, healthy=False) for name in ("a", "b"))
    first, _ = fleet(view(begun("a"), begun("b"), apps=apps)).waiting
    assert first.state == "Stalled", "and what it says is why it has not settled"
    assert (first.gates, first.alike) == (2, False)
    assert "argocd/a-x" in first.reason.says


def test_every_state_that_does_not_pass_has_its_place_among_those_that_wait() -> None:
    assert set(URGENT) == set(State) - PASSED


def test_a_spoke_has_its_gates_in_order_with_every_reason() -> None:
    found = view(begun("a")).spoke("a")
    assert found is not None
    assert (found.name, found.namespace, found.secret) == ("a", "argocd", "cluster-a")
    compute, mesh = found.gates
    assert (compute.tier, compute.state) == ("compute", "Stalled")
    assert compute.opened_at == "2026-03-02T08:10:00Z"
    missing = ApplicationsMissing("argocd/x", 1, 0)
    assert shapes.Reason("ApplicationsMissing", say(missing)) in compute.reasons
    assert (mesh.state, mesh.opened_at) == ("Waiting", None)


def test_no_other_spoke_answers_to_a_name() -> None:
    assert view(begun("a")).spoke("b") is None


def test_pages_together_are_the_fleet_in_order() -> None:
    given = view(*(spoke(f"s{number}") for number in (4, 2, 0, 1, 3)))
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = given.page(states=(), tiers=(), after=after, limit=2)
        assert page.matching == 5
        names += [each.name for each in page.spokes]
        after = page.next
    assert names == ["s0", "s1", "s2", "s3", "s4"]


def test_a_page_goes_on_behind_a_spoke_that_left() -> None:
    given = view(spoke("a"), spoke("c"))
    page = given.page(states=(), tiers=(), after="b", limit=9)
    assert [each.name for each in page.spokes] == ["c"]


def test_only_those_are_shown_of_which_one_gate_is_both() -> None:
    well, apps = settled("a")
    given = view(well, begun("b"), spoke("c"), apps=apps)

    def names(states: tuple[str, ...], tiers: tuple[str, ...]) -> list[str]:
        page = given.page(states=states, tiers=tiers, after="", limit=9)
        return [each.name for each in page.spokes]

    assert names(("Waiting",), ()) == ["b", "c"]
    assert names(("Settled", "Stalled"), ("compute",)) == ["a", "b"]
    assert names(("Stalled",), ("mesh",)) == []
    assert names((), ("mesh",)) == ["a", "b", "c"]


def test_a_page_may_be_of_a_ring_or_of_labels() -> None:
    given = View(Decided(decide(snapshot(CANARIES, SETS), RINGS, NOW), RINGS, NOW))

    def names(**asked: Any) -> list[str]:
        page = given.page(states=(), tiers=(), after="", limit=9, **asked)
        return [each.name for each in page.spokes]

    assert names(rings=["canary"]) == ["a"]
    assert names(rings=["canary", "fleet"]) == ["a", "b"]
    assert names(selector=selector("env in (prod, test)")) == ["b"]
    assert names(rings=["canary"], selector=selector("env")) == []
    found = given.spoke("a")
    assert found is not None
    assert (found.uid, found.ring) == ("uid-a", "canary")


def test_a_fleet_speaks_of_rings_where_there_is_anything_to_say_of_them() -> None:
    def spoken(policy: Policy) -> tuple[shapes.RingTier, ...]:
        return fleet(
            View(Decided(decide(snapshot(CANARIES, SETS), policy, NOW), policy, NOW))
        ).rings

    assert [each.ring for each in spoken(RINGS)] == ["canary", "canary", "fleet", "fleet"]
    assert spoken(POLICY) == ()


def test_rings_say_how_far_each_tier_is_and_why_it_does_not_start() -> None:
    made = View(Decided(decide(snapshot(CANARIES, SETS), RINGS, NOW), RINGS, NOW)).rings
    assert made.rings == ("canary", "fleet")
    assert [(each.ring, each.tier) for each in made.tiers] == [
        ("canary", "compute"),
        ("canary", "mesh"),
        ("fleet", "compute"),
        ("fleet", "mesh"),
    ]
    waits = made.tiers[2]
    assert (waits.started, waits.before, waits.needed) == (False, "canary", 1)
    assert (waits.gates, waits.settled, dict(waits.apart), waits.waiting) == (1, 0, {}, 1)
    assert (waits.stalled, waits.forgiven, waits.approved) == ((), 0, False)
    assert [each.name for each in waits.reasons] == ["RingWaits", "ApprovalMissing"]


def test_orders_are_shown_with_what_they_name_and_what_is_none_with_its_problem() -> None:
    late = replace(HOLD, key="z", until=NOW - 1.0)
    made = ordered(HOLD, late, bad=[BadOrder("x", "it is no text")]).orders.orders
    assert [(each.key, each.in_force, each.spokes) for each in made] == [
        ("hold-1", True, 2),
        ("x", False, None),
        ("z", False, None),
    ]
    assert made[0] == shapes.Order(
        key="hold-1",
        order="hold",
        target=shapes.Target(tier="mesh"),
        by="alice",
        at="2026-03-02T09:00:00Z",
        why="a look",
        in_force=True,
        spokes=2,
        says="hold tier mesh by alice: a look",
    )
    assert made[1].problem == "it is no text"


SHARD = Shard(
    "0",
    "argocd/controller-0",
    stops=(NotListed(Kind.APPLICATIONS, ""),),
    used_bytes=500.4 * MIB,
    limit_bytes=900 * MIB,
    pod_limit_bytes=900 * MIB,
    spokes=20,
    waiting=4,
    fits=3,
    binds=Binds.RESTART,
    survives_restart=True,
    helps=(Help(Remedy.SOFT_LIMIT, 783 * MIB, 18),),
    kills=1,
    killed_at=NOW,
    errors={"load": 0.25},
)


def test_a_shard_says_what_is_known_with_its_findings() -> None:
    (shard,) = fleet(view(shards=(SHARD,))).shards
    assert (shard.name, shard.pod, shard.spokes, shard.fits) == ("0", "argocd/controller-0", 20, 3)
    assert shard.used_bytes == round(500.4 * MIB)
    assert shard.reserved_bytes is None
    assert (shard.binds, shard.killed_at) == ("restart", "2026-03-02T09:00:00Z")
    assert shard.helps == (shapes.Help("GOMEMLIMIT", 783 * 2**20, 18),)
    assert [each.name for each in shard.stops] == ["NotListed"]
    found = NoSoftLimit("0", 900 * MIB, 0.87 * 900 * MIB)
    assert shard.findings == (shapes.Reason("NoSoftLimit", tell(found)),)


def test_a_change_of_a_teardown_names_its_gate() -> None:
    done = TeardownDone(Gate("uid-a", "mesh"), "a", "argocd", "cluster-a")
    assert changed(done, number=7, at=NOW) == shapes.Change(
        7, "2026-03-02T09:00:00Z", "TeardownDone", "a", "mesh"
    )
