"""Do the guards of Secrets ask what they must? What a real hub makes of it: tests/realhub."""

from __future__ import annotations

from tests.guards.hubs import ACCOUNT, hub
from watcher.guards.documents import Shipped
from watcher.guards.secrets import (
    PARKS,
    gated_secrets_stay,
    open_gates_stay_open,
    watcher_writes_gates_only,
)
from watcher.policy import Polarity

BLOCK = hub(Polarity.BLOCK)


def variable(guard: Shipped, name: str) -> str:
    every = {each["name"]: each["expression"] for each in guard.policy["spec"]["variables"]}
    return str(every[name])


def conditions(guard: Shipped) -> list[str]:
    return [each["expression"] for each in guard.policy["spec"]["matchConditions"]]


def rules(guard: Shipped) -> list[str]:
    return [each["expression"] for each in guard.policy["spec"]["validations"]]


def matched(guard: Shipped) -> tuple[list[str], list[str]]:
    (rule,) = guard.policy["spec"]["matchConstraints"]["resourceRules"]
    return rule["resources"], rule["operations"]


def test_an_open_gate_is_lost_where_its_label_goes_or_changes() -> None:
    lost = variable(open_gates_stay_open(hub()), "lost")
    assert lost.startswith("variables.before.filter")
    assert "variables.before[k] == 'open'" in lost
    assert "!(k in variables.after && variables.after[k] == 'open')" in lost


def test_under_block_an_open_gate_is_lost_where_closed_comes() -> None:
    lost = variable(open_gates_stay_open(BLOCK), "lost")
    assert lost.startswith("variables.after.filter")
    assert "variables.after[k] == 'closed'" in lost
    assert "!(k in variables.before && variables.before[k] == 'closed')" in lost


def test_guard_a_looks_at_updates_of_secrets_with_open_gates_in_argo_cds_namespace() -> None:
    guard = open_gates_stay_open(hub(namespace="gitops"))
    assert matched(guard) == (["secrets"], ["UPDATE"])
    assert "== 'open'" in conditions(guard)[0]
    selector = guard.binding["spec"]["matchResources"]["namespaceSelector"]
    assert selector["matchExpressions"][0]["values"] == ["gitops"]


def test_under_block_guard_a_looks_at_every_spoke() -> None:
    """A gate without its label is open, so that no Secret of a spoke can be left out."""
    assert conditions(open_gates_stay_open(BLOCK)) == [
        "oldObject.?metadata.?labels[?'argocd.argoproj.io/secret-type'].orValue('') == 'cluster'"
    ]
    for rule in rules(open_gates_stay_open(BLOCK))[2:]:
        assert rule.startswith("variables.neverOpened || '*' in variables.asked")


def test_under_block_guard_a_keeps_the_record_of_what_is_open() -> None:
    """Nothing else tells that a gate without its label was ever opened."""
    guard = open_gates_stay_open(BLOCK)
    assert rules(guard)[1] == "size(variables.forgotten) == 0"
    forgotten = variable(guard, "forgotten")
    assert forgotten.startswith("oldObject.?metadata.?annotations[?'gate-watcher.io/opened']")
    assert "!(t in variables.entries)" in forgotten
    assert "variables.asked" in forgotten
    assert all("forgotten" not in rule for rule in rules(open_gates_stay_open(hub())))


def test_guard_a_takes_what_argo_cd_makes_of_a_name_and_a_server() -> None:
    rule = rules(open_gates_stay_open(hub()))[2]
    assert "variables.nameBefore in ['', variables.nameAfter]" in rule
    assert rule.count("'Lw=='") == 2, "the slash may come or go"


def test_its_message_names_the_gates_and_what_to_do() -> None:
    said = open_gates_stay_open(hub()).policy["spec"]["validations"][0]["messageExpression"]
    assert "variables.lost.join(', ')" in said
    assert "annotate the Secret first" in said
    assert "gate-watcher.io/teardown=TIER" in said


def test_guard_b_binds_the_account_everywhere() -> None:
    guard = watcher_writes_gates_only(hub())
    assert matched(guard) == (["secrets"], ["CREATE", "UPDATE", "DELETE"])
    assert conditions(guard) == [f"request.userInfo.username == '{ACCOUNT}'"]
    assert "matchResources" not in guard.binding["spec"]


def test_guard_b_lets_no_value_come_but_the_polaritys_own() -> None:
    labels = rules(watcher_writes_gates_only(hub()))[4]
    assert "variables.after[k] == 'open'" in labels
    assert "'closed'" not in labels
    blocked = rules(watcher_writes_gates_only(BLOCK))[4]
    assert "variables.after[k] == 'closed' && ('*' in variables.asked" in blocked
    assert "variables.before[k] == 'closed'" in blocked
    assert "'open'" not in blocked


def test_guard_b_lets_park_where_recovery_is_on() -> None:
    for shape, parks in ((hub(), "false"), (hub(parks=True), "true")):
        guard = watcher_writes_gates_only(shape)
        assert guard.policy["spec"]["variables"][PARKS] == {"name": "parks", "expression": parks}
        assert variable(guard, "parking").startswith("variables.parks && (")


def test_guard_d_lets_a_namespace_be_cleared() -> None:
    guard = gated_secrets_stay(hub())
    assert matched(guard) == (["secrets"], ["DELETE"])
    assert any("kube-system:namespace-controller" in each for each in conditions(guard))
    assert rules(guard) == ["'*' in variables.asked"]
