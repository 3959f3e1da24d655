from __future__ import annotations

import pytest

from watcher.policy import RESERVED, Gates, Policy, Tier

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
