from __future__ import annotations

import json
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
import yaml

from tests.embedded_hub.standing import APPLICATIONS, MERGE, SECRETS, START, secret, standing
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.http import EmbeddedApi
from watcher.embedded_hub.resources import SECRET
from watcher.embedded_hub.store import Event, Store
from watcher.embedded_hub.users import ADMIN, VIEWER, WATCHER, Rule


async def test_every_request_is_on_record_without_its_token() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        patch = {"metadata": {"labels": {"x": "y"}}}
        await hub.client.patch(f"{SECRETS}/a?fieldManager=me", patch)
        await hub.by(WATCHER).get(f"{APPLICATIONS}?limit=5")
        first, second = hub.api.requests
        assert (first.verb, first.resource, first.name) == ("patch", SECRET, "a")
        assert (first.user, first.status) == (ADMIN.name, 200)
        assert (first.query, json.loads(first.body)) == ({"fieldManager": "me"}, patch)
        assert first.headers["Content-Type"] == MERGE
        assert (second.verb, second.user, second.status) == ("list", WATCHER.name, 403)
        assert second.query == {"limit": "5"}
        assert ADMIN.token not in repr(hub.api.requests)


async def test_each_answer_tells_the_hubs_own_time() -> None:
    clock = HandClock(START)
    async with standing(clock) as hub, aiohttp.ClientSession() as session:
        await clock.advance(90.4)
        for path in ("/version", SECRETS, f"{SECRETS}/absent", f"{SECRETS}?watch=1"):
            async with session.get(f"{hub.api.url}{path}") as response:
                told = parsedate_to_datetime(response.headers["Date"])
                assert told.timestamp() == START + 90.0


async def test_a_wrong_token_is_unauthorized_and_no_token_is_who_the_hub_says() -> None:
    async with standing() as hub, aiohttp.ClientSession() as session:
        assert (await hub.client.get(SECRETS, token="wrong")).status == 401
        assert (await hub.client.get("/version", token="wrong")).status == 200
        async with session.get(f"{hub.api.url}{SECRETS}") as response:
            assert response.status == 200
        hub.api.anonymous = None
        async with session.get(f"{hub.api.url}{SECRETS}") as response:
            assert response.status == 401


async def test_rights_can_be_granted() -> None:
    async with standing() as hub:
        watcher = hub.by(WATCHER)
        assert (await watcher.get(SECRETS)).status == 403
        hub.api.grant(WATCHER, Rule(("list",), ("",), ("secrets",), namespaces=("argocd",)))
        assert (await watcher.get(SECRETS)).status == 200
        assert (await watcher.get(f"{SECRETS}?watch=1")).status == 403
        assert (await watcher.get(SECRET.path())).status == 403


async def test_who_may_not_is_told_so_before_anything_is_looked_at() -> None:
    async with standing() as hub:
        patched = await hub.by(VIEWER).patch(f"{SECRETS}/absent", {"metadata": {"uid": "x"}})
        assert patched.status == 403


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/livez", 200, b"ok"),
        ("/readyz", 200, b"ok"),
        ("/nothing", 404, b"404 page not found\n"),
        ("/apis/argoproj.io/v1alpha1/nosuchkinds", 404, b"404 page not found\n"),
    ],
)
async def test_what_is_no_object_answers_plain_text(path: str, status: int, body: bytes) -> None:
    async with standing() as hub:
        answer = await hub.client.get(path)
        assert (answer.status, answer.body) == (status, body)
        assert answer.headers["Content-Type"].startswith("text/plain")


async def test_a_kubeconfig_names_the_hub_the_user_and_the_namespace() -> None:
    async with standing() as hub:
        config = yaml.safe_load(hub.api.kubeconfig(VIEWER))
        assert config["clusters"][0]["cluster"] == {"server": hub.api.url}
        assert config["users"] == [{"name": "viewer", "user": {"token": VIEWER.token}}]
        assert config["contexts"][0]["context"]["namespace"] == "argocd"
        assert config["current-context"] == config["contexts"][0]["name"]


async def test_what_fails_inside_the_hub_is_a_500_to_the_client_and_raised_when_it_stops() -> None:
    clock = HandClock(START)
    store = Store(clock)
    api = EmbeddedApi(store, clock)
    await api.start()

    def judge(event: Event) -> None:
        raise AssertionError(f"{event.type} was wrong")

    store.subscribe(judge)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.url}{SECRETS}", json=secret("a")) as response,
    ):
        assert response.status == 500
    with pytest.raises(ExceptionGroup) as raised:
        await api.stop()
    assert raised.group_contains(AssertionError, match="ADDED was wrong")


async def test_a_hub_that_was_never_started_can_be_stopped_and_not_brought_back() -> None:
    clock = HandClock(START)
    api = EmbeddedApi(Store(clock), clock)
    await api.go_away()
    with pytest.raises(RuntimeError, match="never started"):
        await api.come_back()
    await api.stop()
