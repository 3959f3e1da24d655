"""Is a hub that cannot be used known at the start, and why?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.hub.exchanges import exchange
from tests.hub.kubeconfigs import QUICK, connected
from tests.hub.objects import status_body
from tests.hub.wire_server import Asked, WireServer, http, wire_server
from watcher.hub.checking import Right, check_hub, missing_rights, needed_rights
from watcher.hub.connection import Connection
from watcher.hub.errors import ConnectionFault, ReviewFailed


@asynccontextmanager
async def hub(folder: Path, answer: bytes) -> AsyncIterator[tuple[WireServer, Connection]]:
    """A hub with one answer; with none it hangs, and is not waited for long."""

    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        if not answer:
            await asyncio.Event().wait()
        writer.write(answer)

    quick = QUICK if answer else msgspec.structs.replace(QUICK, request_s=0.05)
    async with wire_server(give) as server, connected(folder, server.url, quick) as connection:
        yield server, connection


async def fault(folder: Path, answer: bytes) -> ConnectionFault:
    async with hub(folder, answer) as (server, connection):
        with pytest.raises(ConnectionFault) as caught:
            await check_hub(connection)
        assert caught.value.where == server.url
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b'{"kind":"APIResourceList"}'),
        http(403, status_body(403, "Forbidden")),
        http(429, status_body(429, "TooManyRequests")),
    ],
)
async def test_a_hub_that_answers_and_knows_us_is_good_enough(
    tmp_path: Path, answer: bytes
) -> None:
    async with hub(tmp_path, answer) as (_, connection):
        await check_hub(connection)


async def test_a_hub_without_argo_cd_is_said(tmp_path: Path) -> None:
    said = await fault(tmp_path, exchange("list-unknown-kind").http)
    assert said.what == "it has no Applications (argoproj.io/v1alpha1)"
    assert said.remedy.startswith("install Argo CD")


async def test_a_hub_that_does_not_know_us_is_said(tmp_path: Path) -> None:
    said = await fault(tmp_path, exchange("unauthorized").http)
    assert said.what == "401 Unauthorized: Unauthorized"
    assert said.remedy == "check that the token or certificate is still valid"


async def test_a_hub_that_does_not_answer_is_said(tmp_path: Path) -> None:
    said = await fault(tmp_path, b"")
    assert said.what == "no whole answer came in time"
    assert said.remedy


async def test_what_is_no_hub_is_said(tmp_path: Path) -> None:
    said = await fault(tmp_path, http(200, b"<html>", content_type="text/html"))
    assert said.what == "it answers with text/html"
    assert "it is no Kubernetes API" in said.remedy


async def test_a_hub_that_refuses_connections_is_said(tmp_path: Path) -> None:
    async with hub(tmp_path, b"") as (server, _):
        url = server.url
    async with connected(tmp_path, url) as connection:
        with pytest.raises(ConnectionFault, match="Connect call failed"):
            await check_hub(connection)


def test_a_dry_run_needs_no_right_to_write() -> None:
    rights = {str(each) for each in needed_rights("argocd", ["argocd", "teams"], lease=None)}
    assert rights == {
        "list applications.argoproj.io in argocd",
        "watch applications.argoproj.io in argocd",
        "list applicationsets.argoproj.io in argocd",
        "watch applicationsets.argoproj.io in argocd",
        "list applications.argoproj.io in teams",
        "watch applications.argoproj.io in teams",
        "list applicationsets.argoproj.io in teams",
        "watch applicationsets.argoproj.io in teams",
        "get secrets in argocd",
        "list secrets in argocd",
        "watch secrets in argocd",
        "list pods in argocd",
        "watch pods in argocd",
        "list configmaps/gate-watcher-orders in argocd",
        "watch configmaps/gate-watcher-orders in argocd",
    }
    more = {
        str(each) for each in needed_rights("argocd", ["argocd", "teams"], lease="gate-watcher")
    }
    assert more - rights == {
        "patch secrets in argocd",
        "get leases.coordination.k8s.io/gate-watcher in argocd",
        "create leases.coordination.k8s.io in argocd",
        "update leases.coordination.k8s.io/gate-watcher in argocd",
        "create events.events.k8s.io in argocd",
        "patch events.events.k8s.io in argocd",
    }


async def test_rights_that_the_hub_says_we_lack_are_found(tmp_path: Path) -> None:
    async def judge(asked: Asked, writer: asyncio.StreamWriter) -> None:
        wanted = json.loads(asked.body)["spec"]["resourceAttributes"]
        allowed = wanted["verb"] != "patch"
        writer.write(http(201, json.dumps({"status": {"allowed": allowed}}).encode()))

    rights = needed_rights("argocd", ["argocd"], lease="gate-watcher")
    async with wire_server(judge) as server, connected(tmp_path, server.url) as connection:
        assert await missing_rights(connection, rights) == (
            Right("patch", "", "secrets", "argocd"),
            Right("patch", "events.k8s.io", "events", "argocd"),
        )
        spec = json.loads(server.asked[0].body)["spec"]
    assert spec == {
        "resourceAttributes": {
            "verb": "list",
            "group": "argoproj.io",
            "resource": "applications",
            "namespace": "argocd",
        }
    }


async def test_a_hub_that_does_not_say_leaves_it_open(tmp_path: Path) -> None:
    async with hub(tmp_path, http(200, b"{}")) as (_, connection):
        with pytest.raises(ReviewFailed, match="the right to list applications in argocd"):
            await missing_rights(connection, needed_rights("argocd", ["argocd"], lease=None))


async def test_a_service_accounts_rights_are_asked_for_where_they_would_hold(
    tmp_path: Path,
) -> None:
    account = "system:serviceaccount:argocd:gate-watcher"
    body = msgspec.json.encode({"status": {"allowed": False}})
    async with hub(tmp_path, http(201, body)) as (server, connection):
        right = Right("list", "", "pods", "argocd")
        assert await missing_rights(connection, [right], account=account) == (right,)
    (asked,) = server.asked
    assert asked.path == (
        "/apis/authorization.k8s.io/v1/namespaces/argocd/localsubjectaccessreviews"
    )
    said = json.loads(asked.body)
    assert said["metadata"] == {"namespace": "argocd"}
    assert said["spec"]["user"] == account
    assert said["spec"]["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:argocd",
        "system:authenticated",
    ]
