"""A whole hub: told over HTTP, judged over HTTP."""

from __future__ import annotations

import json

import aiohttp
import yaml

from tests.embedded_hub.small_hub import START
from watcher.embedded_hub.clock import HandClock, RunningClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.judge import MANAGER
from watcher.embedded_hub.resources import APPLICATION, SECRET
from watcher.embedded_hub.scenario import gate
from watcher.embedded_hub.scenarios import SCENARIOS

MERGE = {"Content-Type": "application/merge-patch+json"}


async def patched(hub: EmbeddedHub, name: str, metadata: dict[str, object]) -> int:
    url = f"{hub.url}{SECRET.path('argocd', name)}?fieldManager={MANAGER}"
    body = json.dumps({"metadata": metadata}).encode()
    async with (
        aiohttp.ClientSession() as session,
        session.patch(url, data=body, headers=MERGE) as answer,
    ):
        return answer.status


def precondition(hub: EmbeddedHub, name: str) -> dict[str, object]:
    found = hub.store.get(SECRET, "argocd", name)
    assert found is not None
    return {key: found["metadata"][key] for key in ("uid", "resourceVersion")}


async def test_a_gate_that_is_opened_over_http_brings_its_addons() -> None:
    clock = HandClock(START)
    async with EmbeddedHub(SCENARIOS["fleet"], spokes=4, clock=clock) as hub:
        opened = {"labels": {gate("compute"): "open"}}
        assert await patched(hub, "spoke-000", {**precondition(hub, "spoke-000"), **opened}) == 200
        await clock.advance(1.0)
        assert [one["metadata"]["name"] for one in hub.store.list(APPLICATION)] == [
            "spoke-000-karpenter", "spoke-000-vpc-cni",
        ]  # fmt: skip
        assert hub.settled_spokes() == []
        await clock.advance(120.0)
        assert hub.settled_spokes() == ["spoke-000"]
        assert hub.judge.violations == []


async def test_what_is_sent_over_http_is_judged_by_its_shape() -> None:
    clock = HandClock(START)
    async with EmbeddedHub(SCENARIOS["fleet"], spokes=2, clock=clock) as hub:
        assert await patched(hub, "spoke-000", {"labels": {gate("compute"): "open"}}) == 200
        (violation,) = hub.judge.violations
        assert "no uid or no resourceVersion" in violation.said


async def test_a_kubeconfig_leads_to_it() -> None:
    async with EmbeddedHub(SCENARIOS["fleet"], spokes=1, clock=HandClock(START)) as hub:
        config = yaml.safe_load(hub.kubeconfig())
        assert config["clusters"][0]["cluster"]["server"] == hub.url
        assert config["contexts"][0]["context"]["namespace"] == "argocd"
        async with (
            aiohttp.ClientSession() as session,
            session.get(hub.url + SECRET.path("argocd")) as answer,
        ):
            assert len((await answer.json())["items"]) == 1


async def test_it_says_when_its_story_is_over() -> None:
    clock = HandClock(START)
    hub = EmbeddedHub(SCENARIOS["fleet"], spokes=4, clock=clock)
    assert not hub.story_over
    async with hub:
        assert not hub.story_over
        await clock.advance(30.0)
        assert hub.story_over


async def test_it_runs_by_itself_on_a_running_clock() -> None:
    clock = RunningClock(speed=600.0)
    async with EmbeddedHub(SCENARIOS["fleet"], spokes=4, clock=clock, seed=3) as hub:
        opened = {"labels": {gate("compute"): "open"}}
        await patched(hub, "spoke-001", {**precondition(hub, "spoke-001"), **opened})
        while not hub.settled_spokes():
            await clock.sleep(1.0)
        assert hub.settled_spokes() == ["spoke-001"]
