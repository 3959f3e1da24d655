"""How is the hub reached?

The Kubernetes API over HTTP on a real socket, in the process of whoever starts it.

    store = Store(clock)
    api = EmbeddedApi(store, clock)
    url = await api.start()
    ...
    await api.stop()

`api.requests` holds every request that came, `api.faults` what is to go wrong (faults.py),
`api.users` who may do what (users.py), and `go_away`/`come_back` refuse connections for a while.

Facts (Kubernetes API concepts; recorded in tests/captured/exchanges): with a token that nobody has
everything but `/version` and the health checks is 401; who may not is told 403 before anything is
looked at; a path under which nothing is served answers plain text. kubectl sends no token over
plain HTTP, so who comes without one is `api.anonymous`, the administrator by default.

Elsewhere: what a request means (routes.py) and is answered (reads.py, edits.py, watching.py), in
which shape (views.py); what is reached through the hub (proxying.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from email.utils import formatdate

import msgspec
from aiohttp import web

from watcher.embedded_hub.clock import Clock
from watcher.embedded_hub.discovery import document
from watcher.embedded_hub.edits import Edit, edited
from watcher.embedded_hub.errors import ApiError, BadRequest, Unauthorized
from watcher.embedded_hub.faults import Answer, Faults, Hold, LoseAnswer, Mute, RequestFault
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.proxying import PROXY, SERVICE, Passed, Services, answer, pod_url, proxied
from watcher.embedded_hub.reads import found, page
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.reviews import (
    LOCAL_REVIEW,
    MAY_I,
    WHO_AM_I,
    asked_of_others,
    may_i,
    may_they,
    who_am_i,
)
from watcher.embedded_hub.routes import Target, target
from watcher.embedded_hub.sending import Reply, answered, hang_up, instead, plain, refused, send
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.users import ADMIN, VIEWER, WATCHER, Rule, User, refusal
from watcher.embedded_hub.views import View, encode, shape
from watcher.embedded_hub.watching import Watch

_LARGEST_BODY_BYTES = 3 * 1024 * 1024
"""What a real API server takes as the body of a request."""
_HEALTH = ("/livez", "/readyz", "/healthz")
_OPEN_TO_ALL = (*_HEALTH, "/version")
_KEPT_HEADERS = ("Accept", "Content-Type", "User-Agent", "Accept-Encoding")


@dataclass(slots=True)
class Request:
    """A request that came, and what became of it."""

    at: float
    """By the hub's clock, in seconds since the epoch."""
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Those of interest; never the token."""
    user: str
    """Empty where nobody could be told."""
    body: bytes
    asked: Target | None
    """None where it concerns no kind."""
    status: int | None = None
    """None as long as nothing was answered, and for ever where nothing was."""
    fault: RequestFault | None = None

    @property
    def verb(self) -> str:
        """As RBAC names it; empty where it concerns no kind."""
        return self.asked.verb if self.asked else ""

    @property
    def resource(self) -> Resource | None:
        """The kind of the store that it concerns."""
        return self.asked.stored if self.asked else None

    @property
    def name(self) -> str | None:
        """The object that it concerns."""
        return self.asked.name if self.asked else None


class EmbeddedApi:
    """A server in front of one store."""

    def __init__(
        self, store: Store, clock: Clock, *, wire: Clock | None = None, progress: bool = True
    ) -> None:
        """`wire`: what streams live by, where that is not the hub's own clock; clients have
        time-outs of their own, which no fast hub hurries. `progress`: whether the storage tells
        watches how far it has come (watching.py).
        """
        self.store = store
        self.clock = clock
        self.wire = wire or clock
        self.faults = Faults()
        self.requests: list[Request] = []
        self.users: dict[str, User] = {user.name: user for user in (ADMIN, VIEWER, WATCHER)}
        self.services = Services()
        """What is reached through the proxy (proxying.py)."""
        self.anonymous: User | None = ADMIN
        """Who comes without a token; None refuses them with 401."""
        self.url = ""
        self._progress = progress
        self._watches: dict[Watch, Target] = {}
        self._stopped = asyncio.Event()
        self._failures: list[Exception] = []
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._place = ("127.0.0.1", 0)

    # Coming and going

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and say under which URL; port 0 takes a free one."""
        app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._serve)
        app.on_response_prepare.append(self._date)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await self._listen(host, port)
        host, port = self._runner.addresses[0][:2]
        self._place = (host, port)
        self.url = f"http://{host}:{port}"
        return self.url

    async def stop(self) -> None:
        """End every watch, release what is held, and close.

        Raises what the hub itself failed at, or a callback or rule of the store, on any request:
        the client saw a mere 500 of it.
        """
        self._stopped.set()
        self.faults.clear()
        self.close_watches()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._failures:
            raise ExceptionGroup("the embedded hub failed at requests", self._failures)

    async def go_away(self) -> None:
        """Drop every connection and refuse new ones, as a hub that is down."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        server = self._runner.server if self._runner is not None else None
        for connection in server.connections if server is not None else ():
            connection.force_close()
            if connection.transport is not None:
                connection.transport.abort()

    async def come_back(self) -> None:
        """Listen again where it listened before."""
        await self._listen(*self._place)

    def close_watches(self, resource: Resource | None = None) -> None:
        """End the watches of one kind, or all of them, as a server ends them."""
        for watch, asked in tuple(self._watches.items()):
            if resource is None or asked.stored is resource:
                watch.end()

    @property
    def watches(self) -> list[Target]:
        """What is being watched now."""
        return list(self._watches.values())

    def grant(self, user: User, *rules: Rule) -> None:
        """Let `user` do what `rules` allow, besides what it may already."""
        known = self.users.get(user.name, user)
        self.users[user.name] = replace(known, rules=(*known.rules, *rules))

    def kubeconfig(self, user: User = ADMIN, namespace: str = "argocd") -> str:
        """A kubeconfig for `user`, as YAML."""
        context = {"cluster": "embedded", "user": user.name, "namespace": namespace}
        config: Object = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "embedded", "cluster": {"server": self.url}}],
            "users": [{"name": user.name, "user": {"token": user.token}}],
            "contexts": [{"name": "embedded", "context": context}],
            "current-context": "embedded",
        }
        return msgspec.json.format(encode(config)).decode() + "\n"

    async def _listen(self, host: str, port: int) -> None:
        if self._runner is None:
            raise RuntimeError("the hub was never started")
        self._site = web.TCPSite(self._runner, host, port, reuse_address=True)
        await self._site.start()

    # One request

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        """Every answer tells the hub's own time, as HTTP writes it."""
        response.headers["Date"] = formatdate(self.clock.now(), usegmt=True)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        user = self._user(request)
        asked = target(request.method, request.path, request.query)
        asked = asked or proxied(request.method, request.path)
        asked = asked or asked_of_others(request.method, request.path)
        record = Request(
            at=self.clock.now(),
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name: request.headers.get(name, "") for name in _KEPT_HEADERS},
            user=user.name if user else "",
            body=await request.read(),
            asked=asked,
        )
        self.requests.append(record)
        record.fault = self.faults.on_request(asked, request.path, record.user)
        try:
            return await self._answered(request, record, user)
        except Exception as error:
            self._failures.append(error)
            raise

    async def _answered(
        self, request: web.Request, record: Request, user: User | None
    ) -> web.StreamResponse:
        fault = record.fault
        if isinstance(fault, Hold) and not fault.applied:
            await fault.released.wait()
        applied = not isinstance(fault, Answer | LoseAnswer) or fault.applied
        reply = await self._reply(request, record, user) if applied else Reply(500, [])
        if isinstance(fault, Hold) and fault.applied:
            await fault.released.wait()
        if isinstance(fault, LoseAnswer):
            return hang_up(request)
        if isinstance(fault, Answer):
            reply = instead(fault)
        record.status = reply.status
        try:
            return await send(request, reply, fault, self.clock)
        except ConnectionError:  # the client has gone; a fault may have told it to
            return hang_up(request)

    def _user(self, request: web.Request) -> User | None:
        if "Authorization" not in request.headers:
            return self.anonymous
        token = request.headers["Authorization"].partition(" ")[2]
        return next((user for user in self.users.values() if user.token == token), None)

    async def _reply(self, request: web.Request, record: Request, user: User | None) -> Reply:
        """The answer to what was asked, carried out."""
        try:
            if user is None:
                if record.path not in _OPEN_TO_ALL:
                    raise Unauthorized("Unauthorized")
                user = ADMIN
            if record.asked is None:
                return _of_no_kind(record, user)
            if record.asked.resource is LOCAL_REVIEW:
                return self._reviewed(record, record.asked, user)
            if not user.may(record.asked):
                raise refusal(user, record.asked)
            if record.asked.subresource == PROXY:
                return await answer(self._behind(record.asked), _passed(request, record))
            return self._of_a_kind(record, record.asked)
        except ApiError as error:
            return refused(error)

    def _behind(self, asked: Target) -> str:
        return self.services.url(asked) if asked.resource is SERVICE else pod_url(self.store, asked)

    def _reviewed(self, record: Request, asked: Target, user: User) -> Reply:
        """The answer to who asks what another may do."""
        if not user.may(asked):
            raise refusal(user, asked)
        return answered(201, may_they(self.users, _review(record)))

    def _of_a_kind(self, record: Request, asked: Target) -> Reply:
        view = View(
            asked.resource,
            shape(record.headers["Accept"], asked.resource, asked.verb),
            self.clock.now(),
            record.query.get("includeObject") or "Metadata",
        )
        match asked.verb:
            case "get":
                return answered(200, view.one(found(self.store, asked)))
            case "list":
                seen = self._seen(asked)
                return Reply(200, view.many(page(self.store, asked, record.query, seen=seen)))
            case "watch":
                return Reply(200, self._watched(record, asked, view))
            case _:
                done = edited(self.store, _edit(record, asked))
        reply = answered(done.status, done.answer if done.is_status else view.one(done.answer))
        if done.warnings:
            spelled = (f"299 - {encode(warning).decode()}" for warning in done.warnings)
            reply.headers["Warning"] = ", ".join(spelled)
        return reply

    async def _watched(
        self, record: Request, asked: Target, view: View
    ) -> AsyncGenerator[bytes, None]:
        query = dict(record.query)
        if asked.name is not None:
            query["fieldSelector"] = f"metadata.name={asked.name},{query.get('fieldSelector', '')}"
        watch = Watch(
            store=self.store,
            wire=self.wire,
            faults=self.faults,
            asked=asked,
            query=query,
            view=view,
            progress=self._progress,
            fault=record.fault,
        )
        self._watches[watch] = asked
        try:
            if isinstance(record.fault, Mute):
                await self._stopped.wait()
                return
            async with aclosing(watch.lines()) as lines:
                async for line in lines:
                    yield line
        finally:
            del self._watches[watch]

    def _seen(self, asked: Target) -> int:
        if self._progress:
            return self.store.revision
        return self.store.last_revision(asked.stored)


def _edit(record: Request, asked: Target) -> Edit:
    return Edit(
        asked=asked,
        query=record.query,
        content_type=record.headers["Content-Type"].partition(";")[0].strip(),
        body=record.body,
        user=record.user,
        user_agent=record.headers["User-Agent"],
    )


def _passed(request: web.Request, record: Request) -> Passed:
    return Passed(
        method=record.method,
        path=record.path,
        query=request.rel_url.raw_query_string,
        accept=record.headers["Accept"],
        content_type=record.headers["Content-Type"],
        body=record.body,
    )


def _review(record: Request) -> Object:
    try:
        return msgspec.json.decode(record.body, type=dict)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"json parse error: {error}") from error


def _of_no_kind(record: Request, user: User) -> Reply:
    if record.path in _HEALTH:
        return plain(200, "ok")
    if record.method == "POST" and record.path == WHO_AM_I:
        return answered(201, who_am_i(user))
    if record.method == "POST" and record.path == MAY_I:
        return answered(201, may_i(user, _review(record)))
    said = document(record.path)
    return answered(200, said) if said is not None else plain(404, "404 page not found\n")
