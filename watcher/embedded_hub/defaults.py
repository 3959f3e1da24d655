"""What does the hub itself put into an object of some kind?

Facts (Kubernetes, pkg/apis/core/v1/defaults.go, pkg/registry/core): `stringData` of a Secret is
written into `data` and never kept; a Secret without a type is Opaque; a Namespace begins Active and
is held by the finalizer `kubernetes` of its spec, not of its metadata; a Pod begins Pending.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from watcher.embedded_hub.objects import Object, frozen, with_parts
from watcher.embedded_hub.resources import NAMESPACE, POD, SECRET, Resource

_FIRST_STATUS: dict[Resource, dict[str, Any]] = {
    NAMESPACE: {"phase": "Active"},
    POD: {"phase": "Pending"},
}


def newborn(resource: Resource, obj: Object) -> Object:
    """`obj` as a create leaves it: with no status but the first one of its kind."""
    if not resource.status_subresource:
        return obj
    if resource is NAMESPACE:
        obj = with_parts(obj, spec={"finalizers": ["kubernetes"]})
    return with_parts(obj, status=_FIRST_STATUS.get(resource))


def terminating(resource: Resource, obj: Object) -> Object:
    """`obj` as a delete leaves it that has to wait."""
    return with_parts(obj, status={"phase": "Terminating"}) if resource is NAMESPACE else obj


def finalizers(resource: Resource, obj: Object) -> list[str]:
    """Who must let go of `obj` before it can be gone."""
    held: list[str] = list(obj["metadata"].get("finalizers") or ())
    if resource is NAMESPACE:
        held += obj.get("spec", {}).get("finalizers") or ()
    return held


def completed(resource: Resource, obj: Object) -> Object:
    """`obj` with what its kind always has."""
    if resource is not SECRET:
        return obj
    given = obj.get("stringData") or {}
    encoded = {key: b64encode(text.encode()).decode() for key, text in given.items()}
    data = {**(obj.get("data") or {}), **encoded} if encoded else obj.get("data")
    kind = obj.get("type") or "Opaque"
    return with_parts(obj, data=frozen(data), stringData=None, type=kind)
