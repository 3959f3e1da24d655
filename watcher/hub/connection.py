"""How does a request become an answer?

One session for everything, and nothing shared that one failing request could take from another.
Status and content type are looked at before a body, every read has a limit in time and in size, no
redirect is followed, nothing is decompressed (identity is asked for), and every way to fail is one
`HubError` of the request's own class.

When the hub no longer knows us (401) or we no longer trust it (its certificate), credentials are
read again, once, and the request is sent once more: a 401 was not carried out, and with a
certificate in doubt nothing was sent.

Facts (aiohttp, kubernetes_asyncio):
- kubernetes_asyncio's REST client logs whole bodies at DEBUG, Secrets included, and its kubeconfig
  loader logs what a plugin printed. The first is not used here; both are silenced all the same.
- aiohttp sends GET and PUT once more by itself where a kept connection proves closed. PATCH and
  POST it does not.

Elsewhere: what is asked (requests.py); where the hub is (credentials.py).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from watcher.hub.credentials import Endpoint, Login, login
from watcher.hub.errors import Cause, ConnectionFault, HubError
from watcher.hub.kubeconfig import NONE, Overrides
from watcher.hub.lines import LineBuffer, LineTooLong
from watcher.hub.requests import FIELD_MANAGER, Request
from watcher.hub.timeouts import Timeouts
from watcher.hub.wire import one_line, status_of, wait_s

T = TypeVar("T")

MOST_PAGE_BYTES = 64 << 20
"""500 objects at etcd's limit of 1.5 MiB would be more, but no hub holds such."""
MOST_LINE_BYTES = 16 << 20
"""Ten times etcd's limit for one object."""
_MOST_REFUSAL_BYTES = 64 << 10
_READ_BYTES = 256 << 10

_USER_INFO = re.compile(r"//[^/\s]*@")
"""The name and password in a URL, up to the last @ before its path."""

_SILENCED = {
    "kubernetes_asyncio": logging.CRITICAL,
    "kubernetes_asyncio.client.rest": logging.WARNING,
    "aiohttp": logging.WARNING,
    "asyncio": logging.WARNING,
}


async def connect(
    kubeconfig: str | None,
    context: str | None,
    overrides: Overrides = NONE,
    *,
    timeouts: Timeouts | None = None,
) -> Connection:
    """A connection to the hub that these mean, as kubectl takes them; None means not given.

    Nothing is sent yet. Raises `ConnectionFault` where there is no hub, or no credentials.
    """
    limits = timeouts or Timeouts()
    silence_third_parties()
    way = login(kubeconfig, context, overrides, environ=os.environ, plugin_s=limits.credentials_s)
    return Connection(way, await way.endpoint(), limits)


def silence_third_parties() -> None:
    """Sets the level of loggers that would show bodies or credentials, whatever the root's is."""
    for name, level in _SILENCED.items():
        logging.getLogger(name).setLevel(level)


class Connection:
    """A hub that can be asked."""

    def __init__(self, way: Login, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self._way = way
        self._endpoint = endpoint
        self._renewing = asyncio.Lock()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # or a stuck stream could hold up the lease
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect_s),
            read_bufsize=_READ_BYTES,
            auto_decompress=False,
            trust_env=False,
        )

    @property
    def host(self) -> str:
        """The hub's address, for people."""
        return str(self._endpoint.url)

    async def close(self) -> None:
        """Ends everything that is under way."""
        await self._session.close()

    async def send(
        self,
        request: Request,
        *,
        within_s: float,
        allowed: Callable[[], bool] = lambda: True,
    ) -> bytes:
        """The body of the answer; raises the request's error where there is no good one.

        `allowed` is asked immediately before each time that the request is sent.
        """
        with _failing(request, self.host):
            async with asyncio.timeout(within_s):
                response = await self._accepted(request, allowed)
                try:
                    return await _body(response, request)
                finally:
                    response.release()

    async def dated(self, request: Request, *, within_s: float) -> str:
        """The hub's own time as it answered, as HTTP writes it: the Date of the answer; empty where
        it gives none. Raises as `send` does.
        """
        with _failing(request, self.host):
            async with asyncio.timeout(within_s):
                response = await self._accepted(request, lambda: True)
                response.close()
                return response.headers.get("Date", "")

    @asynccontextmanager
    async def stream(
        self, request: Request, *, opens_within_s: float, ends_within_s: float
    ) -> AsyncIterator[Lines]:
        """The lines of the answer as they come; raises the request's error, here or on the way."""
        with _failing(request, self.host):
            async with asyncio.timeout(ends_within_s):
                async with asyncio.timeout(opens_within_s):
                    response = await self._accepted(request, lambda: True)
                try:
                    yield Lines(response.content, request)
                finally:
                    response.close()

    async def _accepted(
        self, request: Request, allowed: Callable[[], bool]
    ) -> aiohttp.ClientResponse:
        endpoint = self._endpoint
        try:
            response = await self._sent(request, endpoint, allowed)
        except aiohttp.ClientConnectorCertificateError:
            await self._renew(endpoint, request)
            response = await self._sent(request, self._endpoint, allowed)
        if response.status == 401:
            response.close()
            await self._renew(endpoint, request)
            response = await self._sent(request, self._endpoint, allowed)
        try:
            await _check(response, request, self.host)
        except BaseException:
            response.close()
            raise
        return response

    async def _sent(
        self, request: Request, endpoint: Endpoint, allowed: Callable[[], bool]
    ) -> aiohttp.ClientResponse:
        headers = CIMultiDict(
            {
                "Accept": request.accept,
                "Accept-Encoding": "identity",
                "User-Agent": FIELD_MANAGER,
                **await _headers(endpoint, request),
            }
        )
        headers.extend(endpoint.impersonates)
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if not allowed():
            raise request.failed(Cause.WITHHELD, "the right to write had ended")
        return await self._session.request(
            request.method,
            _url(endpoint.url, request),
            headers=headers,
            data=request.body,
            ssl=endpoint.tls,
            server_hostname=endpoint.tls_name,
            proxy=endpoint.proxy,
            allow_redirects=False,
        )

    async def _renew(self, stale: Endpoint, request: Request) -> None:
        async with self._renewing:
            if self._endpoint is not stale:
                return
            try:
                self._endpoint = await self._way.endpoint()
            except ConnectionFault as fault:
                raise request.failed(
                    Cause.UNREACHABLE, f"credentials cannot be read again: {fault}"
                ) from None


class Lines:
    """The lines of a stream."""

    def __init__(self, content: aiohttp.StreamReader, request: Request) -> None:
        self._content = content
        self._request = request
        self._buffer = LineBuffer(MOST_LINE_BYTES)

    async def next(self, within_s: float | None) -> bytes | None:
        """The next whole line; None where the stream ended in order.

        Raises the request's error where it ended otherwise, or none came in time.
        """
        line = self._buffer.take()
        if line is not None:
            return line
        try:
            async with asyncio.timeout(within_s):
                while piece := await self._content.readany():
                    self._buffer.feed(piece)
                    line = self._buffer.take()
                    if line is not None:
                        return line
        except TimeoutError:
            what = f"nothing came for {within_s:g} s"
            raise self._request.failed(Cause.LOST, what) from None
        except LineTooLong as error:
            raise self._request.failed(Cause.UNREADABLE, str(error)) from None
        if self._buffer.cut:
            raise self._request.failed(Cause.LOST, "the stream ended in the middle of an event")
        return None


def read_answer(request: Request, body: bytes, read: Callable[[bytes], T]) -> T:
    """What `read` makes of the body; raises the request's error where it raises ValueError, or
    finds the body too deep to be read at all.
    """
    try:
        return read(body)
    except RecursionError:
        what = "something in it is nested too deep"
    except ValueError as error:
        what = one_line(str(error))
    raise request.failed(Cause.UNREADABLE, what)  # outside: the body does not hang on to it


def _url(base: URL, request: Request) -> URL:
    path = base.path.rstrip("/") + request.path
    return base.with_path(path).with_query(request.query)


async def _headers(endpoint: Endpoint, request: Request) -> dict[str, str]:
    try:
        return await endpoint.headers()
    except ConnectionFault as fault:
        raise request.failed(Cause.UNREACHABLE, str(fault)) from None


async def _check(response: aiohttp.ClientResponse, request: Request, host: str) -> None:
    """Raises where the answer is no success, or no JSON."""
    if 300 <= response.status < 400:
        raise _not_kubernetes(request, host, f"it redirects ({response.status})")
    if not 200 <= response.status < 300:
        body = await _beginning(response)
        waiting = response.headers.get("Retry-After", "")
        after_s = wait_s(int(waiting)) if waiting.isdecimal() and len(waiting) < 10 else None
        status = status_of(body, response.status, after_s)
        raise request.failed(
            Cause.REFUSED, str(status), remedy=_remedies.get(status.code, ""), status=status
        )
    if response.content_type != request.answer_type:
        raise _not_kubernetes(request, host, f"it answers with {response.content_type}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _not_kubernetes(request, host, "it compresses what was asked for plain")


async def _body(response: aiohttp.ClientResponse, request: Request) -> bytes:
    pieces: list[bytes] = []
    left_bytes = MOST_PAGE_BYTES
    while piece := await response.content.readany():
        left_bytes -= len(piece)
        if left_bytes < 0:
            response.close()
            raise request.failed(Cause.UNREADABLE, f"more than {MOST_PAGE_BYTES} bytes came")
        pieces.append(piece)
    return b"".join(pieces)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """As much of a refusal as there is: that it was refused is known without."""
    pieces: list[bytes] = []
    try:
        while sum(map(len, pieces)) < _MOST_REFUSAL_BYTES:
            piece = await response.content.readany()
            if not piece:
                break
            pieces.append(piece)
    except aiohttp.ClientError:
        return b""
    return b"".join(pieces)


@contextmanager
def _failing(request: Request, host: str) -> Iterator[None]:
    """Whatever aiohttp raises becomes the request's error."""
    try:
        yield
    except (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
    ) as error:
        raise _unreachable(request, host, one_line(_USER_INFO.sub("//", str(error)))) from None
    except aiohttp.ClientHttpProxyError as error:  # whose text quotes the proxy's password
        raise _unreachable(request, host, f"the proxy refused ({error.status})") from None
    except TimeoutError:
        raise request.failed(Cause.LOST, "no whole answer came in time") from None
    except aiohttp.ClientResponseError:
        raise _not_kubernetes(request, host, "it does not answer in HTTP") from None
    except (aiohttp.ClientError, OSError) as error:  # whose text may quote what came
        what = f"the connection broke ({type(error).__name__})"
        raise request.failed(Cause.LOST, what) from None


def _unreachable(request: Request, host: str, what: str) -> HubError:
    return request.failed(
        Cause.UNREACHABLE,
        what,
        remedy=f"check that the API server answers at {host} and which proxy is used",
    )


def _not_kubernetes(request: Request, host: str, what: str) -> HubError:
    return request.failed(
        Cause.UNREADABLE, what, remedy=f"check what answers at {host}: it is no Kubernetes API"
    )


_remedies = {
    401: "check that the token or certificate is still valid",
    403: "grant it to this account, see the Role in the manifests",
    404: "check the namespace, and that Argo CD is installed on this hub",
}
