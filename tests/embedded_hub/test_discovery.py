from __future__ import annotations

from watcher.embedded_hub.discovery import document
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.routes import SERVED


def served(path: str) -> Object:
    found = document(path)
    assert found is not None
    return found


def test_every_kind_is_found_where_it_is_served() -> None:
    for resource in SERVED:
        kinds = {entry["name"]: entry for entry in served(resource.root)["resources"]}
        entry = kinds[resource.plural]
        assert (entry["kind"], entry["namespaced"]) == (resource.kind, resource.namespaced)
        assert "watch" in entry["verbs"]
        assert (f"{resource.plural}/status" in kinds) is resource.status_subresource


def test_every_group_is_named_once_and_has_its_page() -> None:
    groups = [group["name"] for group in served("/apis")["groups"]]
    assert groups == [
        "events.k8s.io", "coordination.k8s.io", "argoproj.io", "admissionregistration.k8s.io",
        "authentication.k8s.io", "authorization.k8s.io",
    ]  # fmt: skip
    for group in groups:
        assert served(f"/apis/{group}")["name"] == group
        version = served(f"/apis/{group}")["preferredVersion"]["version"]
        assert served(f"/apis/{group}/{version}")["groupVersion"] == f"{group}/{version}"


def test_a_patch_is_described_as_knowing_field_validation() -> None:
    for path in served("/openapi/v3")["paths"]:
        operations = served(f"/openapi/v3/{path}")["paths"]
        for operation in operations.values():
            names = {parameter["name"] for parameter in operation["patch"]["parameters"]}
            assert "fieldValidation" in names


def test_where_nothing_is_there_is_nothing() -> None:
    for path in (
        "/",
        "/nothing",
        "/apis/nothing",
        "/api/v2",
        "/apis/argoproj.io/v2",
        "/openapi/v3/x",
    ):
        assert document(path) is None
