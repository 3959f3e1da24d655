"""What is worked out of the objects once, for every rule."""

from __future__ import annotations

from tests.lint.written import application_set, clusters, inventory, policy, secret
from watcher.lint import Inventory
from watcher.policy import Gates


def test_a_spoke_is_selected_as_with_every_gate_open() -> None:
    mine = "enable_x: 'true', gate-watcher.io/compute: open"
    held = inventory(
        application_set(clusters(mine)) + secret("a", "enable_x: 'true'") + secret("b"), policy()
    )
    (each,) = held.sets
    assert [one.spoke.name for one in held.selected(each)] == ["a"]


def test_without_a_policy_gates_have_the_default_prefix() -> None:
    assert Inventory().gates == Gates()


def test_everything_says_its_kind_and_its_name() -> None:
    held = inventory(application_set(clusters()) + secret("a"), policy())
    assert held.sets[0].shown == "ApplicationSet argocd/x"
    assert held.spokes[0].shown == "Secret argocd/cluster-a"
