from __future__ import annotations

from pathlib import Path

from tests.builders import NOW, controller
from tests.daemon.standing import START, three_tiers
from tests.hub.kubeconfigs import connected
from watcher.check import Unread, Unseen
from watcher.daemon.readings import readings_through, runs
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.facts import Kind, Reading
from watcher.hub import pod, resource
from watcher.hub.listing import everything
from watcher.policy import Memory

PODS = "/api/v1/namespaces/argocd/pods/argocd-application-controller-"


async def test_each_controller_says_its_own_and_one_that_says_nothing_hinders_none(
    tmp_path: Path,
) -> None:
    scenario = three_tiers(controllers=Setup(replicas=3))
    async with EmbeddedHub(scenario, spokes=2, clock=HandClock(START)) as hub:
        hub.api.faults.plan(On(path=f"{PODS}0:"), Answer(403))
        hub.metrics.faults.plan(
            On(path="127.0.0.2/", times=None),
            Answer(200, body=b"# nothing\n", content_type="text/plain"),
        )
        async with connected(tmp_path, hub.url) as connection:
            pods = await everything(connection, resource(Kind.PODS), "argocd", pod)
            memory = Memory(port=hub.metrics_port)
            said = await readings_through(connection, pods, memory, lambda: NOW)
    first, second, third = said.values()
    assert isinstance(first, Unread)
    assert first.why is Unseen.FORBIDDEN
    assert second == "it shows nothing of an application controller's memory"
    assert isinstance(third, Reading)
    assert third.at == NOW


def test_a_pod_that_does_not_run_or_is_on_its_way_out_is_not_asked() -> None:
    assert runs(controller())
    assert not runs(controller(started_at=None))
    assert not runs(controller(deleting_since=NOW))
