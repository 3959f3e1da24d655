"""Pieces of a status, to the letter; whole ones are compared in test_applications.py."""

from __future__ import annotations

from tests.captured.recorded import last, stream
from watcher.embedded_hub.live import Live
from watcher.embedded_hub.repository import Content
from watcher.embedded_hub.stamps import instant
from watcher.embedded_hub.statuses import (
    automated_operation,
    compared_to,
    condition,
    fresh_status,
    health_part,
    history,
    retrying,
    running,
    settled_status,
)
from watcher.embedded_hub.workloads import takes

REAL = last("one-spoke-four-tiers", "Application", "spoke-000-metrics-server")
AT = instant("2026-11-24T10:16:42Z")


def test_a_fresh_status_is_as_recorded() -> None:
    added = (event for event in stream("one-spoke-four-tiers") if event.type == "ADDED")
    fresh = next(event.object for event in added if event.kind == "Application")
    assert fresh_status() == fresh["status"]


def test_an_operation_is_asked_for_as_recorded() -> None:
    real = REAL["status"]["operationState"]["operation"]
    assert automated_operation(REAL["spec"], real["sync"]["revision"]) == real


def test_the_history_gets_the_entry_that_was_recorded() -> None:
    state = running(REAL["status"]["operationState"]["operation"], AT)
    assert history([], state, AT + 1) == REAL["status"]["history"]


def test_history_counts_on_and_forgets_the_oldest() -> None:
    entries: list[dict[str, object]] = []
    for _ in range(12):
        entries = history(entries, running(automated_operation(REAL["spec"], "r"), AT), AT)
    assert [one["id"] for one in entries] == list(range(2, 12))


def test_several_sources_stand_beside_an_empty_one() -> None:
    spec = {"sources": [{"repoURL": "a"}, {"repoURL": "b"}], "destination": {"name": "x"}}
    assert compared_to(spec)["source"] == {"repoURL": ""}
    operation = automated_operation(spec, "r")
    assert operation["sync"]["revisions"] == ["r", "r"]
    assert "source" not in operation["sync"]


def test_a_word_that_stays_keeps_its_instant() -> None:
    before = health_part("Healthy", {}, AT)
    assert health_part("Healthy", before, AT + 60) == before
    assert health_part("Degraded", before, AT + 60)["lastTransitionTime"] == "2026-11-24T10:17:42Z"
    told = condition("ComparisonError", "it is bad", [], AT)
    assert condition("ComparisonError", "it is bad", [told], AT + 60) == told
    assert condition("ComparisonError", "it is worse", [told], AT + 60) != told


def test_a_failed_attempt_names_the_next_as_recorded() -> None:
    states = [
        event.object["status"]["operationState"]
        for event in stream("odd-applications")
        if not event.did and event.kind == "Application" and event.name.endswith("-failing")
        and "retryCount" in event.object["status"].get("operationState", {})
    ]  # fmt: skip
    first = states[0]
    why, _, _ = first["message"].partition(". Retrying")
    assert retrying(why, 1, instant(first["finishedAt"]) + 10) == first["message"]


def test_a_settled_status_has_what_the_real_one_has_after_its_rest() -> None:
    live = Live("metrics-server", takes(4.0))
    content = Content("", 0, 0)
    live.apply(content, first_at=AT, last_at=AT)
    revision = REAL["status"]["sync"]["revision"]
    made = settled_status(
        REAL["spec"], live.seen(AT + 5, content), revision, synced_at=AT, healthy_at=AT + 5
    )
    lists = ("resources", "operationState", "sourceType", "controllerNamespace")
    for part in REAL["status"].keys() - set(lists) - {"reconciledAt"}:
        assert made[part] == REAL["status"][part], part
    assert made["operationState"].keys() == REAL["status"]["operationState"].keys()
