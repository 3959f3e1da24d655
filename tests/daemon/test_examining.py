from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import NOW, policy
from tests.daemon.standing import START, three_tiers
from tests.hub.kubeconfigs import connected
from watcher.check import Sight, Unread, Unseen
from watcher.daemon.examining import POLICY, Question, examine
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import CONFIG_MAP, NAMESPACE
from watcher.embedded_hub.users import ADMIN, User
from watcher.facts import Reading
from watcher.hub import HubError
from watcher.policy import Memory, Policy, Recovery

HEAD = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"


@pytest.fixture
async def hub() -> AsyncIterator[EmbeddedHub]:
    scenario = three_tiers(controllers=Setup(replicas=2))
    async with EmbeddedHub(scenario, spokes=2, clock=HandClock(START)) as made:
        yield made


async def look(hub: EmbeddedHub, folder: Path, user: User = ADMIN, **fields: Any) -> Sight:
    """One look at it."""
    here = Policy(policy("compute").tiers, memory=Memory(port=hub.metrics_port))
    asked = Question(here, "policy.yaml", "argocd", "gate-watcher", reach=False, before=False)
    async with connected(folder, hub.url, token=user.token) as connection:
        return await examine(connection, replace(asked, **fields), lambda: NOW)


@pytest.mark.parametrize("reach", [False, True])
async def test_every_controller_is_heard_either_way(
    hub: EmbeddedHub, tmp_path: Path, reach: bool
) -> None:
    seen = await look(hub, tmp_path, reach=reach)
    assert len(seen.readings) == 2
    assert all(isinstance(each, Reading) for each in seen.readings.values())
    proxied = [record for record in hub.api.requests if "/pods/" in record.path]
    assert len(proxied) == (0 if reach else 2)
    assert seen.reached is reach


async def test_what_one_controller_lacks_takes_nothing_from_the_other(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    hub.metrics.faults.plan(
        On(path="127.0.0.2/", times=None),
        Answer(200, body=b"# nothing\n", content_type="text/plain"),
    )
    pods = "/api/v1/namespaces/argocd/pods/argocd-application-controller-"
    hub.api.faults.plan(On(path=f"{pods}0:"), Answer(403))
    seen = await look(hub, tmp_path)
    first, second = seen.readings.values()
    assert isinstance(first, Unread)
    assert first.why is Unseen.FORBIDDEN
    assert second == "it shows nothing of an application controller's memory"


async def test_nothing_is_written_and_no_gate_is_touched_to_find_out(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    await look(hub, tmp_path)
    writes = [record for record in hub.api.requests if record.method != "GET"]
    assert writes
    assert {record.path.rsplit("/", 1)[1] for record in writes} == {
        "selfsubjectreviews",
        "localsubjectaccessreviews",
    }


async def test_without_a_file_the_policy_is_the_one_on_the_hub(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    text = HEAD + "tiers: [{name: a}, {name: b}]\ngates: {prefix: gates.example.com}\n"
    metadata = {"name": POLICY, "namespace": "argocd"}
    made = hub.store.create(CONFIG_MAP, {"metadata": metadata, "data": {"policy.yaml": text}})
    seen = await look(hub, tmp_path, policy=None)
    assert seen.policy_from == "configmap argocd/gate-watcher-policy"
    assert seen.policy.gates.prefix == "gates.example.com"
    hub.store.replace(CONFIG_MAP, {**made, "data": {"policy.yaml": HEAD + "tiers: 7\n"}})
    bad = await look(hub, tmp_path, policy=None)
    assert isinstance(bad.policy_from, Unread)
    assert bad.policy_from.said.startswith("the policy on the hub cannot be used")
    assert bad.policy.gates.prefix == "gate-watcher.io"


async def test_a_policy_that_parks_asks_for_the_right_to_refresh(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    parks = Policy(policy("compute").tiers, recovery=Recovery.PARK)
    await look(hub, tmp_path, policy=parks)
    assert any(
        b'"patch"' in record.body and b"applications" in record.body for record in asked(hub)
    )
    before = len(hub.api.requests)
    await look(hub, tmp_path)
    later = asked(hub, before)
    assert not any(b'"patch"' in record.body and b"applications" in record.body for record in later)


def asked(hub: EmbeddedHub, since: int = 0) -> list[Any]:
    return [record for record in hub.api.requests[since:] if "review" in record.path]


async def test_a_hub_that_hides_its_version_is_looked_at_all_the_same(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    hub.api.faults.plan(On(path="/version"), Answer(403))
    seen = await look(hub, tmp_path)
    assert isinstance(seen.kubernetes, Unread)
    assert not isinstance(seen.kinds, Unread)


async def test_a_hub_that_cannot_be_asked_at_all_is_no_sight(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    hub.api.faults.plan(On(path="/version", times=None), Answer(503))
    with pytest.raises(HubError):
        await look(hub, tmp_path)


async def test_a_watcher_that_runs_apart_from_argo_cd_is_looked_for_where_it_runs(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    """Named, or where its policy is mounted from; everything else stays with Argo CD."""
    text = HEAD + "tiers: [{name: a}]\nnamespace: argocd\n"
    metadata = {"name": POLICY, "namespace": "tools"}
    hub.store.create(NAMESPACE, {"metadata": {"name": "tools"}})
    hub.store.create(CONFIG_MAP, {"metadata": metadata, "data": {"policy.yaml": text}})
    for given in ({"home": "tools"}, {"policy": None, "namespace": "tools"}):
        before = len(hub.api.requests)
        seen = await look(hub, tmp_path, **given)
        paths = {record.path for record in hub.api.requests[before:]}
        assert seen.home == "tools"
        assert seen.account == "system:serviceaccount:tools:gate-watcher"
        assert "/api/v1/namespaces/tools/serviceaccounts/gate-watcher" in paths
        assert any("/namespaces/tools/services/http:gate-watcher:http/proxy" in p for p in paths)
        assert "/apis/coordination.k8s.io/v1/namespaces/argocd/leases/gate-watcher" in paths
