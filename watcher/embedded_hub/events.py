"""How does one stored Event look under its two groups?

Facts (Kubernetes, pkg/apis/core/v1 and events/v1, zz_generated.conversion): Events are one kind
with two faces. `regarding`, `note`, `deprecatedSource`, `deprecatedFirstTimestamp`,
`deprecatedLastTimestamp` and `deprecatedCount` of events.k8s.io are `involvedObject`, `message`,
`source`, `firstTimestamp`, `lastTimestamp` and `count` of the core group, and `reporting…` differ
by `Component`. Recorded in tests/captured/exchanges/event-create.json: the deprecated fields are
there even when nobody set them.
"""

from __future__ import annotations

from collections.abc import Mapping

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import EVENT, Resource

CORE_EVENT = Resource("", "v1", "events", "Event", short_names=("ev",))
"""The face of EVENT in the core group, which `kubectl describe` reads; not a kind of the store."""

_CORE_NAMES: Mapping[str, str] = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}
_OWN_NAMES: Mapping[str, str] = {core: own for own, core in _CORE_NAMES.items()}
_ALWAYS: Mapping[str, object] = {
    "deprecatedSource": {},
    "deprecatedFirstTimestamp": None,
    "deprecatedLastTimestamp": None,
}


def stored_face(resource: Resource, obj: Mapping[str, object]) -> Object:
    """`obj` as the store holds it, whatever face it came with."""
    if resource is not CORE_EVENT:
        return dict(obj)
    own = {_OWN_NAMES.get(key, key): part for key, part in obj.items()}
    return {**own, "apiVersion": EVENT.api_version}


def served_face(resource: Resource, obj: Object) -> Object:
    """A stored object as `resource` shows it."""
    if obj["kind"] != EVENT.kind:
        return obj
    shown = {**_ALWAYS, **obj}
    if resource is not CORE_EVENT:
        return shown
    core = {_CORE_NAMES.get(key, key): part for key, part in shown.items()}
    return {**core, "apiVersion": CORE_EVENT.api_version}


def stored_as(resource: Resource) -> Resource:
    """The kind of the store behind a kind that is served."""
    return EVENT if resource is CORE_EVENT else resource
