"""Do the guards of Applications ask what they must? What a real hub makes of it: tests/realhub."""

from __future__ import annotations

from tests.guards.hubs import ACCOUNT, hub
from watcher.guards.applications import removals_are_named, watcher_refreshes_only

APART = hub(namespace="gitops", application_namespaces=("gitops", "team-a"))


def test_guard_c_looks_at_deletions_by_the_controller_wherever_applications_are() -> None:
    guard = removals_are_named(APART)
    (rule,) = guard.policy["spec"]["matchConstraints"]["resourceRules"]
    assert (rule["resources"], rule["operations"]) == (["applications"], ["DELETE"])
    controller, tier = (each["expression"] for each in guard.policy["spec"]["matchConditions"])
    assert "startsWith('system:serviceaccount:gitops:')" in controller
    assert "endsWith('applicationset-controller')" in controller
    assert "[?'gate-watcher.io/tier'].hasValue()" in tier
    selector = guard.binding["spec"]["matchResources"]["namespaceSelector"]
    assert selector["matchExpressions"][0]["values"] == ["gitops", "team-a"]


def test_guard_c_reads_the_names_from_argo_cds_namespace() -> None:
    assert removals_are_named(APART).binding["spec"]["paramRef"]["namespace"] == "gitops"


def test_guard_e_binds_the_account_everywhere_to_a_refresh() -> None:
    guard = watcher_refreshes_only(APART)
    (rule,) = guard.policy["spec"]["matchConstraints"]["resourceRules"]
    assert rule["resources"] == ["applications", "applications/*"]
    assert rule["operations"] == ["CREATE", "UPDATE", "DELETE"]
    (condition,) = guard.policy["spec"]["matchConditions"]
    assert condition["expression"] == f"request.userInfo.username == '{ACCOUNT}'"
    assert "matchResources" not in guard.binding["spec"]
    only_update, same = (each["expression"] for each in guard.policy["spec"]["validations"])
    assert only_update == "request.operation == 'UPDATE'"
    assert "k == 'argocd.argoproj.io/refresh' && variables.after[k] == 'normal'" in same
    assert "dyn(object).all(k, k in ['metadata']" in same
    assert "dyn(object.metadata).all(k, k in ['annotations', " in same
    assert "variables.before.all(k, k in variables.after)" in same
