"""What does a running watcher say of itself, asked by a person?

Through the API server's proxy to its Service, with the person's own credentials, so that nobody
needs the right to read Secrets to look; or at its own address, behind a port-forward. What comes
back is bytes; their shapes are the watcher's own (serve/shapes.py).

Facts (Kubernetes, registry/core/service/storage): the proxy sends each request to one of the
Service's ready Pods, drawn anew; with `http:` before its name it speaks plain HTTP to it, and a
port's name may stand for its number. RBAC asks for `get` on `services/proxy`. Hence a replica that
follows is answered by asking again.

Elsewhere: what the watcher asks of the hub for itself (requests.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from yarl import URL

from watcher.facts import instant
from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.credentials import Endpoint
from watcher.hub.errors import AskFailed, ConnectionFault, HubError
from watcher.hub.identity import name_of
from watcher.hub.requests import Request
from watcher.hub.timeouts import Timeouts

if TYPE_CHECKING:
    from watcher.check import Held

NOT_LEADER = "NotLeader"
"""The reason that a replica gives which follows."""

_TRIES = 8
"""Of two replicas one is met by chance; so often it is the wrong one once in 256 times."""


class Service(Struct, frozen=True):
    """Where the API server finds a running watcher."""

    namespace: str
    name: str = "gate-watcher"
    port: str = "http"
    """The port's name, or its number."""

    @property
    def proxy(self) -> str:
        """The path under which its own paths are had."""
        return f"/api/v1/namespaces/{self.namespace}/services/http:{self.name}:{self.port}/proxy"


async def ask(
    connection: Connection,
    path: str,
    *,
    service: Service | None,
    query: tuple[tuple[str, str], ...] = (),
    answer_type: str = "application/json",
) -> bytes:
    """What the watcher answers under `path`; raises `AskFailed`.

    `service`: which one the hub at the other end of `connection` shall ask; None where the watcher
    itself is there.
    """
    about = "the watcher" if service is None else f"service {service.namespace}/{service.name}"
    place = "" if service is None else service.proxy
    request = Request(
        error=AskFailed,
        about=about,
        method="GET",
        path=f"{place}{path}",
        query=query,
        accept=answer_type,
        answer_type=answer_type,
    )
    for _ in range(_TRIES if service is not None else 1):
        try:
            return await connection.send(request, within_s=connection.timeouts.request_s)
        except HubError as error:
            refused = error
            if error.status is None or error.status.reason != NOT_LEADER:
                break
    raise refused


def connect_to(url: str) -> Connection:
    """A connection to a watcher's own address, with nobody's credentials.

    Raises `ConnectionFault` where `url` is none.
    """
    endpoint = Endpoint(_address(url), tls=True, tls_name=None, proxy=None, configuration=_Nobody())
    return Connection(_Here(endpoint), endpoint, Timeouts())


async def held(connection: Connection, namespace: str, lease: str) -> Held:
    """Who holds the lease, by name, and since when; raises `ReadFailed`."""
    from watcher.check import Held  # a room that only this needs, and only where nobody answered

    request = requests.read_in_namespace("/apis/coordination.k8s.io/v1", "leases", namespace, lease)
    body = await connection.send(request, within_s=connection.timeouts.request_s)
    spec = read_answer(request, body, _decode).spec
    return Held(
        holder=name_of(spec.holder_identity or ""),
        acquired_at=instant(spec.acquire_time),
        renewed_at=instant(spec.renew_time),
        duration_s=float(spec.lease_duration_seconds or 0),
    )


def _address(url: str) -> URL:
    try:
        address = URL(url)
    except ValueError:
        address = URL()
    if address.scheme not in ("http", "https") or not address.host or address.user:
        raise ConnectionFault(
            what="it is no plain http or https address",
            where="--server",
            remedy="write it as http://HOST:PORT",
        )
    return address


class _Nobody:
    async def get_api_key_with_prefix(self, _: str) -> None:
        """There is no token to send."""


class _Here:
    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def endpoint(self) -> Endpoint:
        """Where it was."""
        return self._endpoint


class _Spec(Struct, frozen=True, rename="camel"):
    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None


class _Lease(Struct, frozen=True):
    spec: _Spec = _Spec()


_decode = msgspec.json.Decoder(_Lease).decode
