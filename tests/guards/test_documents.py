from __future__ import annotations

from typing import Any

from watcher.guards.documents import Matched, Rule, guard

MATCHED = Matched("", ("secrets",), ("UPDATE",), {"only": "true"})
RULE = Rule("true", "no", "'no'")


def made(**how: Any) -> dict[str, dict[str, Any]]:
    given: dict[str, Any] = {"variables": {}, "namespaces": ("argocd",), **how}
    shipped = guard("x", MATCHED, (RULE,), **given)
    assert shipped.name == "x"
    return {"policy": shipped.policy["spec"], "binding": shipped.binding["spec"]}


def test_what_the_api_server_fills_in_is_spelled_out() -> None:
    spec = made()["policy"]
    assert spec["failurePolicy"] == "Fail"
    constraints = spec["matchConstraints"]
    assert constraints["matchPolicy"] == "Equivalent"
    assert (constraints["namespaceSelector"], constraints["objectSelector"]) == ({}, {})
    assert constraints["resourceRules"][0]["scope"] == "*"


def test_a_refusal_is_carried_out_and_audited() -> None:
    bound = made()["binding"]
    assert bound["validationActions"] == ["Deny", "Audit"]
    assert bound["policyName"] == "x"


def test_it_is_bound_where_it_is_to_be_or_everywhere() -> None:
    (wanted,) = made()["binding"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert wanted == {
        "key": "kubernetes.io/metadata.name",
        "operator": "In",
        "values": ["argocd"],
    }
    assert "matchResources" not in made(namespaces=None)["binding"]


def test_without_its_parameters_everything_is_refused() -> None:
    with_parameters = made(parameters=("argocd", "names"))
    assert with_parameters["policy"]["paramKind"] == {"apiVersion": "v1", "kind": "ConfigMap"}
    assert with_parameters["binding"]["paramRef"] == {
        "namespace": "argocd",
        "name": "names",
        "parameterNotFoundAction": "Deny",
    }
    assert "paramKind" not in made()["policy"]


def test_what_there_is_none_of_is_left_out() -> None:
    assert "variables" not in made()["policy"]
    assert made(variables={"a": "1"})["policy"]["variables"] == [{"name": "a", "expression": "1"}]
    (validation,) = made()["policy"]["validations"]
    assert validation == {
        "expression": "true",
        "message": "no",
        "messageExpression": "'no'",
        "reason": "Forbidden",
    }
