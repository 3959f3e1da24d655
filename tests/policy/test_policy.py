from __future__ import annotations

import pytest

from watcher.facts import Expression, Selector
from watcher.policy import (
    DEFAULT_RING,
    RESERVED,
    Gates,
    Policy,
    Ring,
    Tier,
    Window,
    WindowKind,
)

POLICY = Policy(
    (
        Tier("crds"),
        Tier("compute", ("crds",)),
        Tier("mesh", ("crds",)),
        Tier("apps", ("compute", "mesh")),
    )
)


def test_a_gate_is_a_label_and_a_label_a_gate() -> None:
    gates = Gates(prefix="gates.example.com")
    assert gates.key("compute") == "gates.example.com/compute"
    assert gates.tier("gates.example.com/compute") == "compute"


@pytest.mark.parametrize(
    "key",
    [
        "gate-watcher.io/",
        "gate-watcher.io",
        "compute",
        "x.gate-watcher.io/compute",
        "gate-watcher.iox/compute",
        "",
        *(f"gate-watcher.io/{name}" for name in sorted(RESERVED)),
    ],
)
def test_what_is_not_under_the_prefix_or_reserved_is_no_gate(key: str) -> None:
    assert Gates().tier(key) is None


def test_the_keys_that_are_no_gates_are_just_the_reserved_ones() -> None:
    gates = Gates()
    keys = {
        gates.tier_key,
        gates.spoke_key,
        gates.opened_key,
        gates.teardown_key,
        gates.parked_key,
    }
    assert keys == {f"gate-watcher.io/{name}" for name in RESERVED}


def test_applications_are_looked_for_where_argo_cd_runs_unless_it_is_said_otherwise() -> None:
    assert Policy((), namespace="argo").application_namespaces == ("argo",)
    assert Policy((), application_namespaces=("a",)).application_namespaces == ("a",)


def test_equal_policies_are_equal_whatever_was_asked_of_them() -> None:
    same = Policy(POLICY.tiers)
    assert POLICY.order
    assert same == POLICY
    assert hash(same) == hash(POLICY)


def test_each_tier_knows_what_is_before_and_after_it() -> None:
    assert POLICY.needs("apps") == {"crds", "compute", "mesh"}
    assert POLICY.dependents("crds") == {"compute", "mesh", "apps"}
    assert [POLICY.depth(tier.name) for tier in POLICY.order] == [0, 1, 1, 2]
    assert POLICY.by_name["mesh"] is POLICY.tiers[2]


@pytest.mark.parametrize(
    ("named", "ignored"),
    [("bootstrap", True), ("argocd/bootstrap", True), ("x/bootstrap", False), ("boot", False)],
)
def test_an_application_set_is_ignored_by_its_name_or_with_its_namespace(
    named: str, *, ignored: bool
) -> None:
    policy = Policy((), ignore_application_sets=frozenset({named}))
    assert policy.ignores("argocd", "bootstrap") is ignored


CANARY = Ring("canary", Selector((Expression("ring", "In", ("canary",)),)))
EUROPE = Ring("europe", Selector((Expression("region", "In", ("eu",)),)))


def test_one_ring_takes_every_spoke_where_the_policy_names_none() -> None:
    assert Policy(()).rings == (DEFAULT_RING,)
    assert Policy(()).ring({"ring": "canary"}) is DEFAULT_RING


def test_a_spoke_is_in_the_first_ring_that_takes_it() -> None:
    policy = Policy((), rings=(CANARY, EUROPE))
    assert policy.ring({"ring": "canary", "region": "eu"}) is CANARY
    assert policy.ring({"ring": "fleet", "region": "eu"}) is EUROPE


def test_what_no_ring_takes_is_in_the_default_one() -> None:
    assert Policy((), rings=(CANARY,)).ring({}) is DEFAULT_RING


def test_no_ring_is_added_where_the_last_takes_the_rest() -> None:
    fleet = Ring("fleet")
    policy = Policy((), rings=(CANARY, fleet))
    assert policy.rings == (CANARY, fleet)
    assert policy.ring({}) is fleet


def test_a_selector_that_cannot_be_judged_takes_no_spoke() -> None:
    odd = Ring("odd", Selector((Expression("size", "Gt", ("3",)),)))
    assert Policy((), rings=(odd,)).ring({"size": "4"}) is DEFAULT_RING


def test_a_ring_orders_the_tiers_that_it_names_or_all() -> None:
    assert Ring("a").orders("compute")
    assert Ring("a", tiers=frozenset({"compute"})).orders("compute")
    assert not Ring("a", tiers=frozenset({"mesh"})).orders("compute")


def test_a_window_concerns_the_rings_that_it_names_or_all() -> None:
    freeze = Window("freeze", WindowKind.DENY, "0 22 * * 5", 3600.0)
    assert freeze.concerns("fleet")
    named = Window("freeze", WindowKind.DENY, "0 22 * * 5", 3600.0, rings=frozenset({"fleet"}))
    assert named.concerns("fleet")
    assert not named.concerns("canary")
