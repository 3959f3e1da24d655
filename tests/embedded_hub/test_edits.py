from __future__ import annotations

from typing import Any

import pytest

from tests.embedded_hub.standing import (
    APPLICATION_SETS,
    APPLICATIONS,
    METADATA,
    SECRETS,
    Hub,
    application,
    secret,
    standing,
)
from watcher.embedded_hub.resources import (
    APPLICATION,
    APPLICATION_SET,
    CONFIG_MAP,
    EVENT,
    LEASE,
    SECRET,
)

STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
LEASES = LEASE.path("argocd")


async def test_a_create_answers_what_was_made() -> None:
    async with standing() as hub:
        answer = await hub.client.ask("POST", SECRETS, secret("a"))
        assert answer.status == 201
        assert answer.json == hub.store.get(SECRET, "argocd", "a")


async def test_a_manager_is_named_by_the_query_or_the_user_agent() -> None:
    async with standing() as hub:
        await hub.client.ask("POST", f"{SECRETS}?fieldManager=me", secret("a"))
        await hub.client.patch(f"{SECRETS}/a", {"metadata": {"labels": {"x": "y"}}})
        obj = hub.store.get(SECRET, "argocd", "a")
        assert obj is not None
        managers = [entry["manager"] for entry in obj["metadata"]["managedFields"]]
        assert managers == ["me", "Python"]


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        (SECRETS, b"{", "json parse error"),
        (
            SECRETS,
            {"kind": "ConfigMap", "metadata": {"name": "a"}},
            "cannot be handled as a Secret",
        ),
        (SECRETS, secret("a", namespace="default"), "does not match the namespace"),
        (SECRET.path(), secret("a"), "an empty namespace may not be set"),
        (f"{SECRETS}?dryRun=All", secret("a"), "no dry runs"),
        (f"{SECRETS}?fieldValidation=Strict", {"spec": {}}, 'unknown field "spec"'),
        (SECRETS, {"metadata": []}, "cannot unmarshal"),
    ],
)
async def test_what_cannot_be_read_is_a_bad_request(path: str, body: Any, why: str) -> None:
    async with standing() as hub:
        answer = await hub.client.ask("POST", path, body)
        assert (answer.status, answer.json["reason"]) == (400, "BadRequest")
        assert why in answer.json["message"]
        assert hub.store.list(SECRET) == []


async def test_an_update_is_of_the_object_that_its_path_names() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        assert (await hub.client.ask("PUT", f"{SECRETS}/a", secret("a", {"x": "y"}))).status == 200
        wrong = await hub.client.ask("PUT", f"{SECRETS}/a", secret("b"))
        assert (wrong.status, wrong.json["reason"]) == (400, "BadRequest")


async def test_custom_resources_and_leases_are_not_updated_blindly() -> None:
    async with standing() as hub:
        hub.store.create(APPLICATION, application("a"))
        hub.store.create(LEASE, {"metadata": {"name": "l", "namespace": "argocd"}, "spec": {}})
        lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "x"}}
        for path, blind in ((f"{APPLICATIONS}/a", application("a")), (f"{LEASES}/l", lease)):
            answer = await hub.client.ask("PUT", path, blind)
            assert answer.status == 422
            assert "must be specified for an update" in answer.json["message"]


async def test_each_kind_of_patch_does_its_work() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        path = f"{SECRETS}/a"
        for content_type, patch in (
            ("application/merge-patch+json", {"metadata": {"labels": {"one": "1"}}}),
            (STRATEGIC, {"metadata": {"labels": {"two": "2", "$patch": "merge"}}}),
            (JSON_PATCH, [{"op": "add", "path": "/metadata/labels/three", "value": "3"}]),
        ):
            assert (await hub.client.patch(path, patch, content_type=content_type)).status == 200
        obj = hub.store.get(SECRET, "argocd", "a")
        assert obj is not None
        assert obj["metadata"]["labels"] == {"one": "1", "two": "2", "three": "3"}


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (f"{APPLICATIONS}/a", STRATEGIC),
        (f"{APPLICATIONS}/a", "application/apply-patch+yaml"),
        (f"{SECRETS}/a", "application/apply-patch+yaml"),
        (f"{SECRETS}/a", "application/json"),
    ],
)
async def test_patches_that_a_kind_does_not_take(path: str, content_type: str) -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.store.create(APPLICATION, application("a"))
        answer = await hub.client.patch(path, {}, content_type=content_type)
        assert (answer.status, answer.json["reason"]) == (415, "UnsupportedMediaType")


async def test_patches_that_cannot_be_read() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        for content_type, patch in (
            ("application/merge-patch+json", []),
            (JSON_PATCH, {}),
            ("application/merge-patch+json", {"metadata": {"labels": {"x": 1}}}),
        ):
            answer = await hub.client.patch(f"{SECRETS}/a", patch, content_type=content_type)
            assert (answer.status, answer.json["reason"]) == (400, "BadRequest")


async def test_unknown_fields_are_dropped_with_a_warning_unless_they_are_refused() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        patch = {"metadata": {"nosuch": 1, "labels": {"x": "y"}}}
        strict = await hub.client.patch(f"{SECRETS}/a?fieldValidation=Strict", patch)
        assert (strict.status, strict.json["reason"]) == (422, "Invalid")
        warned = await hub.client.patch(f"{SECRETS}/a", patch)
        assert warned.headers["Warning"] == '299 - "unknown field \\"metadata.nosuch\\""'
        assert "nosuch" not in warned.json["metadata"]
        ignored = await hub.client.patch(f"{SECRETS}/a?fieldValidation=Ignore", patch)
        assert (ignored.status, "Warning" in ignored.headers) == (200, False)


async def test_a_patch_answers_metadata_alone_if_asked() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        patch = {"metadata": {"labels": {"x": "y"}}}
        answer = await hub.client.patch(f"{SECRETS}/a", patch, accept=METADATA)
        assert answer.json["kind"] == "PartialObjectMetadata"
        assert "data" not in answer.json


async def test_the_status_of_an_application_set_has_its_own_door() -> None:
    async with standing() as hub:
        made = {"metadata": {"name": "a", "namespace": "argocd"}, "spec": {}}
        hub.store.create(APPLICATION_SET, made)
        answer = await hub.client.patch(f"{APPLICATION_SETS}/a/status", {"status": {"x": 1}})
        assert answer.json["status"] == {"x": 1}
        by_main = await hub.client.patch(f"{APPLICATION_SETS}/a", {"status": {"x": 2}})
        assert by_main.json["status"] == {"x": 1}


async def test_a_delete_answers_what_it_came_to() -> None:
    async with standing() as hub:
        uid = hub.store.create(APPLICATION, application("a"))["metadata"]["uid"]
        gone = (await hub.client.ask("DELETE", f"{APPLICATIONS}/a")).json
        assert (gone["kind"], gone["status"]) == ("Status", "Success")
        assert gone["details"] == {
            "name": "a", "group": "argoproj.io", "kind": "applications", "uid": uid,
        }  # fmt: skip
        hub.store.create(APPLICATION, application("b", metadata={"finalizers": ["f"]}))
        waits = (await hub.client.ask("DELETE", f"{APPLICATIONS}/b")).json
        assert "deletionTimestamp" in waits["metadata"]
        assert (await hub.client.ask("DELETE", f"{APPLICATIONS}/c")).status == 404


async def test_a_delete_has_its_preconditions_in_the_body() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        options = {"kind": "DeleteOptions", "preconditions": {"uid": "other"}}
        answer = await hub.client.ask("DELETE", f"{SECRETS}/a", options)
        assert (answer.status, answer.json["reason"]) == (409, "Conflict")


async def owned(hub: Hub) -> None:
    owner = hub.store.create(
        APPLICATION_SET, {"metadata": {"name": "s", "namespace": "argocd"}, "spec": {}}
    )
    reference = {"kind": "ApplicationSet", "name": "s", "uid": owner["metadata"]["uid"]}
    hub.store.create(APPLICATION, application("a", metadata={"ownerReferences": [reference]}))


@pytest.mark.parametrize(("query", "left"), [("", 0), ("?propagationPolicy=Orphan", 1)])
async def test_what_is_owned_goes_along_unless_it_is_orphaned(query: str, left: int) -> None:
    async with standing() as hub:
        await owned(hub)
        await hub.client.ask("DELETE", f"{APPLICATION_SETS}/s{query}")
        assert len(hub.store.list(APPLICATION)) == left


async def test_a_collection_is_deleted_by_selector() -> None:
    async with standing() as hub:
        for name, label in (("a", "x"), ("b", "x"), ("c", "y")):
            hub.store.create(SECRET, secret(name, {"l": label}))
        await hub.client.ask("DELETE", f"{SECRETS}?labelSelector=l%3Dx")
        assert [obj["metadata"]["name"] for obj in hub.store.list(SECRET)] == ["c"]


async def test_an_event_may_come_with_either_face() -> None:
    async with standing() as hub:
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": "e-"},
            "involvedObject": {"kind": "Secret", "name": "a"},
            "message": "m",
        }
        made = await hub.client.ask("POST", "/api/v1/namespaces/argocd/events", event)
        assert (made.status, made.json["message"]) == (201, "m")
        (stored,) = hub.store.list(EVENT)
        assert (stored["note"], stored["regarding"]["name"]) == ("m", "a")
        name = stored["metadata"]["name"]
        path = f"/api/v1/namespaces/argocd/events/{name}"
        patched = await hub.client.patch(path, {"message": "n", "count": 2})
        assert (patched.json["message"], patched.json["count"]) == ("n", 2)


async def test_methods_that_a_path_does_not_know() -> None:
    async with standing() as hub:
        answer = await hub.client.ask("POST", f"{CONFIG_MAP.path('argocd')}/a", {})
        assert (answer.status, answer.json["reason"]) == (405, "MethodNotAllowed")
