"""A hub that stands while a test runs, and somebody who asks it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from watcher.embedded_hub.clock import Clock, HandClock
from watcher.embedded_hub.http import EmbeddedApi
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.store import Object, Store
from watcher.embedded_hub.users import ADMIN, User

START = 1_800_000_000.0
MERGE = "application/merge-patch+json"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks as one user, over one session."""

    def __init__(self, session: aiohttp.ClientSession, api: EmbeddedApi, user: User) -> None:
        self.session = session
        self.api = api
        self.user = user

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str = "application/json",
        content_type: str | None = "application/json",
        token: str | None = None,
    ) -> Answer:
        async with self.open(
            method, path, body, accept=accept, content_type=content_type, token=token
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    def open(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str = "application/json",
        content_type: str | None = "application/json",
        token: str | None = None,
    ) -> aiohttp.client._RequestContextManager:
        headers = {"Accept": accept, "Authorization": f"Bearer {token or self.user.token}"}
        if body is not None and content_type:
            headers["Content-Type"] = content_type
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.session.request(
            method,
            f"{self.api.url}{path}",
            data=None if body is None else data,
            headers=headers,
        )

    async def get(self, path: str, **how: Any) -> Answer:
        return await self.ask("GET", path, **how)

    async def patch(self, path: str, merge: Any, **how: Any) -> Answer:
        return await self.ask("PATCH", path, merge, **({"content_type": MERGE} | how))


@dataclass(frozen=True)
class Hub:
    clock: Clock
    store: Store
    api: EmbeddedApi
    client: Client

    def by(self, user: User) -> Client:
        return Client(self.client.session, self.api, user)


@asynccontextmanager
async def standing(
    clock: Clock | None = None, *, store: Store | None = None, progress: bool = True
) -> AsyncIterator[Hub]:
    clock = clock or (store.clock if store else HandClock(START))
    store = store or Store(clock)
    api = EmbeddedApi(store, clock, progress=progress)
    await api.start()
    async with aiohttp.ClientSession() as session:
        try:
            yield Hub(clock, store, api, Client(session, api, ADMIN))
        finally:
            await api.stop()


def application(name: str, **parts: Any) -> Object:
    metadata = {"name": name, "namespace": "argocd"} | parts.pop("metadata", {})
    return {"metadata": metadata, "spec": {"project": "default"}, **parts}


def secret(name: str, labels: Mapping[str, str] | None = None, **metadata: Any) -> Object:
    named = {"name": name, "namespace": "argocd", "labels": dict(labels or {}), **metadata}
    return {"metadata": named, "data": {"name": "c3Bva2U="}}


SECRETS = SECRET.path("argocd")
APPLICATIONS = APPLICATION.path("argocd")
APPLICATION_SETS = APPLICATION_SET.path("argocd")
