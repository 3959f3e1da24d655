"""Each question by itself, and what stands in place of an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.builders import policy
from tests.hub.kubeconfigs import connected
from tests.hub.objects import status_body
from tests.hub.wire_server import Asked, http, wire_server
from watcher.check import Found, Ready, Rights, Skew, Unread, Unseen
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import CONFIG_MAP, SERVICE_ACCOUNT
from watcher.embedded_hub.scenarios import SCENARIOS
from watcher.embedded_hub.users import VIEWER, WATCHER, Rule, User
from watcher.hub import examining
from watcher.hub.asking import Service
from watcher.hub.checking import needed_rights
from watcher.hub.connection import Connection
from watcher.hub.errors import ReadFailed
from watcher.hub.pods import pod

START = 1_800_000_000.0
POLICY = policy("compute")
NEEDED = needed_rights("argocd", ("argocd",), lease="gate-watcher")
NOBODY = User("nobody", "nobody-of-the-embedded-hub")


@pytest.fixture
async def hub() -> AsyncIterator[EmbeddedHub]:
    async with EmbeddedHub(SCENARIOS["fleet"], spokes=2, clock=HandClock(START)) as made:
        made.api.grant(NOBODY)
        yield made


def why(seen: object) -> Unseen | None:
    return seen.why if isinstance(seen, Unread) else None


async def test_who_may_look_sees_everything(hub: EmbeddedHub, tmp_path: Path) -> None:
    metadata = {"name": "gate-watcher", "namespace": "argocd"}
    hub.store.create(SERVICE_ACCOUNT, {"metadata": metadata})
    async with connected(tmp_path, hub.url) as connection:
        assert await examining.kubernetes_version(connection) == "v1.35.0"
        kinds = await examining.kinds(connection)
        assert not isinstance(kinds, Unread)
        assert {"applications", "applicationsets"} <= kinds
        assert await examining.caller(connection) == "kubernetes-admin"
        found = await examining.service_account(connection, "argocd", "gate-watcher")
        assert found == Found()
        pods = await examining.controllers(connection, POLICY)
        assert not isinstance(pods, Unread)
        assert [each.version for each in pods] == [(3, 5)]
        page = await examining.metrics(connection, pods[0], port=hub.metrics_port, path="/metrics")
        assert isinstance(page, bytes)
        assert b"go_gc_heap_live_bytes" in page
        spokes = await examining.spokes(connection, POLICY)
        assert not isinstance(spokes, Unread)
        assert len(spokes.spokes) == 2


async def test_who_may_not_is_told_so_for_each(hub: EmbeddedHub, tmp_path: Path) -> None:
    async with connected(tmp_path, hub.url, token=NOBODY.token) as connection:
        assert await examining.caller(connection) == NOBODY.name
        for seen in (
            await examining.service_account(connection, "argocd", "gate-watcher"),
            await examining.controllers(connection, POLICY),
            await examining.set_controllers(connection, POLICY),
            await examining.spokes(connection, POLICY),
            await examining.lease(connection, "argocd", "gate-watcher"),
            await examining.ready(connection, Service("argocd")),
            await examining.policy_text(connection, "argocd", "gate-watcher-policy"),
        ):
            assert why(seen) is Unseen.FORBIDDEN


async def test_what_a_watcher_that_is_ready_does_not_know_is_read_apart_from_the_guards(
    tmp_path: Path,
) -> None:
    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        body = b"ready\n- guard A is in force\n! not known: what the policy file says now\n"
        writer.write(http(200, body, content_type="text/plain"))

    async with wire_server(answer) as server, connected(tmp_path, server.url) as connection:
        seen = await examining.ready(connection, Service("argocd"))
    assert seen == Ready(("what the policy file says now",))


async def test_what_is_not_there_is_not_what_may_not_be_seen(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    async with connected(tmp_path, hub.url) as connection:
        for seen in (
            await examining.service_account(connection, "argocd", "gate-watcher"),
            await examining.lease(connection, "argocd", "gate-watcher"),
            await examining.ready(connection, Service("argocd")),
            await examining.policy_text(connection, "argocd", "gate-watcher-policy"),
        ):
            assert why(seen) is Unseen.ABSENT
        assert await examining.set_controllers(connection, POLICY) == ()


async def test_the_watchers_rights_are_asked_for_where_that_is_allowed(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    hub.api.grant(WATCHER, Rule(("list",), ("",), ("pods",)))
    async with connected(tmp_path, hub.url) as connection:
        seen = await examining.rights(connection, NEEDED, account=WATCHER.name, asks="admin")
    assert isinstance(seen, Rights)
    assert seen.asked_of == WATCHER.name
    assert "watch pods in argocd" in seen.lacking
    assert "get/list/watch/patch secrets in argocd" in seen.lacking


async def test_who_may_not_ask_for_others_is_asked_for_their_own(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    async with connected(tmp_path, hub.url, token=VIEWER.token) as connection:
        seen = await examining.rights(connection, NEEDED, account=WATCHER.name, asks=VIEWER.name)
    assert isinstance(seen, Rights)
    assert seen.asked_of == VIEWER.name
    assert "patch secrets in argocd" in seen.lacking


async def test_the_watcher_itself_asks_for_its_own(hub: EmbeddedHub, tmp_path: Path) -> None:
    hub.api.grant(WATCHER, Rule(("*",), ("*",), ("*",)))
    async with connected(tmp_path, hub.url, token=WATCHER.token) as connection:
        seen = await examining.rights(connection, NEEDED, account=WATCHER.name, asks=WATCHER.name)
    assert seen == Rights(WATCHER.name)
    paths = {record.path.rsplit("/", 1)[1] for record in hub.api.requests}
    assert paths == {"selfsubjectaccessreviews"}


async def test_the_policy_on_the_hub_is_read_from_its_config_map(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    metadata = {"name": "gate-watcher-policy", "namespace": "argocd"}
    made = hub.store.create(CONFIG_MAP, {"metadata": metadata, "data": {"policy.yaml": "a: b"}})
    async with connected(tmp_path, hub.url) as connection:
        found = await examining.policy_text(connection, "argocd", "gate-watcher-policy")
        assert found == "a: b"
        hub.store.replace(CONFIG_MAP, {**made, "data": {"other": ""}})
        found = await examining.policy_text(connection, "argocd", "gate-watcher-policy")
        assert isinstance(found, Unread)
        assert "has no policy.yaml" in found.said


async def looked(
    folder: Path, answer: bytes, look: Callable[[Connection], Awaitable[object]]
) -> object:
    """What is made of this answer."""

    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with wire_server(give) as server, connected(folder, server.url) as connection:
        return await look(connection)


DATED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: 2\r\n\r\n{}"


async def test_the_hubs_clock_is_read_from_its_answer(tmp_path: Path) -> None:
    ticks = iter((START + 10.0, START + 10.4))

    async def look(connection: Connection) -> object:
        return await examining.skew(connection, lambda: next(ticks))

    date = b"Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
    seen = await looked(tmp_path, DATED % date, look)
    assert isinstance(seen, Skew)
    assert seen.hub_at == START + 0.5
    assert seen.ahead_s == pytest.approx(9.7)
    assert seen.within_s == pytest.approx(0.7)


@pytest.mark.parametrize(("off_s", "hubs"), [(9.0, START + 0.5), (-0.4, START + 0.1), (0.4, None)])
async def test_the_hubs_time_is_ours_where_they_do_not_differ_for_certain(
    tmp_path: Path, off_s: float, hubs: float | None
) -> None:
    own_at = START + 0.5 + off_s

    async def look(connection: Connection) -> object:
        return (await examining.hub_time(connection, lambda: own_at))()

    date = b"Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
    assert await looked(tmp_path, DATED % date, look) == pytest.approx(hubs or own_at)
    assert await looked(tmp_path, DATED % b"", look) == own_at


@pytest.mark.parametrize("date", [b"", b"Date: soon\r\n", b"Date: \xff\r\n"])
async def test_a_hub_that_tells_no_time_is_said(tmp_path: Path, date: bytes) -> None:
    async def look(connection: Connection) -> object:
        return await examining.skew(connection, lambda: START)

    seen = await looked(tmp_path, DATED % date, look)
    assert isinstance(seen, Unread)
    assert (seen.why, seen.said) == (Unseen.FAILED, "its answers have no Date")


@pytest.mark.parametrize(
    "body", [b"[]", b'{"resources": 7}', b'{"resources": [{"name": {}}]}', b"{", b"[" * 100_000]
)
async def test_an_answer_that_cannot_be_read_is_a_failure(tmp_path: Path, body: bytes) -> None:
    seen = await looked(tmp_path, http(200, body), examining.kinds)
    assert why(seen) is Unseen.FAILED


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(403, status_body(403, "Forbidden")), Unseen.FORBIDDEN),
        (http(404, b"404 page not found\n", content_type="text/plain"), Unseen.ABSENT),
        (http(500, status_body(500, "InternalError")), Unseen.FAILED),
        (http(302, b""), Unseen.FAILED),
        (http(200, b"<html>", content_type="text/html"), Unseen.FAILED),
    ],
)
async def test_each_way_to_fail_is_told_apart(
    tmp_path: Path, answer: bytes, expected: Unseen
) -> None:
    seen = await looked(tmp_path, answer, examining.kinds)
    assert why(seen) is expected


async def test_where_the_very_first_question_fails_nothing_is_taken_for_seen(
    tmp_path: Path,
) -> None:
    with pytest.raises(ReadFailed):
        await looked(
            tmp_path, http(401, status_body(401, "Unauthorized")), examining.kubernetes_version
        )


async def test_a_page_in_a_pods_place_that_is_no_text_is_none(tmp_path: Path) -> None:
    async def look(connection: Connection) -> object:
        of = pod(json.dumps({"metadata": {"name": "c", "namespace": "argocd"}}).encode())
        return await examining.metrics(connection, of, port=1, path="/metrics")

    assert why(await looked(tmp_path, http(200, b"{}"), look)) is Unseen.FAILED
