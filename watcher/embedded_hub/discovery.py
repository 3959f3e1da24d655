"""What does the hub say about itself?

Enough for kubectl and for clients that ask which kinds there are before they ask for one.

Facts (Kubernetes API concepts, discovery; recorded in tests/captured/exchanges/version.json):
`/api` and `/apis` name groups and versions, each of them its kinds and verbs. kubectl looks into
OpenAPI whether a PATCH knows `fieldValidation` before it trusts the server with it.

Elsewhere: schemas, which are not modelled: `kubectl explain` finds kinds and no fields.
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.routes import SERVED

VERSION: Object = {
    "major": "1",
    "minor": "35",
    "emulationMajor": "1",
    "emulationMinor": "35",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "34",
    "gitVersion": "v1.35.0",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_REVIEWS = {
    "authentication.k8s.io": ("selfsubjectreviews", "SelfSubjectReview"),
    "authorization.k8s.io": ("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
}


def document(path: str) -> Object | None:
    """What a GET of a path that concerns no object answers; None where there is nothing."""
    match path.strip("/").split("/"):
        case ["version"]:
            return VERSION
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            groups = [_group(name, version) for name, version in _groups()]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["apis", group]:
            versions = [version for name, version in _groups() if name == group]
            said = {"kind": "APIGroup", "apiVersion": "v1"}
            return {**said, **_group(group, versions[0])} if versions else None
        case ["api", version]:
            return _kinds("", version)
        case ["apis", group, version]:
            return _kinds(group, version)
        case ["openapi", "v3"]:
            return {"paths": {root[1:]: _described_at(root) for root in _roots()}}
        case ["openapi", "v3", *root] if f"/{'/'.join(root)}" in _roots():
            return _described(f"/{'/'.join(root)}")
        case _:
            return None


def _groups() -> Iterable[tuple[str, str]]:
    named = {resource.group: resource.version for resource in SERVED if resource.group}
    return [*named.items(), *((group, "v1") for group in _REVIEWS)]


def _group(name: str, version: str) -> Object:
    served = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [served], "preferredVersion": served}


def _kinds(group: str, version: str) -> Object | None:
    served = [r for r in SERVED if (r.group, r.version) == (group, version)]
    kinds = [entry for resource in served for entry in _entries(resource)]
    if group in _REVIEWS and version == "v1":
        plural, kind = _REVIEWS[group]
        kinds = [_entry(plural, kind, ["create"], namespaced=False)]
    if not kinds:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": kinds,
    }


def _entries(resource: Resource) -> list[Object]:
    main = _entry(resource.plural, resource.kind, _VERBS, namespaced=resource.namespaced)
    if resource.short_names:
        main["shortNames"] = list(resource.short_names)
    if resource.categories:
        main["categories"] = list(resource.categories)
    if not resource.status_subresource:
        return [main]
    plural, verbs = f"{resource.plural}/status", ["get", "patch", "update"]
    return [main, _entry(plural, resource.kind, verbs, namespaced=resource.namespaced)]


def _entry(plural: str, kind: str, verbs: list[str], *, namespaced: bool) -> Object:
    singular = "" if "/" in plural else kind.lower()
    return {
        "name": plural,
        "singularName": singular,
        "namespaced": namespaced,
        "kind": kind,
        "verbs": list(verbs),
    }


def _roots() -> list[str]:
    return list(dict.fromkeys(resource.root for resource in SERVED))


def _described_at(root: str) -> Object:
    return {"serverRelativeURL": f"/openapi/v3{root}"}


def _described(root: str) -> Object:
    served = [resource for resource in SERVED if resource.root == root]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": {_path(resource): _operations(resource) for resource in served},
        "components": {
            "schemas": {_schema_name(resource): _schema(resource) for resource in served}
        },
    }


def _path(resource: Resource) -> str:
    return resource.path("{namespace}", "{name}")


def _operations(resource: Resource) -> Object:
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("fieldManager", "fieldValidation")
    ]
    gvk = _gvk(resource)
    return {
        method: {
            "x-kubernetes-action": method,
            "x-kubernetes-group-version-kind": gvk,
            "parameters": parameters,
            "responses": {"200": {"description": "OK"}},
        }
        for method in ("patch", "put")
    }


def _schema(resource: Resource) -> Object:
    return {
        "type": "object",
        "x-kubernetes-group-version-kind": [_gvk(resource)],
        "x-kubernetes-preserve-unknown-fields": True,
    }


def _schema_name(resource: Resource) -> str:
    return f"{resource.group or 'core'}.{resource.version}.{resource.kind}"


def _gvk(resource: Resource) -> Object:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}
