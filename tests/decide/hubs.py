"""Hubs drawn by hypothesis: small, and with everything on them that can go wrong.

A hub is drawn as a description of nothing but numbers and choices, and built from it with names:
so the same hub can be built under other names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    NOW,
    OTHER_SPEC,
    annotation,
    application_set,
    clusters,
    settled_since,
    snapshot,
    sources,
    spoke,
)
from watcher.decide import Snapshot
from watcher.facts import (
    Application,
    ApplicationSet,
    Command,
    Condition,
    Elements,
    Expression,
    Foreign,
    Forgiven,
    Generator,
    Kind,
    Matrix,
    Merge,
    Operation,
    Order,
    Refusal,
    SetCondition,
    Spoke,
    Target,
    Through,
    Write,
    selector,
)
from watcher.policy import (
    Accept,
    Budgets,
    Gates,
    Polarity,
    Policy,
    Recovery,
    Ring,
    StartWhen,
    StopWhen,
    Tier,
    Window,
    WindowKind,
)

SPOKES, SETS, TIERS = 3, 4, 4
TIMES = [NOW - DAY, NOW - HOUR, NOW - 61, NOW - 30, NOW - 7, NOW - 2, NOW, NOW + 5]
times = st.sampled_from(TIMES)
maybe_times = st.none() | times


class Names(NamedTuple):
    """How spokes and tiers are called."""

    spoke: Callable[[int], str]
    tier: Callable[[int], str]


PLAIN = Names(lambda at: "abc"[at], lambda at: f"tier-{at}")
OTHER = Names(lambda at: f"x-{'abc'[at]}", lambda at: f"y.{at}")
"""Other names in the same order: order decides between equals."""


class Hub(Struct, frozen=True):
    """One hub, and what its people decided."""

    policy: Policy
    snapshot: Snapshot


class Described(Struct, frozen=True):
    """A hub without names."""

    tiers: list[dict[str, Any]]
    rest: dict[str, Any]
    polarity: Polarity
    spokes: list[dict[str, Any]]
    sets: list[dict[str, Any]]
    apps: list[dict[str, Any]]
    stale: list[Kind]
    writes: dict[int, tuple[list[int], float]]
    refusals: dict[int, float]
    guarded: bool | None
    orders: list[dict[str, Any]]

    def built(self, names: Names = PLAIN) -> Hub:
        """The hub under these names."""
        gates = Gates(polarity=self.polarity)
        tiers = tuple(_tier(at, each, names) for at, each in enumerate(self.tiers))
        sets = [_set(at, each, gates, names) for at, each in enumerate(self.sets)]
        return Hub(
            Policy(tiers, gates, **self.rest),
            snapshot(
                [_spoke(at, each, gates, names) for at, each in enumerate(self.spokes)],
                sets,
                {app.key: app for app in (_app(each, names) for each in self.apps)}.values(),
                heard=sources(NOW, stale=self.stale),
                writes={
                    names.spoke(at): Write(frozenset(map(names.tier, opened)), sent_at)
                    for at, (opened, sent_at) in self.writes.items()
                },
                refusals={
                    names.spoke(at): Refusal(403, "no right", NOW - 1, retry_at)
                    for at, retry_at in self.refusals.items()
                },
                guarded=self.guarded,
                orders=[_order(at, each, names) for at, each in enumerate(self.orders)],
            ),
        )


def tried(times: float) -> settings:
    """So many times as often as a property is tried usually; at night all are tried more often."""
    usual = settings.default
    assert usual is not None
    return settings(max_examples=round(times * usual.max_examples))


def mostly(usual: Any, odd: list[Any]) -> st.SearchStrategy[Any]:
    """Four times in five the usual, else one of the odd ones."""
    return st.sampled_from([usual] * 4 * len(odd) + odd)


def hubs(**fixed: Any) -> st.SearchStrategy[Described]:
    """Hubs; what is `fixed` is not drawn."""
    drawn: dict[str, Any] = {
        "tiers": st.lists(_tiers, min_size=1, max_size=TIERS),
        "rest": st.fixed_dictionaries(
            {
                "budgets": budgets,
                "recovery": mostly(Recovery.OFF, [Recovery.PARK]),
                "rings": _rings,
                "windows": mostly((), [(), (FREEZE,), (ALLOWED,)]),
            }
        ),
        "polarity": st.sampled_from([Polarity.ADMIT, Polarity.ADMIT, Polarity.BLOCK]),
        "spokes": st.lists(_spokes, min_size=1, max_size=SPOKES),
        "sets": st.lists(_sets, min_size=1, max_size=SETS),
        "apps": st.lists(_apps, max_size=8),
        "stale": mostly([], [[kind] for kind in Kind]),
        "writes": mostly({}, [{0: ([0], NOW - 1)}, {1: ([0, 1], NOW - 7)}, {2: ([], NOW)}]),
        "refusals": mostly({}, [{0: NOW + 9}, {1: NOW}]),
        "guarded": mostly(True, [None]),
        "orders": mostly([], [[]]) | st.lists(_orders, max_size=3),
    }
    return st.builds(Described, **{**drawn, **{name: st.just(v) for name, v in fixed.items()}})


# --- what is drawn -------------------------------------------------------------------------------

budgets = st.builds(
    Budgets,
    spokes_in_progress=st.integers(0, 3),
    applications_in_progress=mostly(None, [1, 2, 4]),
    interval_s=mostly(0.0, [20.0]),
)
FREEZE = Window("freeze", WindowKind.DENY, "0 8 * * *", 2 * HOUR, rings=frozenset({"first"}))
ALLOWED = Window("allowed", WindowKind.ALLOW, "0 9 * * *", HOUR)
"""It is nine in the morning."""
_rings = mostly(
    (),
    [
        (Ring("first", selector("enable"), stop=StopWhen(1)), Ring("rest")),
        (
            Ring("first", selector("env"), start=StartWhen(approval=True)),
            Ring(
                "second", selector("enable"), start=StartWhen(0.5, bake_s=20.0), stop=StopWhen(0.5)
            ),
            Ring("rest", start=StartWhen(bake_s=1800.0, approval=True)),
        ),
    ],
)
_orders = st.fixed_dictionaries(
    {
        "command": st.sampled_from(Command),
        "spoke": mostly(None, [*range(SPOKES)]),
        "tier": mostly(None, [*range(TIERS)]),
        "ring": mostly("", ["first", "rest", "gone"]),
        "selector": mostly("", ["enable", "!env"]),
        "at": times,
        "until": mostly(None, [NOW - 1, NOW + 30]),
        "through": st.frozensets(st.sampled_from([Through.RING, Through.WINDOW])),
        "forgives": mostly([], [[(0, 0)], [(0, 1), (1, 0)]]),
    }
)
_tiers = st.fixed_dictionaries(
    {
        "needs": st.lists(st.integers(1, 3), max_size=2, unique=True),
        "optional": st.booleans(),
        "soak_s": st.sampled_from([2.0, 10.0]),
        "deadline_s": st.sampled_from([60.0, 1800.0]),
        "empty_after_s": st.sampled_from([5.0, 300.0]),
        "accept": st.frozensets(st.sampled_from(Accept), max_size=2),
    }
)
_spokes = st.fixed_dictionaries(
    {
        "gates": st.lists(
            st.sampled_from(["closed"] * 4 + ["open"] * 4 + ["by hand", "lost"]),
            min_size=TIERS + 1,
            max_size=TIERS + 1,
        ),
        "times": st.lists(times, min_size=TIERS + 1, max_size=TIERS + 1),
        "unreadable_opened": mostly(False, [True]),
        "teardown": mostly(None, [[-1], [0], [1], [0, 1], [TIERS], []]),
        "labels": st.sampled_from([{}, {"enable": "x"}, {"enable": "x", "env": "x"}]),
        "trouble": mostly(
            {},
            [
                {"skip_reconcile": True},
                {"skip_reconcile": True, "parked": "{}"},
                {"deleting_since": NOW - 5},
                {"unreadable": ("data.name",)},
                {"server": "that of the first"},
                {"name": ""},
            ],
        ),
        "created_at": maybe_times,
    }
)
_expressions = st.tuples(
    st.integers(-2, TIERS),  # a gate, or one of two other labels
    st.sampled_from(["In", "In", "In", "NotIn", "Exists", "DoesNotExist", "Equals", "{{"]),
)
_joining = st.tuples(st.integers(0, TIERS - 1), st.just("In"))
_clusters = st.fixed_dictionaries(
    {
        "kind": st.just("clusters"),
        "asks": st.lists(_joining, min_size=1, max_size=1)
        | st.lists(_joining, min_size=1, max_size=1)
        | st.lists(_expressions, max_size=3),
    }
)
_generators = st.recursive(
    _clusters,
    lambda inner: st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["matrix", "matrix", "git", "merge", "three"]),
            "children": st.tuples(inner, inner),
        }
    ),
    max_leaves=3,
)
_sets = st.fixed_dictionaries(
    {
        "generators": st.lists(_clusters, min_size=1, max_size=1)
        | st.lists(_generators, min_size=1, max_size=2),
        "fields": st.fixed_dictionaries(
            {
                "created_at": mostly(NOW - DAY, [NOW - 30]),
                "deletes": mostly(True, [False]),
                "reads_all_labels": mostly(False, [False, True]),
                "destination_varies": mostly(True, [False]),
                "conditions": mostly(
                    (), [(), (SetCondition("ErrorOccurred", "True", "Error", "no", NOW - 20),)]
                ),
            }
        ),
    }
)
_status = st.fixed_dictionaries(
    {
        "created_at": times,
        "deleting_since": mostly(None, [NOW - 3]),
        "operation": st.sampled_from(
            [
                None,
                *(Operation("Succeeded", at) for at in TIMES[:6]),
                Operation("Running"),
                Operation("Failed", NOW - 8, "no"),
            ]
        ),
        "operation_pending": mostly(False, [True]),
        "sync_status": mostly("Synced", ["OutOfSync", ""]),
        "health_status": mostly("Healthy", ["Progressing", "Degraded", "Suspended", "Missing", ""]),
        "health_since": maybe_times,
        "reconciled_at": st.none() | mostly(NOW, [*TIMES, NOW + DAY]),
        "deployed_at": maybe_times,
        "compared_digest": mostly(b"spec", [OTHER_SPEC, None]),
        "conditions": mostly(
            (),
            [
                (Condition("SyncError", "no"),),
                (Condition("ComparisonError", "Failed to load live state: no route"),),
            ],
        ),
        "automated": mostly(True, [False]),
    }
)
_apps = st.fixed_dictionaries(
    {
        "of": st.integers(0, SETS),
        "on": mostly(0, [1, 1, 2, SPOKES]),
        "twin": mostly("", ["-2"]),
        "tier": mostly(None, [0, 1]),
        "settled_at": st.sampled_from(TIMES[:5]),
        "fields": st.just({}) | st.just({}) | _status,
    }
)


# --- what is built -------------------------------------------------------------------------------


def _tier(at: int, each: Mapping[str, Any], names: Names) -> Tier:
    below = sorted({at - back for back in each["needs"] if at - back >= 0})
    fields = {name: value for name, value in each.items() if name != "needs"}
    return Tier(names.tier(at), tuple(map(names.tier, below)), **fields)


def _spoke(at: int, each: Mapping[str, Any], gates: Gates, names: Names) -> Spoke:
    admit = gates.polarity is Polarity.ADMIT
    shown, recorded = {}, {}
    for tier, (state, when) in enumerate(zip(each["gates"], each["times"], strict=True)):
        if (state in ("open", "by hand")) is admit:
            shown[gates.key(names.tier(tier))] = "open" if admit else "closed"
        if state in ("open", "lost"):
            recorded[names.tier(tier)] = when
    opened = "{" if each["unreadable_opened"] else annotation(recorded) if recorded else None
    named = each["teardown"]
    trouble = dict(each["trouble"])
    if "server" in trouble:
        trouble["server"] = f"https://{names.spoke(0)}.example.com"
    made = spoke(
        names.spoke(at),
        labels={**each["labels"], **shown},
        teardown=None
        if named is None
        else ",".join("*" if tier < 0 else names.tier(tier) for tier in named),
        created_at=each["created_at"],
        **trouble,
    )
    return replace(made, opened=opened)


def _order(at: int, each: Mapping[str, Any], names: Names) -> Order:
    target = Target(
        "" if each["spoke"] is None else names.spoke(each["spoke"]),
        "" if each["tier"] is None else names.tier(each["tier"]),
        each["ring"],
        each["selector"],
    )
    releases = each["command"] is Command.RELEASE
    forgiven = [(names.spoke(on), names.tier(tier)) for on, tier in each["forgives"]]
    return Order(
        key=f"order-{at}",
        command=each["command"],
        target=replace(target, everything=target == Target()),
        by="alice",
        at=each["at"],
        until=each["until"],
        through=each["through"] if releases else frozenset(),
        forgives=tuple(Forgiven(f"uid-{on}", on, tier) for on, tier in forgiven if releases),
    )


def _set(at: int, each: Mapping[str, Any], gates: Gates, names: Names) -> ApplicationSet:
    made = [_generator(one, gates, names) for one in each["generators"]]
    return application_set(f"set-{at}", generators=made, **each["fields"])


def _generator(each: Mapping[str, Any], gates: Gates, names: Names) -> Generator:
    if each["kind"] == "clusters":
        return clusters(*(_asked(tier, how, gates, names) for tier, how in each["asks"]))
    first, second = (_generator(child, gates, names) for child in each["children"])
    match each["kind"]:
        case "matrix":
            return Matrix((first, Elements(({"n": "1"}, {"n": "2"}))))
        case "git":
            return Matrix((first, Foreign("git")))
        case "merge":
            return Merge((first, second), ("server",))
        case _:
            return Matrix((first, second))


def _asked(tier: int, how: str, gates: Gates, names: Names) -> Expression:
    key = ("enable", "env")[tier] if tier < 0 else gates.key(names.tier(tier))
    admit = gates.polarity is Polarity.ADMIT
    value = "x" if tier < 0 else "open" if admit else "closed"
    if how == "{{":
        return Expression(key, "In", ("{{.value}}",))
    if how == "In" and tier >= 0 and not admit:
        how = "NotIn"  # what joins a tier under block
    return Expression(key, how, (value,) if how in ("In", "NotIn", "Equals") else ())


def _app(each: Mapping[str, Any], names: Names) -> Application:
    on = names.spoke(each["on"]) if each["on"] < SPOKES else "nowhere"
    tier = each["tier"]
    return settled_since(
        each["settled_at"],
        f"set-{each['of']}",
        on,
        name=f"app-{each['of']}-{each['on']}{each['twin']}",
        uid=f"uid-{each['of']}-{each['on']}{each['twin']}",
        tier_label=None if tier is None else names.tier(tier),
        **each["fields"],
    )
