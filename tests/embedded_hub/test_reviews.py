from __future__ import annotations

from tests.embedded_hub.standing import standing
from watcher.embedded_hub.reviews import MAY_I, WHO_AM_I
from watcher.embedded_hub.users import VIEWER, WATCHER, Rule


async def test_everybody_may_ask_who_they_are() -> None:
    async with standing() as hub:
        for user in (VIEWER, WATCHER):
            answer = await hub.by(user).ask("POST", WHO_AM_I, {})
            assert answer.status == 201
            assert answer.json["status"]["userInfo"]["username"] == user.name


async def test_everybody_may_ask_what_they_may() -> None:
    async with standing() as hub:

        async def allowed(verb: str, resource: str = "secrets") -> bool:
            attributes = {"verb": verb, "resource": resource, "namespace": "argocd"}
            review = {"spec": {"resourceAttributes": attributes}}
            answer = await hub.by(VIEWER).ask("POST", MAY_I, review)
            assert answer.status == 201
            return bool(answer.json["status"]["allowed"])

        assert await allowed("get")
        assert not await allowed("patch")
        assert not await allowed("get", "nosuchkinds")


async def test_a_review_that_cannot_be_read_is_refused() -> None:
    async with standing() as hub:
        for body in (b"k8s\0", b"[]"):
            assert (await hub.client.ask("POST", MAY_I, body)).status == 400


MAY_THEY = "/apis/authorization.k8s.io/v1/namespaces/argocd/localsubjectaccessreviews"


async def test_who_may_ask_for_others_is_told_what_they_may() -> None:
    async with standing() as hub:
        hub.api.grant(WATCHER, Rule(("list",), ("",), ("secrets",)))

        async def allowed(user: str, verb: str) -> bool:
            attributes = {"verb": verb, "resource": "secrets", "namespace": "argocd"}
            review = {"spec": {"user": user, "resourceAttributes": attributes}}
            answer = await hub.client.ask("POST", MAY_THEY, review)
            assert answer.status == 201
            return bool(answer.json["status"]["allowed"])

        assert await allowed(WATCHER.name, "list")
        assert not await allowed(WATCHER.name, "patch")
        assert not await allowed("nobody-that-is-known", "list")


async def test_it_takes_a_right_to_ask_for_others() -> None:
    async with standing() as hub:
        refused = await hub.by(VIEWER).ask("POST", MAY_THEY, {"spec": {"user": WATCHER.name}})
        assert refused.status == 403
        assert 'cannot create resource "localsubjectaccessreviews"' in refused.json["message"]
