from __future__ import annotations

from tests.guards.hubs import hub
from watcher.guards import service_account, shape
from watcher.guards.shape import subject
from watcher.policy import Gates, Policy
from watcher.policy.policy import Recovery


def test_a_policy_that_says_nothing_asks_for_what_the_manifests_ship() -> None:
    assert shape(Policy(())) == hub()


def test_what_the_policy_says_is_asked_for() -> None:
    gates = Gates("gates.example.com")
    asked = shape(
        Policy(
            (),
            gates,
            namespace="gitops",
            application_namespaces=("a", "b"),
            recovery=Recovery.PARK,
        ),
        "somebody",
    )
    assert asked == hub(
        prefix="gates.example.com",
        namespace="gitops",
        application_namespaces=("a", "b"),
        account="somebody",
        parks=True,
    )


def test_two_hubs_in_one_cluster_have_guards_of_other_names() -> None:
    named = {
        each.named("x")
        for each in (hub(), hub(namespace="gitops"), hub(prefix="gates.example.com"))
    }
    assert len(named) == 3


def test_an_account_is_named_as_role_bindings_name_it() -> None:
    assert subject(service_account("argocd", "w")) == {
        "kind": "ServiceAccount",
        "name": "w",
        "namespace": "argocd",
    }
    for other in ("somebody", "system:serviceaccount:argocd", "system:serviceaccount:argocd:"):
        assert subject(other)["kind"] == "User"
        assert subject(other)["name"] == other
