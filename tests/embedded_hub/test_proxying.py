from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.embedded_hub.standing import Hub, standing
from watcher.embedded_hub.proxying import SERVICE, proxied
from watcher.embedded_hub.resources import POD
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.users import ADMIN, VIEWER, WATCHER, Rule

SERVICES = "/api/v1/namespaces/argocd/services"
PODS = "/api/v1/namespaces/argocd/pods"
PROXY = f"{SERVICES}/http:gate-watcher:http/proxy"


@asynccontextmanager
async def beside(hub: Hub) -> AsyncIterator[list[web.Request]]:
    """Something that runs beside the hub, and what it was asked."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        said = {"path": request.path, "query": request.rel_url.raw_query_string}
        return web.json_response(said, status=404 if "none" in request.path else 200)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    hub.api.services.offer("argocd", "gate-watcher", port="http", url=f"http://{host}:{port}")
    try:
        yield asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        (
            "GET",
            f"{PROXY}/a/b",
            Target("get", SERVICE, "argocd", "http:gate-watcher:http", "proxy"),
        ),
        ("POST", f"{SERVICES}/x/proxy", Target("create", SERVICE, "argocd", "x", "proxy")),
        ("GET", f"{SERVICES}/x", None),
        ("GET", f"{SERVICES}/x/status", None),
        ("GET", f"{PODS}/x:80/proxy/y", Target("get", POD, "argocd", "x:80", "proxy")),
        ("GET", "/api/v1/namespaces/argocd/secrets/x/proxy", None),
    ],
)
def test_what_is_asked(method: str, path: str, expected: Target | None) -> None:
    assert proxied(method, path) == expected


async def test_what_is_behind_a_service_answers_through_the_hub() -> None:
    async with standing() as hub, beside(hub) as asked:
        answer = await hub.client.get(f"{PROXY}/api/v1/spokes?state=Lost&state=Held")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json == {"path": "/api/v1/spokes", "query": "state=Lost&state=Held"}
        (record,) = hub.api.requests
        assert (record.verb, record.name, record.user) == (
            "get",
            "http:gate-watcher:http",
            ADMIN.name,
        )
        assert "Authorization" not in asked[0].headers, "credentials end at the API server"


async def test_a_refusal_and_an_odd_name_pass_as_they_are() -> None:
    async with standing() as hub, beside(hub):
        assert (await hub.client.get(f"{PROXY}/none")).status == 404
        odd = await hub.client.get(f"{PROXY}/spokes/a%3Fb%23c")
        assert odd.json["path"] == "/spokes/a?b#c"


@pytest.mark.parametrize("query", ["selector=env%3Dprod", "a=x%26y%3Dz&b=100%25+c", "%C3%A4=1", ""])
async def test_a_query_passes_letter_by_letter(query: str) -> None:
    async with standing() as hub, beside(hub):
        answer = await hub.client.get(f"{PROXY}/spokes?{query}")
        assert answer.json["query"] == query


@pytest.mark.parametrize("name", ["gate-watcher", "gate-watcher:http", ":gate-watcher:http"])
async def test_a_service_is_named_in_several_ways(name: str) -> None:
    async with standing() as hub, beside(hub):
        assert (await hub.client.get(f"{SERVICES}/{name}/proxy/livez")).status == 200


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("http:absent:http", 404, 'services "absent" not found'),
        ("http:gate-watcher", 404, 'services "http" not found'),
        (
            "gate-watcher:8090",
            503,
            'no service port "8090" found for service "gate-watcher:8090"',
        ),
        ("a:b:c", 400, 'invalid service request "a:b:c"'),
    ],
)
async def test_a_service_that_is_not_there_is_refused(name: str, code: int, message: str) -> None:
    async with standing() as hub, beside(hub):
        answer = await hub.client.get(f"{SERVICES}/{name}/proxy/livez")
        assert (answer.status, json.loads(answer.body)["message"]) == (code, message)


async def test_what_does_not_answer_is_said_to_be_unavailable() -> None:
    async with standing() as hub:
        async with beside(hub):
            pass
        answer = await hub.client.get(f"{PROXY}/livez")
        assert (answer.status, answer.json["reason"]) == (503, "ServiceUnavailable")
        assert answer.json["message"].startswith("error trying to reach service: ")


async def test_it_takes_the_right_to_the_proxy() -> None:
    async with standing() as hub, beside(hub):
        refused = await hub.by(WATCHER).get(f"{PROXY}/livez")
        assert refused.status == 403
        assert refused.json["message"] == (
            'services "http:gate-watcher:http" is forbidden: User '
            '"system:serviceaccount:argocd:gate-watcher" cannot get resource "services/proxy" in '
            'API group "" in the namespace "argocd"'
        )
        hub.api.grant(WATCHER, Rule(("get",), ("",), ("services/proxy",)))
        assert (await hub.by(WATCHER).get(f"{PROXY}/livez")).status == 200
        assert (await hub.by(VIEWER).get(f"{PROXY}/livez")).status == 200
        assert (await hub.by(VIEWER).ask("POST", f"{PROXY}/livez", {})).status == 403


async def test_a_pod_answers_through_the_hub_at_the_port_that_is_named() -> None:
    async with standing() as hub, beside(hub):
        url = hub.api.services.url(Target("get", SERVICE, "argocd", "gate-watcher", "proxy"))
        host, port = url.removeprefix("http://").split(":")
        for name, status in (("x", {"podIP": host}), ("y", {})):
            pod = hub.store.create(POD, {"metadata": {"name": name, "namespace": "argocd"}})
            hub.store.replace(POD, {**pod, "status": status}, subresource="status")
        answer = await hub.client.get(f"{PODS}/x:{port}/proxy/metrics")
        assert answer.json["path"] == "/metrics"
        assert (await hub.client.get(f"{PODS}/z:{port}/proxy/metrics")).status == 404
        assert (await hub.client.get(f"{PODS}/y:{port}/proxy/metrics")).status == 400
        assert (await hub.client.get(f"{PODS}/a:b:c:d/proxy/metrics")).status == 400
        refused = await hub.by(WATCHER).get(f"{PODS}/x:{port}/proxy/metrics")
        assert 'cannot get resource "pods/proxy"' in refused.json["message"]
