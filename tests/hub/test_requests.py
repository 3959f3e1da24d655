"""Is what is asked of the hub exactly what may be asked?"""

from __future__ import annotations

import json

import pytest

from tests.builders import application_set
from tests.hub.exchanges import exchange
from watcher.decide import Gate
from watcher.decide.notices import News, Notice
from watcher.decide.parking import Refresh
from watcher.decide.patch import PatchGates
from watcher.facts import Kind
from watcher.hub import requests
from watcher.hub.errors import Cause, ListFailed
from watcher.hub.requests import Request, resource

PATCH = PatchGates(
    spoke="uid-1",
    namespace="argocd",
    secret="spoke-1",
    resource_version="532",
    labels={"gate-watcher.io/compute": "open", "gate-watcher.io/old": None},
    annotations={"gate-watcher.io/opened": "{}"},
    opens=("compute",),
    closes=("old",),
)

NOTICE = Notice(Gate("uid-1", "compute"), "argocd", "spoke-1", News.OPENED, "opened")

REFRESH = Refresh("apps", "spoke-1-x", "uid-2", 0.0)

SPOKES = resource(Kind.SPOKES)
RESOURCES = [resource(kind, selector="app=controller") for kind in Kind]

ALL: list[Request] = [
    *(requests.list_page(each, "argocd", continue_token="t") for each in RESOURCES),
    *(requests.metadata_page(each, "argocd") for each in RESOURCES),
    *(requests.watch(each, "argocd", resource_version="7", server_s=300.4) for each in RESOURCES),
    requests.patch_gates(PATCH),
    requests.refresh(REFRESH),
    requests.create_event(
        NOTICE, namespace="argocd", name="e", me="pod-0", first_at=0.0, last_at=0.0, count=1
    ),
    requests.count_event(namespace="argocd", name="e", last_at=0.0, count=2),
    requests.read_secret("argocd", "spoke-1"),
    requests.patch_removals("argocd", "removals", {"a": "b"}, uid="uid-3"),
    requests.get_lease("argocd", "gate-watcher"),
    requests.create_lease("argocd", "gate-watcher", b"{}"),
    requests.update_lease("argocd", "gate-watcher", b"{}"),
    requests.review_access("list", group="", plural="secrets", namespace="argocd"),
    requests.read_of_cluster("/apis/x.k8s.io/v1", "guards", "a"),
    requests.who_am_i(),
    requests.argo_cd_kinds(),
]


def test_nothing_else_is_ever_asked() -> None:
    core = "/api/v1/namespaces/argocd"
    argo = "/apis/argoproj.io/v1alpha1"
    events = "/apis/events.k8s.io/v1/namespaces/argocd/events"
    leases = "/apis/coordination.k8s.io/v1/namespaces/argocd/leases"
    assert {(each.method, each.path) for each in ALL} == {
        ("GET", f"{argo}/namespaces/argocd/applications"),
        ("GET", f"{argo}/namespaces/argocd/applicationsets"),
        ("GET", f"{core}/secrets"),
        ("GET", f"{core}/pods"),
        ("GET", f"{core}/configmaps"),
        ("GET", f"{core}/secrets/spoke-1"),
        ("PATCH", f"{core}/secrets/spoke-1"),
        ("PATCH", f"{argo}/namespaces/apps/applications/spoke-1-x"),
        ("POST", events),
        ("PATCH", f"{events}/e"),
        ("PATCH", f"{core}/configmaps/removals"),
        ("GET", f"{leases}/gate-watcher"),
        ("POST", leases),
        ("PUT", f"{leases}/gate-watcher"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"),
        ("GET", "/apis/x.k8s.io/v1/guards/a"),
        ("GET", argo),
    }


def test_secrets_that_are_no_spokes_never_travel() -> None:
    collections = [each for each in ALL if each.path.endswith("/secrets")]
    assert len(collections) == 3
    for each in collections:
        assert dict(each.query)["labelSelector"] == "argocd.argoproj.io/secret-type=cluster"


def test_of_the_pods_only_those_travel_that_the_selector_means() -> None:
    collections = [each for each in ALL if each.path.endswith("/pods")]
    assert len(collections) == 3
    for each in collections:
        assert dict(each.query)["labelSelector"] == "app=controller"


def test_of_the_config_maps_only_the_one_of_orders_travels() -> None:
    collections = [each for each in ALL if each.path.endswith("/configmaps")]
    assert len(collections) == 3
    for each in collections:
        assert dict(each.query)["fieldSelector"] == "metadata.name=gate-watcher-orders"
        assert "labelSelector" not in dict(each.query)


def test_nobody_chooses_which_applications_travel() -> None:
    for each in ALL:
        if "argoproj.io" in each.path:
            assert "labelSelector" not in dict(each.query)


def test_lists_are_consistent_and_come_in_pages() -> None:
    for each in RESOURCES:
        for request in (requests.list_page(each, "x"), requests.metadata_page(each, "x")):
            assert dict(request.query)["limit"] == "500"
            assert "resourceVersion" not in dict(request.query)
            assert "continue" not in dict(request.query)


def test_a_watch_has_bookmarks_and_an_end() -> None:
    request = requests.watch(SPOKES, "argocd", resource_version="7", server_s=300.4)
    assert request.query == (
        ("watch", "1"),
        ("allowWatchBookmarks", "true"),
        ("resourceVersion", "7"),
        ("timeoutSeconds", "300"),
        ("labelSelector", "argocd.argoproj.io/secret-type=cluster"),
    )


def test_lists_of_metadata_are_asked_for_as_lists() -> None:
    """The other form was refused with 406 when it was tried on a real API server."""
    accept = requests.metadata_page(SPOKES, "argocd").accept
    assert accept == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def test_a_patch_is_gates_their_times_and_its_preconditions_and_nothing_else() -> None:
    request = requests.patch_gates(PATCH)
    assert request.body is not None
    assert json.loads(request.body) == {
        "metadata": {
            "uid": "uid-1",
            "resourceVersion": "532",
            "labels": {"gate-watcher.io/compute": "open", "gate-watcher.io/old": None},
            "annotations": {"gate-watcher.io/opened": "{}"},
        }
    }


def test_a_refresh_is_one_annotation_of_the_very_application_whatever_its_version() -> None:
    request = requests.refresh(REFRESH)
    assert request.body is not None
    assert json.loads(request.body) == {
        "metadata": {"uid": "uid-2", "annotations": {"argocd.argoproj.io/refresh": "normal"}}
    }
    assert request.content_type == requests.patch_gates(PATCH).content_type
    assert request.query == (("fieldManager", "gate-watcher"),)


def test_a_patch_is_asked_for_as_it_was_tried_on_a_real_api_server() -> None:
    request = requests.patch_gates(PATCH)
    recorded = exchange("patch-ok-metadata-only").request
    assert recorded["headers"] == {"Accept": request.accept, "Content-Type": request.content_type}
    assert str(recorded["path"]).endswith("?fieldManager=gate-watcher")
    assert request.query == (("fieldManager", "gate-watcher"),)


def test_what_a_person_ordered_is_told_from_what_the_watcher_does() -> None:
    request = requests.patch_gates(PATCH, manager=requests.PERSON)
    assert request.query == (("fieldManager", "gate-watcher-cli"),)
    assert request.body == requests.patch_gates(PATCH).body


def test_a_patch_without_times_names_no_annotations() -> None:
    bare = PatchGates("uid-1", "argocd", "spoke-1", "532", {"gate-watcher.io/a": "open"}, {})
    body = requests.patch_gates(bare).body
    assert body is not None
    assert set(json.loads(body)["metadata"]) == {"uid", "resourceVersion", "labels"}


def test_a_failed_request_says_what_it_was_about() -> None:
    error = requests.list_page(resource(Kind.APPLICATIONS), "argocd").failed(Cause.LOST, "it broke")
    assert isinstance(error, ListFailed)
    assert str(error) == "cannot list applications in argocd: it broke"


@pytest.mark.parametrize("server_s", [0.0, 0.4, 1.0])
def test_a_watch_never_asks_for_no_time_at_all(server_s: float) -> None:
    request = requests.watch(SPOKES, "argocd", resource_version="7", server_s=server_s)
    assert dict(request.query)["timeoutSeconds"] == "1"


def test_a_change_of_an_application_set_is_of_the_one_that_was_looked_at() -> None:
    wanted = [{"op": "add", "path": "/spec/x", "value": "y"}]
    request = requests.change_set(application_set("x", resource_version="7"), wanted)
    assert (request.method, request.content_type) == ("PATCH", "application/json-patch+json")
    assert request.path == "/apis/argoproj.io/v1alpha1/namespaces/argocd/applicationsets/x"
    assert request.query == (("fieldManager", requests.PERSON),)
    assert json.loads(request.body or b"") == [
        {"op": "replace", "path": "/metadata/uid", "value": "uid-x"},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
        *wanted,
    ]
