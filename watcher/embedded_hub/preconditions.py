"""Has the writer seen the object as it is?

Facts (Kubernetes, staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go and
storage/interfaces.go): the wording differs by the way in. A PUT that names the uid of an object
that is gone is a conflict and not 404, for the uid is compared with none.

Elsewhere: a wrong uid in a patch, which is an invalid change of the object (validation.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.errors import conflict
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource


def check_version(resource: Resource, given: Mapping[str, Any], before: Object) -> None:
    """The resourceVersion in the metadata of a PUT or a patch. Raises Conflict."""
    metadata = before["metadata"]
    wanted = given.get("resourceVersion")
    if wanted and wanted != metadata["resourceVersion"]:
        raise conflict(resource, metadata["name"])


def check_uid(resource: Resource, given: Mapping[str, Any], before: Object | None) -> None:
    """The uid in the metadata of a PUT. Raises Conflict."""
    found = before["metadata"]["uid"] if before else ""
    wanted = given.get("uid") or found
    if wanted == found:
        return
    folder = f"{resource.group}/{resource.plural}" if resource.custom else resource.plural
    name = given.get("name", "")
    raise conflict(
        resource,
        name,
        f"StorageError: invalid object, Code: 4, Key: /registry/{folder}/"
        f"{given.get('namespace', '')}/{name}, ResourceVersion: 0, AdditionalErrorMsg:"
        f" Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}",
    )


def check_delete(resource: Resource, given: Mapping[str, Any], before: Object) -> None:
    """The `preconditions` of a delete: `uid`, `resourceVersion`. Raises Conflict."""
    metadata = before["metadata"]
    for key, title in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        wanted, found = given.get(key), metadata[key]
        if wanted and wanted != found:
            why = f"{title} in precondition: {wanted}, {title} in object meta: {found}"
            raise conflict(resource, metadata["name"], f"Precondition failed: {why}")
