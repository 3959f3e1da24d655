"""Where is a running watcher asked, and what if none answers?

Through the API server's proxy to its Service, with the caller's own credentials, or at its own
address behind a port-forward. Reads no Secret and needs no right to. Where none answers, what to do
about it is said, and since when none does as far as the lease tells.

Elsewhere: the asking itself (hub/asking.py); what is answered (serve/shapes.py); kubectl's flags
(hub_flags.py); looking at the hub instead (whom_to_ask.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, TypeVar

import msgspec
import rich_click as click
from msgspec import Struct

from watcher.cli.ending import Slip
from watcher.cli.hub_flags import ARGO_CD, HubFlags, hub_flags
from watcher.cli.placed import METAVAR, Placed, placed
from watcher.facts import rfc3339
from watcher.hub import Cause, Connection, HubError
from watcher.hub.asking import NOT_LEADER, Service, ask, connect_to, held
from watcher.hub.errors import AskFailed

T = TypeVar("T")

PLACE = "/api/v1"
LEASE = "gate-watcher"

NO_SUCH_SPOKE, BAD_QUESTION = "NoSuchSpoke", "BadQuestion"
"""The reasons of a watcher's refusals that are the asker's to mend (serve/answers.py)."""


class NoSuchSpoke(Slip):
    """There is no spoke of this name."""


class WatcherFlags(Struct, frozen=True):
    """A watcher, and who asks it."""

    hub: HubFlags
    service: Placed
    port: str
    server: str | None

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Watcher]:
        """The watcher; raises `ConnectionFault`."""
        if self.server is None:
            async with self.hub.connected() as connection:
                yield self.through(connection)
            return
        connection = connect_to(self.server)
        try:
            yield Watcher(connection, None)
        finally:
            await connection.close()

    def through(self, connection: Connection) -> Watcher:
        """The watcher behind its Service on this hub."""
        home = self.service.namespace or self.hub.namespace
        service = Service(home, self.service.name, self.port)
        return Watcher(connection, service, argo_cd=self.hub.namespace)


class Watcher:
    """A watcher that can be asked."""

    every_s = 2.0
    """How often it may be asked again and again."""
    unled = "in a dry run"

    def __init__(
        self, connection: Connection, service: Service | None, *, argo_cd: str = ARGO_CD
    ) -> None:
        self._connection = connection
        self._service = service
        self._argo_cd = argo_cd

    async def get(self, path: str, kind: type[T], *, query: Iterable[tuple[str, str]] = ()) -> T:
        """What is answered under `/api/v1`.

        Raises `AskFailed` where nobody answers, and it says since when; `NoSuchSpoke` and `Slip`
        where there is not what was asked for.
        """
        try:
            body = await ask(
                self._connection, f"{PLACE}{path}", service=self._service, query=tuple(query)
            )
        except HubError as error:
            _raise_slip(error)
            leader_is_said = error.status is not None and error.status.reason == NOT_LEADER
            since = "" if leader_is_said else await self._since()
            advice = (_remedy(error, self._service), since)
            raise AskFailed(
                error.cause,
                what=error.what,
                where=error.where,
                remedy="; ".join(filter(None, advice)),
                status=error.status,
            ) from None
        try:
            return msgspec.json.decode(body, type=kind)
        except ValueError as error:
            what = f"what answers is no watcher of this version: {error}"
            raise AskFailed(Cause.UNREADABLE, what=what, where=self.called) from None

    @property
    def called(self) -> str:
        """In words."""
        service = self._service
        return "the watcher" if service is None else f"service {service.namespace}/{service.name}"

    async def _since(self) -> str:
        """When a watcher last showed that it lives, where that can be known."""
        if self._service is None:
            return ""
        try:
            last = await held(self._connection, self._argo_cd, LEASE)
        except HubError:
            return ""
        if last.renewed_at is None:
            return ""
        if not last.holder:
            return f"the last one to lead ended in order {rfc3339(last.renewed_at)}"
        return f"{last.holder} leads, or did when it last said so, {rfc3339(last.renewed_at)}"


def watcher_flags(verb: Callable[..., None]) -> Callable[..., None]:
    """Kubectl's flags and those that say where the watcher is, given to the verb as its argument
    `watcher`.
    """

    @wraps(verb)
    def called(
        *, hub: HubFlags, service: Placed, port: str, server: str | None, **given: Any
    ) -> None:
        verb(**given, watcher=WatcherFlags(hub, service, port, server))

    flags = (
        click.option(
            "--service",
            metavar=METAVAR,
            type=placed,
            default="gate-watcher",
            show_default=True,
            help="The watcher's Service, with its namespace where that is another.",
        ),
        click.option(
            "--port",
            metavar="PORT",
            default="http",
            show_default=True,
            help="The Service's port, by name or number.",
        ),
        click.option(
            "--server",
            metavar="URL",
            help="The watcher's own address, as http://localhost:8090 behind a port-forward; then "
            "only a verb that orders something reads a kubeconfig.",
        ),
    )
    for flag in reversed(flags):
        flag(called)
    return hub_flags()(called)


def _raise_slip(error: HubError) -> None:
    """Raises where the watcher answered, and what was asked for there is not."""
    status = error.status
    if status is None or status.reason not in (NO_SUCH_SPOKE, BAD_QUESTION):
        return
    kind = NoSuchSpoke if status.reason == NO_SUCH_SPOKE else Slip
    raise kind(status.message) from None


def _remedy(error: HubError, service: Service | None) -> str:
    reason = error.status.reason if error.status is not None else ""
    if service is None:
        return "" if reason else "check the address, and that the port-forward still stands"
    match error.code, reason:
        case 403, _:
            return (
                f"ask for `get` on services/proxy in {service.namespace}, or port-forward to the "
                "watcher and name it with --server"
            )
        case 404, _:
            return (
                "name Argo CD's namespace with -n, and the Service with --service, as "
                "NAMESPACE/NAME where the watcher runs in another"
            )
        case 503, "ServiceUnavailable":
            return f"look at the watcher's Pods in {service.namespace}, and at --port"
        case 503, _ if reason == NOT_LEADER:
            return f"look at the watcher's Pods in {service.namespace}"
        case _:
            return error.remedy
