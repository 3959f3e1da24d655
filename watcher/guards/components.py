"""Which objects does each component of the manifests bring?

`guards` brings A and B, `guards-strict` C and D, `recovery` E: beside the guards themselves, for
the watcher's account the right to read them (they are the cluster's, not a namespace's), the
ConfigMap that C reads, and the right to patch Applications that recovery needs.

Kustomize adds its components one after the other: `recovery` changes guard B, which `guards` has
brought before it. A patch that finds nothing to change is passed over without a word, a replacement
without its source is not: one that changes nothing asks for guard B.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import structs

from watcher.facts import Guard
from watcher.guards.applications import REMOVALS
from watcher.guards.documents import (
    BINDINGS,
    GROUP,
    POLICIES,
    Document,
    document,
)
from watcher.guards.secrets import PARKS
from watcher.guards.shape import SERVICE_ACCOUNT, Shape, shape, subject
from watcher.guards.shipped import shipped
from watcher.policy import Policy

_RBAC = "rbac.authorization.k8s.io"


class Component(StrEnum):
    """A part of the manifests that may be left out."""

    GUARDS = "guards"
    GUARDS_STRICT = "guards-strict"
    RECOVERY = "recovery"

    @property
    def guards(self) -> tuple[Guard, ...]:
        """Those that it brings."""
        return _GUARDS[self]


_GUARDS: Mapping[Component, tuple[Guard, ...]] = {
    Component.GUARDS: (Guard.A, Guard.B),
    Component.GUARDS_STRICT: (Guard.C, Guard.D),
    Component.RECOVERY: (Guard.E,),
}


_VALUES: Mapping[Component, str] = {
    Component.GUARDS: "guards.enabled",
    Component.GUARDS_STRICT: "guards.strict beside guards.enabled",
    Component.RECOVERY: "guards.enabled",
}
"""The chart's values that bring each; the chart goes by the policy in all else."""


def component_of(guard: Guard) -> Component:
    """The component that brings `guard`."""
    return next(each for each in Component if guard in each.guards)


def installation(guard: Guard, of: Shape) -> str:
    """What to apply, so that a hub of this shape has the guard; of a policy that parks, guard B
    too.
    """
    component = component_of(guard)
    asked = structs.replace(shape(Policy(())), parks=of.parks)
    if shipped(asked)[guard] != shipped(of)[guard]:
        return (
            f"apply what `{_printed(component, of)}` prints, or with Helm set {_VALUES[component]}"
        )
    after = " after guards, which lets B park" if guard is Guard.B and of.parks else ""
    brings = Component.RECOVERY if after else component
    return f"apply the component {brings} of the manifests{after}"


def _printed(component: Component, of: Shape) -> str:
    words = ["gate-watcher config guards FILE"]
    if component is Component.GUARDS_STRICT:
        words.append("--strict")
    account = subject(of.account)
    own = (of.namespace, SERVICE_ACCOUNT)
    if account["kind"] == "ServiceAccount" and (account["namespace"], account["name"]) != own:
        words.append(f"--service-account {account['namespace']}/{account['name']}")
    return " ".join(words)


def objects(component: Component, shape: Shape) -> Mapping[str, tuple[Document, ...]]:
    """By file name, without its ending, what the component brings."""
    every = shipped(shape)
    guards = [every[each] for each in component.guards]
    files: dict[str, tuple[Document, ...]] = {
        each.name.partition(".")[0]: (each.policy, each.binding) for each in guards
    }
    files["reads-guards"] = _may(
        f"gate-watcher:{component}:{shape.namespace}",
        shape,
        {
            "apiGroups": [GROUP],
            "resources": [POLICIES, BINDINGS],
            "resourceNames": [each.name for each in guards],
            "verbs": ["get"],
        },
        namespaces=(None,),
    )
    if component is Component.GUARDS_STRICT:
        files["removals"] = (document("v1", "ConfigMap", REMOVALS, namespace=shape.namespace),)
    if component is Component.RECOVERY:
        files["refreshes-applications"] = _may(
            "gate-watcher-recovery",
            shape,
            {"apiGroups": ["argoproj.io"], "resources": ["applications"], "verbs": ["patch"]},
            namespaces=shape.application_namespaces,
        )
    return files


def kustomization(component: Component, shape: Shape) -> Document:
    """The component's kustomization.yaml."""
    made: Document = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": [f"{name}.yaml" for name in objects(component, shape)],
    }
    if component is Component.RECOVERY:
        parks = f"/spec/variables/{PARKS}"
        name = shipped(shape)[Guard.B].name
        made["patches"] = [
            {
                "target": {"kind": "ValidatingAdmissionPolicy", "name": name},
                "patch": (
                    f"- {{op: test, path: {parks}/name, value: parks}}\n"
                    f"- {{op: replace, path: {parks}/expression, value: 'true'}}\n"
                ),
            }
        ]
        guard_b = {"kind": "ValidatingAdmissionPolicy", "name": name}
        field = "metadata.name"
        made["replacements"] = [
            {
                "source": {**guard_b, "fieldPath": field},
                "targets": [{"select": guard_b, "fieldPaths": [field]}],
            }
        ]
    return made


def _may(
    name: str, shape: Shape, rule: Document, *, namespaces: Iterable[str | None]
) -> tuple[Document, ...]:
    """What gives the watcher's account this right, in each namespace; None is the cluster."""
    made: list[Document] = []
    for namespace in namespaces:
        kind = "ClusterRole" if namespace is None else "Role"
        role = document(f"{_RBAC}/v1", kind, name, namespace=namespace, rules=[rule])
        binding = document(
            f"{_RBAC}/v1",
            f"{kind}Binding",
            name,
            namespace=namespace,
            roleRef={"apiGroup": _RBAC, "kind": kind, "name": name},
            subjects=[subject(shape.account)],
        )
        made += [role, binding]
    return tuple(made)
