"""How is a guard written as objects of the API?

Everything that the API server would fill in is spelled out, so that what it holds is what was
shipped, and nobody who compares the two finds a difference.

Facts (Kubernetes, pkg/apis/admissionregistration/v1/defaults.go): it fills in `failurePolicy`,
`matchPolicy`, both selectors and `scope`.

`failurePolicy: Fail`, everywhere: an expression that raised an error would refuse the write. A
write that is refused can be done again, a deletion cannot be undone; and since the API server
works the expressions out itself, no other process need be up for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

Document: TypeAlias = dict[str, Any]

GROUP = "admissionregistration.k8s.io"
POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"
LABELS = {"app.kubernetes.io/name": "gate-watcher", "app.kubernetes.io/part-of": "gate-watcher"}


class Matched(Struct, frozen=True):
    """Which requests a guard looks at."""

    group: str
    resources: tuple[str, ...]
    operations: tuple[str, ...]
    only: Mapping[str, str]
    """By its name, each condition that must hold besides."""


class Rule(Struct, frozen=True):
    """What must hold, or the request is refused."""

    holds: str
    message: str
    """For people: what is refused, and what to do instead."""
    message_expression: str = ""
    """The same with what is in question."""


class Shipped(Struct, frozen=True):
    """One guard as the API holds it."""

    policy: Document
    binding: Document

    @property
    def name(self) -> str:
        """Of the policy, and of its binding."""
        name: str = self.policy["metadata"]["name"]
        return name


def guard(
    name: str,
    matched: Matched,
    rules: Iterable[Rule],
    *,
    variables: Mapping[str, str],
    namespaces: Iterable[str] | None,
    parameters: tuple[str, str] | None = None,
) -> Shipped:
    """A guard that is bound in `namespaces`; None: in all. `parameters`: the namespace and name of
    a ConfigMap that its rules read as `params`; where there is none, everything is refused.
    """
    spec: Document = {
        "failurePolicy": "Fail",
        "matchConstraints": {
            **_everything(),
            "resourceRules": [
                {
                    "apiGroups": [matched.group],
                    "apiVersions": ["*"],
                    "operations": list(matched.operations),
                    "resources": list(matched.resources),
                    "scope": "*",
                }
            ],
        },
        "matchConditions": _named(matched.only),
        **({"variables": _named(variables)} if variables else {}),
        "validations": [_validation(each) for each in rules],
    }
    bound: Document = {"policyName": name, "validationActions": ["Deny", "Audit"]}
    if namespaces is not None:
        bound["matchResources"] = {
            **_everything(),
            "namespaceSelector": {
                "matchExpressions": [
                    {
                        "key": "kubernetes.io/metadata.name",
                        "operator": "In",
                        "values": list(namespaces),
                    }
                ]
            },
        }
    if parameters is not None:
        spec["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
        bound["paramRef"] = {
            "namespace": parameters[0],
            "name": parameters[1],
            "parameterNotFoundAction": "Deny",
        }
    return Shipped(
        document(f"{GROUP}/v1", "ValidatingAdmissionPolicy", name, spec=spec),
        document(f"{GROUP}/v1", "ValidatingAdmissionPolicyBinding", name, spec=bound),
    )


def document(
    api_version: str, kind: str, name: str, *, namespace: str | None = None, **rest: Any
) -> Document:
    """An object of ours."""
    where = {} if namespace is None else {"namespace": namespace}
    metadata = {"name": name, **where, "labels": dict(LABELS)}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def _everything() -> Document:
    return {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}


def _named(expressions: Mapping[str, str]) -> list[Document]:
    return [{"name": name, "expression": text} for name, text in expressions.items()]


def _validation(rule: Rule) -> Document:
    said = {"messageExpression": rule.message_expression} if rule.message_expression else {}
    return {"expression": rule.holds, "message": rule.message, **said, "reason": "Forbidden"}
