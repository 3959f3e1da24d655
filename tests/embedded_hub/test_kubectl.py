"""Is the hub good enough for the kubectl that is installed? Skipped where none is."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.embedded_hub.standing import START, Hub, application, secret, standing
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, EVENT, SECRET
from watcher.embedded_hub.store import Store

pytestmark = [
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
]


class Kubectl:
    def __init__(self, home: Path, hub: Hub) -> None:
        self.hub = hub
        self.home = home
        (home / "kubeconfig").write_text(hub.api.kubeconfig())

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "kubectl",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "HOME": str(self.home), "KUBECONFIG": str(self.home / "kubeconfig")},
        )

    async def __call__(self, *arguments: str, fails: bool = False) -> str:
        process = await self.start(*arguments)
        async with asyncio.timeout(60):
            out, _ = await process.communicate()
        said = out.decode()
        assert (process.returncode != 0) is fails, said
        return said


@pytest.fixture
async def kubectl(tmp_path: Path) -> AsyncIterator[Kubectl]:
    store = Store(RunningClock(start=START))
    status = {"sync": {"status": "Synced", "revision": "abc"}, "health": {"status": "Healthy"}}
    store.create(APPLICATION_SET, {"metadata": {"name": "keda", "namespace": "argocd"}, "spec": {}})
    store.create(APPLICATION, application("spoke-keda", status=status))
    store.create(SECRET, secret("spoke", {"ring": "canary"}))
    async with standing(store=store) as hub:
        yield Kubectl(tmp_path, hub)


def labels(kubectl: Kubectl) -> dict[str, str]:
    obj = kubectl.hub.store.get(SECRET, "argocd", "spoke")
    assert obj is not None
    found: dict[str, str] = obj["metadata"]["labels"]
    return found


async def test_get_shows_columns_yaml_json_and_wide(kubectl: Kubectl) -> None:
    rows = (await kubectl("get", "applications")).splitlines()
    assert [row.split() for row in rows] == [
        ["NAME", "SYNC", "STATUS", "HEALTH", "STATUS"],
        ["spoke-keda", "Synced", "Healthy"],
    ]
    assert "PROJECT" in await kubectl("get", "app", "-o", "wide")
    assert "keda" in await kubectl("get", "appset,secret,cm,ns,lease,pod,events", "-A")
    assert "resourceVersion" in await kubectl("get", "app", "spoke-keda", "-o", "yaml")
    shown: dict[str, Any] = json.loads(await kubectl("get", "secret", "spoke", "-o", "json"))
    assert shown["data"] == {"name": "c3Bva2U="}
    assert "No resources" in await kubectl("get", "secret", "-l", "ring=fleet")
    assert "spoke" in await kubectl("get", "secret", "-l", "ring in (canary)", "--show-labels")
    assert "NotFound" in await kubectl("get", "app", "absent", fails=True)


async def test_describe_shows_an_object_and_its_events(kubectl: Kubectl) -> None:
    store = kubectl.hub.store
    spoke = store.get(SECRET, "argocd", "spoke")
    app = store.get(APPLICATION, "argocd", "spoke-keda")
    assert spoke is not None
    assert app is not None
    regarding = {"apiVersion": app["apiVersion"], "kind": "Application", "name": "spoke-keda"}
    event = {
        "metadata": {"name": "e", "namespace": "argocd"},
        "regarding": regarding | {"namespace": "argocd", "uid": app["metadata"]["uid"]},
        "reason": "GateOpened",
        "note": "the gate was opened",
        "type": "Normal",
        "eventTime": "2027-01-15T08:00:00.000000Z",
    }
    store.create(EVENT, event)
    assert "Health" in (said := await kubectl("describe", "app", "spoke-keda"))
    assert "the gate was opened" in said
    assert "ring=canary" in await kubectl("describe", "secret", "spoke")
    assert "the gate was opened" in await kubectl("events", "--for", "app/spoke-keda")


async def test_label_annotate_and_patch_write(kubectl: Kubectl) -> None:
    await kubectl("label", "secret", "spoke", "gate-watcher.io/compute=open")
    assert labels(kubectl)["gate-watcher.io/compute"] == "open"
    assert "already has a value" in await kubectl("label", "secret", "spoke", "ring=x", fails=True)
    await kubectl(
        "label", "secret", "spoke", "ring=fleet", "gate-watcher.io/compute-", "--overwrite"
    )
    assert labels(kubectl) == {"ring": "fleet"}
    await kubectl("annotate", "secret", "spoke", "gate-watcher.io/teardown=*")
    await kubectl("patch", "secret", "spoke", "-p", '{"metadata":{"labels":{"a":"b"}}}')
    merge = '{"metadata":{"labels":{"a":null}}}'
    await kubectl("patch", "secret", "spoke", "--type=merge", "-p", merge)
    patch = '[{"op":"add","path":"/metadata/labels/c","value":"d"}]'
    await kubectl("patch", "secret", "spoke", "--type=json", "-p", patch)
    assert labels(kubectl) == {"ring": "fleet", "c": "d"}
    bad = '{"metadata":{"labels":{"a b":"c"}}}'
    said = await kubectl("patch", "secret", "spoke", "--type=merge", "-p", bad, fails=True)
    assert "is invalid" in said


async def test_apply_and_delete_make_and_remove(kubectl: Kubectl, tmp_path: Path) -> None:
    manifest = tmp_path / "app.yaml"
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
    for project in ("one", "two"):
        manifest.write_text(f"{head}spec: {{project: {project}}}\n")
        await kubectl("apply", "-f", str(manifest))
        made = kubectl.hub.store.get(APPLICATION, "argocd", "a")
        assert made is not None
        assert made["spec"]["project"] == project
    assert "AlreadyExists" in await kubectl("create", "-f", str(manifest), fails=True)
    await kubectl("delete", "app", "a")
    assert kubectl.hub.store.get(APPLICATION, "argocd", "a") is None


async def test_get_watches(kubectl: Kubectl) -> None:
    process = await kubectl.start("get", "secret", "-w", "--request-timeout=30s", "-L", "gate")
    assert process.stdout is not None
    async with asyncio.timeout(30):
        await process.stdout.readline()
        assert (await process.stdout.readline()).split()[0] == b"spoke"
        opened = {"metadata": {"labels": {"gate": "open"}}}
        kubectl.hub.store.patch(SECRET, "argocd", "spoke", opened)
        assert (await process.stdout.readline()).split()[-1] == b"open"
    process.terminate()
    await process.communicate()
