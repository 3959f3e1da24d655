"""Which service is meant by a proxied path, and what does it answer?

The API server's proxy to Services, without Services as objects: whoever runs something beside the
hub says where it is. What is sent on is the request without who asked it.

Facts (Kubernetes, registry/core/service/storage, apimachinery/pkg/util/proxy): the name in the path
is `[SCHEME:]NAME[:PORT]`; RBAC asks for the verb on `services/proxy`; the wording of the refusals;
the credentials end at the API server.

Elsewhere: paths under which objects are served (routes.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from yarl import URL

from watcher.embedded_hub.errors import BadRequest, ServiceUnavailable, not_found
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.sending import Reply

SERVICE = Resource("", "v1", "services", "Service", short_names=("svc",))
"""Not stored, and not served but as a way to what is behind it."""

_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_WITHIN = aiohttp.ClientTimeout(total=30.0)


def proxied(method: str, path: str) -> Target | None:
    """What a request for something behind a Service asks for; None where it is no such request."""
    match path.split("/", maxsplit=8):
        case ["", "api", "v1", "namespaces", namespace, "services", name, "proxy", *_]:
            return Target(_VERBS.get(method, ""), SERVICE, namespace, name, "proxy")
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Passed:
    """A request as it is sent on."""

    method: str
    path: str
    query: str
    """As it was written."""
    accept: str
    content_type: str
    body: bytes


class Services:
    """What runs beside the hub."""

    def __init__(self) -> None:
        self._urls: dict[tuple[str, str], dict[str, str]] = {}

    def offer(self, namespace: str, name: str, *, port: str, url: str) -> None:
        """There is a Service now, and behind this port of it is `url`."""
        self._urls.setdefault((namespace, name), {})[port] = url

    def url(self, asked: Target) -> str:
        """Where the Service's port leads; raises `ApiError` where there is none."""
        whole = asked.name or ""
        match whole.split(":"):
            case [name]:
                port = ""
            case [name, port] | ["" | "http" | "https", name, port]:
                pass
            case _:
                raise BadRequest(f'invalid service request "{whole}"')
        ports = self._urls.get((asked.namespace or "", name))
        if ports is None:
            raise not_found(SERVICE, name)
        if not port and len(ports) == 1:
            return next(iter(ports.values()))
        if port not in ports:
            raise ServiceUnavailable(f'no service port "{port}" found for service "{whole}"')
        return ports[port]

    async def answer(self, asked: Target, passed: Passed) -> Reply:
        """What is answered there; raises `ApiError` where nothing is."""
        rest = "".join(passed.path.split("/", maxsplit=8)[8:])
        place = URL(self.url(asked)).with_path(f"/{rest}")
        headers = {"Accept": passed.accept, "Content-Type": passed.content_type}
        try:
            async with (
                aiohttp.ClientSession(timeout=_WITHIN) as session,
                session.request(
                    passed.method,
                    place.with_query(passed.query),
                    headers={name: value for name, value in headers.items() if value},
                    data=passed.body or None,
                    allow_redirects=False,
                ) as answer,
            ):
                body = await answer.read()
                content_type = answer.headers.get("Content-Type", "text/plain")
                return Reply(answer.status, [body], content_type=content_type)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ServiceUnavailable(f"error trying to reach service: {error}") from error
