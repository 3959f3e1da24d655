"""Which fields does an object have that its kind does not know?

Facts (Kubernetes API concepts, field validation; recorded in
tests/captured/exchanges/patch-strict-unknown-field.json): `Strict` refuses them with 422 in a patch
and 400 elsewhere, `Warn`, the default, drops them and says so in a header, `Ignore` drops them.

Not ideal: only the fields at the top and in `metadata` are known here; the schemas of the CRDs and
of what lies deeper are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.objects import Object

_METADATA = frozenset({
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
    "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels",
    "annotations", "ownerReferences", "finalizers", "managedFields",
})  # fmt: skip
_TOP: Mapping[str, frozenset[str]] = {
    "Namespace": frozenset({"spec", "status"}),
    "Secret": frozenset({"data", "immutable", "stringData", "type"}),
    "ConfigMap": frozenset({"binaryData", "data", "immutable"}),
    "Pod": frozenset({"spec", "status"}),
    "Lease": frozenset({"spec"}),
    "Event": frozenset({
        "action", "eventTime", "note", "reason", "regarding", "related", "reportingController",
        "reportingInstance", "series", "type", "deprecatedCount", "deprecatedFirstTimestamp",
        "deprecatedLastTimestamp", "deprecatedSource",
    }),
    "Application": frozenset({"operation", "spec", "status"}),
    "ApplicationSet": frozenset({"spec", "status"}),
    "AppProject": frozenset({"spec", "status"}),
}  # fmt: skip
_HEAD = frozenset({"apiVersion", "kind", "metadata"})


def unknown_fields(kind: str, obj: Mapping[str, Any]) -> list[str]:
    """The paths that no object of `kind` has."""
    metadata = obj.get("metadata")
    below = metadata if isinstance(metadata, Mapping) else {}
    return [
        *(key for key in obj if key not in _TOP[kind] | _HEAD),
        *(f"metadata.{key}" for key in below if key not in _METADATA),
    ]


def known(kind: str, obj: Mapping[str, Any]) -> Object:
    """`obj` without them."""
    kept = {key: part for key, part in obj.items() if key in _TOP[kind] | _HEAD}
    if isinstance(kept.get("metadata"), Mapping):
        kept["metadata"] = {k: part for k, part in kept["metadata"].items() if k in _METADATA}
    return kept


def strict_error(unknown: list[str]) -> str:
    """How the decoder says that it met `unknown`."""
    return "strict decoding error: " + ", ".join(f'unknown field "{path}"' for path in unknown)
