"""What is asked of the hub?

A request is a value: built here, sent by somebody else (connection.py). This file is therefore the
whole of what the watcher ever asks, and its verbs, resources and selectors are what the Role in
the manifests must grant.

Facts (Kubernetes API concepts; captured):
- A list without resourceVersion is consistent; `resourceVersion=0` may be arbitrarily old.
- Metadata alone is asked for by `as=PartialObjectMetadata`, of a list by
  `as=PartialObjectMetadataList`: the one in place of the other is refused with 406.
- A merge patch whose metadata.uid or metadata.resourceVersion differ is refused (422, 409).
- A right that is bound to a name covers a list and a watch whose field selector asks for that name
  (apiserver/pkg/endpoints/request/requestinfo.go).

Elsewhere: when it is sent (watching.py, patching.py, lease.py, telling.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, structs

from watcher.decide.parking import Refresh
from watcher.decide.patch import PatchGates
from watcher.facts import ApplicationSet, Instant, Kind, rfc3339
from watcher.hub.errors import (
    Cause,
    CompareFailed,
    HubError,
    ListFailed,
    PatchFailed,
    ReadFailed,
    RenewFailed,
    ReviewFailed,
    TellFailed,
    WatchFailed,
)
from watcher.hub.wire import Status

if TYPE_CHECKING:
    from watcher.decide.notices import Notice

FIELD_MANAGER = "gate-watcher"

PERSON = "gate-watcher-cli"
"""The field manager of what a person's command writes, so that it is told from the watcher's."""

PAGE_LIMIT = 500
"""Objects in a page, as kubectl asks: 500 Applications of 10 KiB are 5 MB."""

REPORTER = "gate-watcher.io/gate-watcher"
"""Who tells an Event: a qualified name."""

_MOST_NOTE_BYTES = 1024
_MOST_WORD = 128

REFRESH = "argocd.argoproj.io/refresh"
"""What asks Argo CD to look at an Application; its controller takes it away again."""

ORDERS = "gate-watcher-orders"
"""The ConfigMap whose keys are people's orders, beside Argo CD."""

_SPOKES = "argocd.argoproj.io/secret-type=cluster"

_JSON = "application/json"
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_MERGE_PATCH = "application/merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
_TEXT = "text/plain"


class Request(Struct, frozen=True):
    """One request, and what it means when it fails."""

    error: type[HubError]
    about: str
    """What it is about, in words, for that error."""
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = _JSON
    body: bytes | None = None
    content_type: str = _JSON
    answer_type: str = _JSON
    """The media type of a good answer."""

    def failed(
        self, cause: Cause, what: str, *, remedy: str = "", status: Status | None = None
    ) -> HubError:
        """The error that this request failed with."""
        return self.error(cause, what=what, where=self.about, remedy=remedy, status=status)


class Resource(Struct, frozen=True):
    """Where a kind is found, and which of its objects are meant."""

    root: str
    """The group and version, as in a path."""
    plural: str
    list_kind: str
    """The `kind` of a list of them."""
    selector: str = ""
    """A label selector."""
    name: str = ""
    """The only object that is meant; empty where there may be several."""

    def path(self, namespace: str) -> str:
        """The collection."""
        return f"{self.root}/namespaces/{namespace}/{self.plural}"


def resource(kind: Kind, *, selector: str = "") -> Resource:
    """Where `kind` is found; of the Pods those that `selector` means.

    Of the other kinds the selector is not a person's to choose: Secrets that are no spokes never
    travel, nor does any ConfigMap but the one of orders.
    """
    match kind:
        case Kind.APPLICATIONS:
            return Resource("/apis/argoproj.io/v1alpha1", "applications", "ApplicationList")
        case Kind.APPLICATION_SETS:
            return Resource("/apis/argoproj.io/v1alpha1", "applicationsets", "ApplicationSetList")
        case Kind.SPOKES:
            return Resource("/api/v1", "secrets", "SecretList", _SPOKES)
        case Kind.PODS:
            return Resource("/api/v1", "pods", "PodList", selector)
        case Kind.ORDERS:
            return Resource("/api/v1", "configmaps", "ConfigMapList", name=ORDERS)


def list_page(what: Resource, namespace: str, *, continue_token: str = "") -> Request:
    """A page of a consistent list; the first without a token."""
    return Request(
        error=ListFailed,
        about=f"{what.plural} in {namespace}",
        method="GET",
        path=what.path(namespace),
        query=_page_query(what, continue_token),
    )


def metadata_page(what: Resource, namespace: str, *, continue_token: str = "") -> Request:
    """The same, of metadata alone."""
    return Request(
        error=CompareFailed,
        about=f"{what.plural} in {namespace}",
        method="GET",
        path=what.path(namespace),
        query=_page_query(what, continue_token),
        accept=_METADATA_LIST,
    )


def watch(what: Resource, namespace: str, *, resource_version: str, server_s: float) -> Request:
    """All changes after `resource_version`, until `server_s` seconds have passed."""
    return Request(
        error=WatchFailed,
        about=f"{what.plural} in {namespace}",
        method="GET",
        path=what.path(namespace),
        query=(
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", resource_version),
            ("timeoutSeconds", str(max(1, round(server_s)))),
            *_selector_query(what),
        ),
    )


def patch_gates(patch: PatchGates, *, manager: str = FIELD_MANAGER) -> Request:
    """Opens or closes gates on one Secret, parks or unparks the spoke; only the Secret that was
    decided on, as it was then.
    """
    metadata: dict[str, Any] = {"uid": patch.spoke, "resourceVersion": patch.resource_version}
    if patch.labels:
        metadata["labels"] = dict(patch.labels)
    if patch.annotations:
        metadata["annotations"] = dict(patch.annotations)
    return Request(
        error=PatchFailed,
        about=f"secret {patch.namespace}/{patch.secret}",
        method="PATCH",
        path=f"{resource(Kind.SPOKES).path(patch.namespace)}/{patch.secret}",
        query=(("fieldManager", manager),),
        accept=_METADATA,
        body=msgspec.json.encode({"metadata": metadata}, order="deterministic"),
        content_type=_MERGE_PATCH,
    )


def change_set(each: ApplicationSet, operations: Sequence[Mapping[str, Any]]) -> Request:
    """Changes an ApplicationSet by a JSON patch; by a person's command alone, and only the one that
    was looked at, as it was then: another version or another uid is a conflict.
    """
    only = {"/metadata/uid": each.uid, "/metadata/resourceVersion": each.resource_version}
    kept = [{"op": "replace", "path": path, "value": value} for path, value in only.items()]
    return Request(
        error=PatchFailed,
        about=f"applicationset {each.namespace}/{each.name}",
        method="PATCH",
        path=f"{resource(Kind.APPLICATION_SETS).path(each.namespace)}/{each.name}",
        query=(("fieldManager", PERSON),),
        accept=_METADATA,
        body=msgspec.json.encode([*kept, *operations]),
        content_type=_JSON_PATCH,
    )


def refresh(asked: Refresh) -> Request:
    """Asks Argo CD to look at one Application. Without a resourceVersion: its controller writes it
    all the time, and the wish holds whatever it wrote.
    """
    metadata = {"uid": asked.uid, "annotations": {REFRESH: "normal"}}
    return Request(
        error=PatchFailed,
        about=f"application {asked.namespace}/{asked.name}",
        method="PATCH",
        path=f"{resource(Kind.APPLICATIONS).path(asked.namespace)}/{asked.name}",
        query=(("fieldManager", FIELD_MANAGER),),
        accept=_METADATA,
        body=msgspec.json.encode({"metadata": metadata}, order="deterministic"),
        content_type=_MERGE_PATCH,
    )


def read_secret(namespace: str, secret: str) -> Request:
    """The metadata of one Secret, as it is now."""
    return Request(
        error=ReadFailed,
        about=f"secret {namespace}/{secret}",
        method="GET",
        path=f"{resource(Kind.SPOKES).path(namespace)}/{secret}",
        accept=_METADATA,
    )


def read_config_map(namespace: str, name: str) -> Request:
    """One ConfigMap, asked for by a person's command alone."""
    return Request(
        error=ReadFailed,
        about=f"configmap {namespace}/{name}",
        method="GET",
        path=f"/api/v1/namespaces/{namespace}/configmaps/{name}",
    )


def patch_removals(
    namespace: str, name: str, data: Mapping[str, str | None], *, uid: str
) -> Request:
    """Puts keys into the ConfigMap of removals and takes those out that are None, whatever else was
    written there meanwhile: they mean single Applications. By a person's command alone.
    """
    return structs.replace(_keys_of(namespace, name, {"uid": uid}, data), accept=_METADATA)


def patch_orders(namespace: str, resource_version: str, data: Mapping[str, str | None]) -> Request:
    """Puts and takes away keys of the ConfigMap of orders as it was at this version, and touches no
    other; asked for by a person's command alone.
    """
    return _keys_of(namespace, ORDERS, {"resourceVersion": resource_version}, data)


def _keys_of(
    namespace: str, name: str, only: Mapping[str, str], data: Mapping[str, str | None]
) -> Request:
    """Puts keys into a ConfigMap by hand and takes out those that are None; `only`: the metadata
    without which it is refused.
    """
    document = {"metadata": dict(only), "data": dict(data)}
    return structs.replace(
        read_config_map(namespace, name),
        error=PatchFailed,
        method="PATCH",
        query=(("fieldManager", PERSON),),
        body=msgspec.json.encode(document, order="deterministic"),
        content_type=_MERGE_PATCH,
    )


def get_lease(namespace: str, name: str) -> Request:
    """The lease."""
    return _lease_request("GET", namespace, name, path=f"{_leases(namespace)}/{name}")


def create_lease(namespace: str, name: str, body: bytes) -> Request:
    """A lease where there is none; 409 where there is one."""
    return _lease_request("POST", namespace, name, path=_leases(namespace), body=body)


def update_lease(namespace: str, name: str, body: bytes) -> Request:
    """The lease anew; 409 where `body` has not its present resourceVersion."""
    return _lease_request("PUT", namespace, name, path=f"{_leases(namespace)}/{name}", body=body)


def create_event(
    told: Notice,
    *,
    namespace: str,
    name: str,
    me: str,
    first_at: Instant,
    last_at: Instant,
    count: int,
) -> Request:
    """An Event about the Secret of a spoke; `me`: the replica that tells it."""
    event: dict[str, Any] = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "eventTime": _micro_time(first_at),
        "reportingController": REPORTER,
        "reportingInstance": me[:_MOST_WORD],
        "action": "Admission",
        "reason": told.news.value,
        "type": "Warning" if told.warns else "Normal",
        "note": _cut(told.words, _MOST_NOTE_BYTES),
        "regarding": {
            "apiVersion": "v1",
            "kind": "Secret",
            "namespace": namespace,
            "name": told.secret,
            "uid": told.gate.spoke,
        },
    }
    if count > 1:
        event["series"] = _series(last_at, count)
    return Request(
        error=TellFailed,
        about=f"event {namespace}/{name}",
        method="POST",
        path=_events(namespace),
        query=(("fieldManager", FIELD_MANAGER),),
        body=_encoded(event),
    )


def count_event(*, namespace: str, name: str, last_at: Instant, count: int) -> Request:
    """That what an Event tells happened again; 404 where the hub has forgotten it."""
    return Request(
        error=TellFailed,
        about=f"event {namespace}/{name}",
        method="PATCH",
        path=f"{_events(namespace)}/{name}",
        query=(("fieldManager", FIELD_MANAGER),),
        body=_encoded({"series": _series(last_at, count)}),
        content_type=_MERGE_PATCH,
    )


def review_access(
    verb: str, *, group: str, plural: str, namespace: str, name: str = "", account: str = ""
) -> Request:
    """May this account do `verb` there, or the service account of the user name `account`? An empty
    name means every object.
    """
    asked = {"verb": verb, "group": group, "resource": plural, "namespace": namespace, "name": name}
    who: dict[str, Any] = {"user": account, "groups": _groups(account)} if account else {}
    kind = "LocalSubjectAccessReview" if account else "SelfSubjectAccessReview"
    place = f"namespaces/{namespace}/" if account else ""
    return Request(
        error=ReviewFailed,
        about=f"the right to {verb} {plural} in {namespace}",
        method="POST",
        path=f"/apis/authorization.k8s.io/v1/{place}{kind.lower()}s",
        body=_encoded(
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": kind,
                **({"metadata": {"namespace": namespace}} if account else {}),
                "spec": {
                    **who,
                    "resourceAttributes": {key: text for key, text in asked.items() if text},
                },
            }
        ),
    )


def read_in_namespace(root: str, plural: str, namespace: str, name: str) -> Request:
    """One object; asked for by a person's command alone."""
    return Request(
        error=ReadFailed,
        about=f"{plural} {namespace}/{name}",
        method="GET",
        path=f"{root}/namespaces/{namespace}/{plural}/{name}",
    )


def pod_page(namespace: str, pod: str, *, port: int, path: str) -> Request:
    """What a Pod answers under `path`, through the API server; by a person's command alone."""
    return Request(
        error=ReadFailed,
        about=f"pods/proxy of {namespace}/{pod}",
        method="GET",
        path=f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy/{path.lstrip('/')}",
        accept=_TEXT,
        answer_type=_TEXT,
    )


def version() -> Request:
    """Which Kubernetes is it? Everybody who is known may ask, and mostly others, too."""
    return Request(error=ReadFailed, about="/version", method="GET", path="/version")


def read_of_cluster(root: str, plural: str, name: str) -> Request:
    """One object that is in no namespace; `root`: its group and version, as in a path."""
    return Request(
        error=ReadFailed, about=f"{plural} {name}", method="GET", path=f"{root}/{plural}/{name}"
    )


def who_am_i(version: str = "v1") -> Request:
    """Under which name does the API server know this account? Before Kubernetes 1.28 it is asked in
    the version v1beta1.
    """
    return Request(
        error=ReviewFailed,
        about="the name of this account",
        method="POST",
        path=f"/apis/authentication.k8s.io/{version}/selfsubjectreviews",
        body=_encoded(
            {"apiVersion": f"authentication.k8s.io/{version}", "kind": "SelfSubjectReview"},
        ),
    )


def argo_cd_kinds() -> Request:
    """Which kinds of Argo CD the hub serves; 404 where it has none of its CRDs."""
    return Request(
        error=ReadFailed,
        about="the kinds of argoproj.io/v1alpha1",
        method="GET",
        path="/apis/argoproj.io/v1alpha1",
    )


def _page_query(what: Resource, continue_token: str) -> tuple[tuple[str, str], ...]:
    token = (("continue", continue_token),) if continue_token else ()
    return (("limit", str(PAGE_LIMIT)), *_selector_query(what), *token)


def _selector_query(what: Resource) -> tuple[tuple[str, str], ...]:
    labels = (("labelSelector", what.selector),) if what.selector else ()
    fields = (("fieldSelector", f"metadata.name={what.name}"),) if what.name else ()
    return (*labels, *fields)


def _events(namespace: str) -> str:
    return f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"


def _series(last_at: Instant, count: int) -> Mapping[str, Any]:
    return {"count": count, "lastObservedTime": _micro_time(last_at)}


def _micro_time(at: Instant) -> str:
    """As `metav1.MicroTime` is written: six digits after the second."""
    return f"{rfc3339(at)[:-1]}.{int(at * 1e6) % 1_000_000:06d}Z"


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _leases(namespace: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


def _lease_request(
    method: str, namespace: str, name: str, *, path: str, body: bytes | None = None
) -> Request:
    return Request(
        error=RenewFailed,
        about=f"lease {namespace}/{name}",
        method=method,
        path=path,
        query=(("fieldManager", FIELD_MANAGER),) if body is not None else (),
        body=body,
    )


def _groups(account: str) -> list[str]:
    """Of a service account, by its user name: those that the API server gives it itself."""
    home = account.split(":")[2]
    return ["system:serviceaccounts", f"system:serviceaccounts:{home}", "system:authenticated"]


def _encoded(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(document)
