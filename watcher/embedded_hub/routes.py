"""What does a request ask for?

A method and a path, read as the API server reads them: a verb on a kind, in a namespace, on an
object, perhaps on a subresource.

Facts (Kubernetes API concepts; staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go):
a GET with `watch=true` is the verb `watch`, without a name `list`; DELETE of a collection is
`deletecollection`; a field selector that asks for one name names the object, so that a right which
is bound to the name covers the request.

Elsewhere: who may ask it (users.py); what is served under which path (resources.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watcher.embedded_hub.events import CORE_EVENT, stored_as
from watcher.embedded_hub.resources import NAMESPACE, RESOURCES, Resource
from watcher.embedded_hub.selectors import only_name

SERVED: tuple[Resource, ...] = (*RESOURCES, CORE_EVENT)
"""Every kind with a path of its own, in the order in which discovery names them."""

_BY_ROOT: Mapping[tuple[str, str], Resource] = {
    (resource.root, resource.plural): resource for resource in SERVED
}
_VERBS: Mapping[tuple[str, bool], str] = {
    ("GET", True): "get",
    ("GET", False): "list",
    ("POST", False): "create",
    ("PUT", True): "update",
    ("PATCH", True): "patch",
    ("DELETE", True): "delete",
    ("DELETE", False): "deletecollection",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is asked of one kind."""

    verb: str
    """`get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`; empty
    for a method that the path does not know."""
    resource: Resource
    """As it is served: the store's kind is `stored`."""
    namespace: str | None
    """None for all namespaces, and for kinds that have none."""
    name: str | None
    """Of the path; of a collection, the one name that a field selector asks for."""
    subresource: str | None

    @property
    def stored(self) -> Resource:
        """The kind of the store that this is about."""
        return stored_as(self.resource)


def target(method: str, path: str, query: Mapping[str, str]) -> Target | None:
    """What is asked; None for a path under which no kind is served."""
    parts = [part for part in path.split("/") if part]
    length = {"api": 2, "apis": 3}.get(parts[0] if parts else "", 0)
    if not length or len(parts) <= length:
        return None
    root, rest = "/" + "/".join(parts[:length]), parts[length:]
    namespace = None
    if rest[0] == "namespaces" and len(rest) > 2 and (root, rest[2]) in _BY_ROOT:
        namespace, rest = rest[1], rest[2:]
    resource = _BY_ROOT.get((root, rest[0]))
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        return None
    name, subresource = [*rest[1:], None, None][:2]
    if subresource is not None and subresource not in _subresources(resource):
        return None
    if resource.namespaced and name is not None and namespace is None:
        return None
    verb = _VERBS.get((method, name is not None), "")
    if verb in ("get", "list") and query.get("watch", "") in ("1", "true"):
        verb = "watch"
    if verb in ("list", "watch", "deletecollection"):
        name = name or only_name(query.get("fieldSelector", ""))
    return Target(verb, resource, namespace, name, subresource)


def _subresources(resource: Resource) -> tuple[str, ...]:
    if resource is NAMESPACE:
        return ("status", "finalize")
    return ("status",) if resource.status_subresource else ()
