"""What do the guards of Applications refuse?

C: that the ApplicationSet controller deletes an Application that carries the tier label, unless the
ConfigMap of removals names it: whatever makes it delete, a lost label, a changed selector, a name
that changed. E: that the watcher's account changes anything of an Application but asks for a
refresh.

Facts:
- An ApplicationSet's controller deletes under its own service account, whose name ends in
  `applicationset-controller` in Argo CD's manifests, its Helm chart and its operator. An account
  named otherwise is not seen.
- The ConfigMap's keys are NAMESPACE.NAME: a key may not have a slash, and no namespace has a dot.
- The CRD of Application has no status subresource: whoever may patch it could patch its status and
  start an operation (Argo CD, manifests/crds/application-crd.yaml).
- An API server follows ConfigMaps for policies as long as some binding names one. A second after
  the last of these is gone it stops, until it is started anew (Kubernetes,
  plugin/policy/generic/policy_source.go, kubernetes#130887; measured on 1.36). C, put back, then
  goes by what the ConfigMap said when it was taken away, and what is read of it on the hub says in
  force all the same. A binding that only audits keeps it reading.

Not seen by C: what is deleted with its ApplicationSet, by the garbage collector, and by people.
"""

from __future__ import annotations

from watcher.guards.cel import (
    ANNOTATIONS_AFTER,
    ANNOTATIONS_BEFORE,
    OF_THE_SERVER,
    same_but,
    text,
)
from watcher.guards.documents import Matched, Rule, Shipped, guard
from watcher.guards.shape import Shape

REMOVALS = "gate-watcher-removals"
"""The ConfigMap that names the Applications which may be deleted."""

REFRESH = "argocd.argoproj.io/refresh"

_GROUP = "argoproj.io"
_CONTROLLER = "applicationset-controller"


def removals_are_named(shape: Shape) -> Shipped:
    """Guard C."""
    accounts, tier = text(f"system:serviceaccount:{shape.namespace}:"), text(shape.gates.tier_key)
    name = "oldObject.metadata.namespace + '.' + oldObject.metadata.name"
    before = "this Application belongs to a tier, and nobody has ordered its removal"
    order = f"in the ConfigMap {REMOVALS} in {shape.namespace}"
    return guard(
        shape.named("removals-are-named"),
        Matched(
            _GROUP,
            ("applications",),
            ("DELETE",),
            {
                "is-the-applicationset-controller": (
                    f"request.userInfo.username.startsWith({accounts})\n"
                    f"&& request.userInfo.username.endsWith({text(_CONTROLLER)})"
                ),
                "has-a-tier": f"oldObject.?metadata.?labels[?{tier}].hasValue()",
            },
        ),
        (
            Rule(
                f"({name}) in params.?data.orValue({{}})",
                f"{before}; to let it go, put the key NAMESPACE.NAME {order}",
                f"{text(f'{before}; to let it go, put the key ')} + {name} + {text(f' {order}')}",
            ),
        ),
        variables={},
        namespaces=shape.application_namespaces,
        parameters=(shape.namespace, REMOVALS),
    )


def watcher_refreshes_only(shape: Shape) -> Shipped:
    """Guard E."""
    refresh = text(REFRESH)
    return guard(
        shape.named("watcher-refreshes-only"),
        Matched(
            _GROUP,
            ("applications", "applications/*"),
            ("CREATE", "UPDATE", "DELETE"),
            {"is-the-watcher": f"request.userInfo.username == {text(shape.account)}"},
        ),
        (
            Rule(
                "request.operation == 'UPDATE'",
                "the watcher's account creates and deletes no Application",
            ),
            Rule(
                "request.operation != 'UPDATE' || (\n"
                f"{same_but('', ('metadata',))}\n"
                f"&& {same_but('.metadata', ('annotations', *OF_THE_SERVER))}\n"
                "&& variables.after.all(k,\n"
                "  (k in variables.before && variables.before[k] == variables.after[k])\n"
                f"  || (k == {refresh} && variables.after[k] == 'normal'))\n"
                "&& variables.before.all(k, k in variables.after))",
                "the watcher's account changes nothing of an Application but sets the annotation "
                f"{REFRESH} to normal",
            ),
        ),
        variables={"before": ANNOTATIONS_BEFORE, "after": ANNOTATIONS_AFTER},
        namespaces=None,  # it binds one account, wherever that may write
    )
