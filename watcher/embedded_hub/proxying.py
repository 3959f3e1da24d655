"""Which service or Pod is meant by a proxied path, and what does it answer?

The API server's proxy to Services, without Services as objects: whoever runs something beside the
hub says where it is. A Pod is found by its object's address. What is sent on is the request without
who asked it.

Facts (Kubernetes, registry/core/service/storage, registry/core/pod/strategy.go,
apimachinery/pkg/util/proxy): the name in the path is `[SCHEME:]NAME[:PORT]`; RBAC asks for the verb
on `services/proxy` or `pods/proxy`; the wording of the refusals; the query goes on as it came, and
the credentials end at the API server.

Elsewhere: paths under which objects are served (routes.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from yarl import URL

from watcher.embedded_hub.errors import BadRequest, ServiceUnavailable, not_found
from watcher.embedded_hub.resources import POD, Resource
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.sending import Reply
from watcher.embedded_hub.store import Store

SERVICE = Resource("", "v1", "services", "Service", short_names=("svc",))
"""Not stored, and not served but as a way to what is behind it."""

PROXY = "proxy"
"""The subresource that is a way to what is behind."""

_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_WITHIN = aiohttp.ClientTimeout(total=30.0)


def proxied(method: str, path: str) -> Target | None:
    """What a request for something behind the hub asks for; None where it is no such request."""
    match path.split("/", maxsplit=8):
        case ["", "api", "v1", "namespaces", namespace, plural, name, "proxy", *_]:
            way = next((each for each in (SERVICE, POD) if each.plural == plural), None)
            if way is None:
                return None
            return Target(_VERBS.get(method, ""), way, namespace, name, PROXY)
        case _:
            return None


def pod_url(store: Store, asked: Target) -> str:
    """Where the Pod's port leads; raises `ApiError` where there is no such Pod, or no address."""
    match (asked.name or "").split(":"):
        case [name] | ["" | "http" | "https", name]:
            port = "80"
        case [name, port] | ["" | "http" | "https", name, port]:
            pass
        case _:
            raise BadRequest(f'invalid pod request "{asked.name}"')
    pod = store.get(POD, asked.namespace or "", name)
    if pod is None:
        raise not_found(POD, name)
    ip = (pod.get("status") or {}).get("podIP")
    if not ip:
        raise BadRequest("address not allowed")
    return f"http://{ip}:{port}"


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


async def answer(url: str, passed: Passed) -> Reply:
    """What is answered at `url`; raises `ApiError` where nothing is."""
    rest = "".join(passed.path.split("/", maxsplit=8)[8:])
    place = URL(f"{URL(url).with_path(f'/{rest}')}?{passed.query}", encoded=True)
    headers = {"Accept": passed.accept, "Content-Type": passed.content_type}
    try:
        async with (
            aiohttp.ClientSession(timeout=_WITHIN) as session,
            session.request(
                passed.method,
                place,
                headers={name: value for name, value in headers.items() if value},
                data=passed.body or None,
                allow_redirects=False,
            ) as answered,
        ):
            body = await answered.read()
            content_type = answered.headers.get("Content-Type", "text/plain")
            return Reply(answered.status, [body], content_type=content_type)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ServiceUnavailable(f"error trying to reach service: {error}") from error
