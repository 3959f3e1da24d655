"""When the modelled controller passes, and what it tells. What it generates: test_selection.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded_hub.small_hub import SmallHub, look, small_hub
from watcher.embedded_hub.application_sets import REFRESH_SET
from watcher.embedded_hub.errors import forbidden
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.selection import RESOURCES_FINALIZER
from watcher.embedded_hub.store import Event, Write
from watcher.embedded_hub.workloads import takes


def conditions(hub: SmallHub, addon: str) -> dict[str, tuple[str, str]]:
    found = hub.store.get(APPLICATION_SET, "argocd", f"addon-{addon}")
    assert found is not None
    return {one["type"]: (one["status"], one["reason"]) for one in found["status"]["conditions"]}


async def test_a_lost_label_deletes_within_thirty_milliseconds() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        for number in range(20):
            hub.add_spoke(f"s{number}", "tier-a")
        await hub.clock.advance(60.0)
        began: dict[str, float] = {}

        def note(event: Event) -> None:
            name = event.object["metadata"]["name"]
            if event.resource is APPLICATION and "deletionTimestamp" in event.object["metadata"]:
                began.setdefault(name, hub.clock.now())

        hub.store.subscribe(note)
        for number in range(20):
            lost_at = hub.clock.now()
            hub.label(f"s{number}", tier_a=None)
            await hub.clock.advance(1.0)
            assert 0.010 <= began[f"s{number}-x"] - lost_at <= 0.031


async def test_any_event_of_any_cluster_secret_passes_over_every_set_with_clusters() -> None:
    """What a set does not select cannot bring a deletion of its own, but it brings the pass."""
    async with small_hub() as hub:
        hub.application_sets.pause()
        hub.add_set("x")
        hub.add_set("y", tier="tier-b")
        hub.application_sets.paused = False  # without the passes that a start would bring
        await hub.clock.advance(5.0)
        assert "status" not in hub.store.list(APPLICATION_SET)[0]
        hub.add_spoke("a")
        await hub.clock.advance(5.0)
        assert all("status" in one for one in hub.store.list(APPLICATION_SET))


async def test_a_secret_that_is_no_clusters_brings_no_pass() -> None:
    async with small_hub() as hub:
        hub.application_sets.pause()
        hub.add_set("x")
        hub.application_sets.paused = False
        hub.store.create(SECRET, {"metadata": {"name": "other", "namespace": "argocd"}})
        await hub.clock.advance(5.0)
        assert "status" not in hub.store.list(APPLICATION_SET)[0]


async def test_a_pass_tells_that_all_is_well_and_what_there_is() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        assert conditions(hub, "x") == {
            "ErrorOccurred": ("False", "ApplicationSetUpToDate"),
            "ParametersGenerated": ("True", "ParametersGenerated"),
            "ResourcesUpToDate": ("True", "ApplicationSetUpToDate"),
        }
        status = hub.store.list(APPLICATION_SET)[0]["status"]
        assert status["resources"][0]["health"] == {}  # of the time of the last pass
        hub.annotate_spoke("a", "touched", "yes")
        await hub.clock.advance(1.0)
        status = hub.store.list(APPLICATION_SET)[0]["status"]
        assert status["resources"][0]["health"] == {"status": "Healthy"}
        assert status["resourcesCount"] == 1


async def test_an_error_while_generating_deletes_nothing_and_is_told() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)
        hub.add_spoke("b", "tier-a")
        broken: dict[str, Any] = {"metadata": {"name": "{{.none}}-x"}}
        hub.change_set("x", {"spec": {"template": broken}})
        await hub.clock.advance(5.0)
        hub.label("a", tier_a=None)
        await hub.clock.advance(5.0)
        assert "a-x" in hub.names()
        assert conditions(hub, "x")["ErrorOccurred"] == ("True", "RenderTemplateParamsError")
        assert conditions(hub, "x")["ParametersGenerated"] == ("False", "ErrorOccurred")


async def test_labels_and_annotations_of_others_go_with_the_next_update() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.change_set("x", {"spec": {"template": {"metadata": {"labels": {"team": "one"}}}}})
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)
        patch = {"metadata": {"labels": {"mine": "1", "team": "two"}, "annotations": {"mine": "1"}}}
        hub.store.patch(APPLICATION, "argocd", "a-x", patch)
        await hub.clock.advance(1.0)
        metadata = hub.application("a-x")["metadata"]
        assert metadata["labels"] == {"team": "one"}
        assert "mine" not in (metadata.get("annotations") or {})


async def test_a_child_that_is_deleted_by_somebody_comes_back() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)
        old = hub.application("a-x")["metadata"]["uid"]
        hub.store.delete(APPLICATION, "argocd", "a-x")
        await hub.clock.advance(30.0)
        assert hub.application("a-x")["metadata"]["uid"] != old


async def test_a_wish_for_a_pass_is_taken_away_when_it_is_done() -> None:
    async with small_hub() as hub:
        hub.add_set("x")
        patch = {"metadata": {"annotations": {REFRESH_SET: "true"}}}
        hub.store.patch(APPLICATION_SET, "argocd", "addon-x", patch)
        await hub.clock.advance(1.0)
        annotations = hub.store.list(APPLICATION_SET)[0]["metadata"].get("annotations") or {}
        assert REFRESH_SET not in annotations


async def test_what_was_refused_is_tried_again_after_three_minutes() -> None:
    async with small_hub() as hub:
        hub.add_set("x")
        project = {"spec": {"template": {"spec": {"project": "later"}}}}
        hub.change_set("x", project)
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(5.0)
        assert conditions(hub, "x")["ErrorOccurred"] == ("True", "ApplicationValidationError")
        assert conditions(hub, "x")["ParametersGenerated"] == ("True", "ParametersGenerated")
        from watcher.embedded_hub.resources import APP_PROJECT

        hub.store.create(APP_PROJECT, {"metadata": {"name": "later", "namespace": "argocd"}})
        await hub.clock.advance(120.0)
        assert hub.names() == []
        await hub.clock.advance(100.0)
        assert hub.names() == ["a-x"]


async def test_a_deletion_that_a_rule_refuses_is_told_as_an_error() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)

        def guard(write: Write) -> None:
            if write.verb == "DELETE" and write.resource is APPLICATION:
                raise forbidden(APPLICATION, write.name, "a guard keeps it")

        hub.store.admit.append(guard)
        hub.label("a", tier_a=None)
        await hub.clock.advance(5.0)
        assert not look(hub.application("a-x")).deleting
        assert conditions(hub, "x")["ErrorOccurred"] == ("True", "DeleteApplicationError")


async def test_while_it_is_down_nothing_is_deleted_and_at_its_start_everything_is_looked_at() -> (
    None
):
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)
        hub.application_sets.pause()
        hub.label("a", tier_a=None)
        await hub.clock.advance(300.0)
        assert hub.names() == ["a-x"]
        assert hub.application_sets.would_delete() == ["a-x"]
        hub.application_sets.resume()
        await hub.clock.advance(5.0)
        assert hub.names() == []


@pytest.mark.parametrize("policy", ["sync", "create-update"])
async def test_a_set_that_is_deleted_takes_its_children_along_or_lets_them_go(policy: str) -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x", syncPolicy={"applicationsSync": policy})
        finalizers = {"metadata": {"finalizers": [RESOURCES_FINALIZER]}}
        hub.change_set("x", finalizers)
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)
        hub.store.delete(APPLICATION_SET, "argocd", "addon-x")
        await hub.clock.advance(30.0)
        assert hub.store.list(APPLICATION_SET) == []
        assert hub.names() == ([] if policy == "sync" else ["a-x"])


async def test_git_is_looked_at_again_every_three_minutes() -> None:
    async with small_hub() as hub:
        git = {"git": {"directories": [{"path": "apps/*"}]}}
        clusters = {"clusters": {"selector": {"matchLabels": {"gate-watcher.io/tier-a": "open"}}}}
        hub.add_set("x")
        hub.change_set(
            "x",
            {
                "spec": {
                    "generators": [{"matrix": {"generators": [clusters, git]}}],
                    "template": {"metadata": {"name": "{{.name}}-{{.path.basename}}"}},
                }
            },
        )
        hub.add_spoke("a", "tier-a")
        hub.application_sets.files = {"apps/one/values.yaml": ""}
        await hub.clock.advance(5.0)
        assert hub.names() == ["a-one"]
        hub.application_sets.files = {"apps/one/values.yaml": "", "apps/two/values.yaml": ""}
        await hub.clock.advance(120.0)
        assert hub.names() == ["a-one"]
        await hub.clock.advance(100.0)
        assert hub.names() == ["a-one", "a-two"]
