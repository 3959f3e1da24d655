"""The hub's ApplicationSets make of every recorded case what a real Argo CD made of it.

The cases and how they were recorded: tests/selection.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.selection.recorded import CASES, read_case
from watcher.embedded_hub.agenda import Agenda
from watcher.embedded_hub.application_sets import REFRESH_SET, ApplicationSets
from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.ownership import owner_of
from watcher.embedded_hub.resources import (
    APP_PROJECT,
    APPLICATION,
    APPLICATION_SET,
    SECRET,
    Resource,
)
from watcher.embedded_hub.spokes import CLUSTER_LABEL, DestinationError, Spokes
from watcher.embedded_hub.store import Store

SEEDS = range(8)
A_WHILE_S = 10.0
HOLD = "example.invalid/hold"


def recorded() -> list[Any]:
    cases = [(file.stem, read_case(file)) for file in CASES]
    return [pytest.param(read, id=name) for name, read in cases if "expect" in read]


@pytest.mark.parametrize("case", recorded())
async def test_every_recorded_case_has_the_real_controllers_answer(
    case: dict[str, Any],
) -> None:
    expected = {key: part for key, part in case["expect"].items() if key != "recordedFrom"}
    if not case.get("collides"):
        assert await played(case, seed=0) == said_shortly(expected)
        return
    answers = [await played(case, seed=seed) for seed in SEEDS]
    for drawn in expected["seen"]:
        if drawn["applications"] != {"addon-x": []}:  # caught between two passes
            assert said_shortly(drawn) in answers


def test_there_are_cases() -> None:
    assert len(CASES) > 150


async def played(case: dict[str, Any], *, seed: int) -> dict[str, Any]:
    """What the embedded hub makes of a case, as it is written down under `expect`."""
    clock = HandClock(1_700_000_000.0)
    store, agenda = Store(clock), Agenda(clock)
    store.create(APP_PROJECT, {"metadata": {"name": "default", "namespace": "argocd"}})
    spokes = Spokes(store, "argocd")
    files = case.get("git") or {}
    ApplicationSets(store, agenda, Chance(seed), spokes, files=files)
    agenda.start()
    for part in (case.get("before"), case):
        if part is not None:
            lay(store, part)
            await clock.advance(A_WHILE_S)
            ask_for_a_pass(store)
            await clock.advance(A_WHILE_S)
    await agenda.stop()
    assert agenda.failures == []
    return outcome(store, spokes, [one["name"] for one in case["applicationSets"]])


def lay(store: Store, part: dict[str, Any]) -> None:
    secrets = [secret(compact) for compact in part.get("secrets") or ()]
    kept = {one["metadata"]["name"] for one in secrets}
    for old in store.list(SECRET, "argocd"):
        if old["metadata"]["name"] not in kept:
            store.delete(SECRET, "argocd", old["metadata"]["name"])
    for one, compact in zip(secrets, part.get("secrets") or (), strict=True):
        put(store, SECRET, one)
        if compact.get("deleting"):
            store.delete(SECRET, one["metadata"]["namespace"], one["metadata"]["name"])
    for compact in part.get("applicationSets") or ():
        put(store, APPLICATION_SET, {
            "metadata": {"name": compact["name"], "namespace": "argocd"}, "spec": compact["spec"],
        })  # fmt: skip


def put(store: Store, resource: Resource, wanted: Object) -> None:
    metadata = wanted["metadata"]
    if store.get(resource, metadata["namespace"], metadata["name"]) is None:
        store.create(resource, wanted)
    else:
        store.replace(resource, wanted)


def ask_for_a_pass(store: Store) -> None:
    """As the recorder did: not everything that is laid brings one by itself."""
    for found in store.list(APPLICATION_SET, "argocd"):
        patch = {"metadata": {"annotations": {REFRESH_SET: "again"}}}
        store.patch(APPLICATION_SET, "argocd", found["metadata"]["name"], patch)


def secret(compact: dict[str, Any]) -> Object:
    labels = {} if compact.get("clusterLabel") is False else {CLUSTER_LABEL: "cluster"}
    return {
        "metadata": {
            "name": compact["name"],
            "namespace": compact.get("namespace", "argocd"),
            "labels": {**labels, **(compact.get("labels") or {})},
            "annotations": compact.get("annotations") or {},
            "finalizers": [HOLD] if compact.get("deleting") else [],
        },
        "data": {
            key: base64.b64encode(value.encode()).decode()
            for key, value in (compact.get("data") or {}).items()
        },
    }


def outcome(store: Store, spokes: Spokes, names: list[str]) -> dict[str, Any]:
    rows: dict[str, list[list[str]]] = {name: [] for name in names}
    for application in store.list(APPLICATION, "argocd"):
        if "deletionTimestamp" not in application["metadata"]:
            row = [application["metadata"]["name"], landed(application, spokes)]
            rows[owner_of(application) or "nobody"].append(row)
    errors = {name: failed(store, name) for name in names}
    said = {name: text for name, text in errors.items() if text}
    return {"applications": rows, **({"errors": said} if said else {})}


def landed(application: Object, spokes: Spokes) -> str:
    destination = application["spec"]["destination"]
    server, name = destination.get("server", "").rstrip("/"), destination.get("name")
    meant = [
        one.secret
        for one in spokes.all()
        if (one.name == name if name else one.server.rstrip("/") == server)
    ]
    try:
        found = spokes.resolved(destination)
    except DestinationError:
        return "|".join(meant) or "none"
    return "|".join(meant) or found.secret or "in-cluster (synthetic)"


def failed(store: Store, name: str) -> str | None:
    found = store.get(APPLICATION_SET, "argocd", name) or {}
    conditions = {one["type"]: one for one in (found.get("status") or {}).get("conditions") or ()}
    if not conditions:
        return "no condition at all"
    error = conditions["ErrorOccurred"]
    return f"ErrorOccurred: {error['reason']}" if error["status"] == "True" else None


def said_shortly(expected: dict[str, Any]) -> dict[str, Any]:
    """Without the messages of errors: the reason is what the watcher goes by."""
    errors = expected.get("errors") or {}
    short = {name: ": ".join(text.split(": ")[:2]) for name, text in errors.items()}
    return {"applications": expected["applications"], **({"errors": short} if short else {})}
