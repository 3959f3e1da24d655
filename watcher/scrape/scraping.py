"""How is a controller asked for its metrics?

One GET by the Pod's own address, so that no name is looked up and no Service answers for another
Pod. No redirect is followed, no proxy used, no cookie kept, nothing decompressed; the answer has a
limit in time and in size, and is read as it comes. Whatever fails comes back as words that say
where and what: other Pods are asked all the same, and this one is asked again.

Elsewhere: what a page says (parsing.py); which Pods are asked, and when (daemon/scraping.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from ipaddress import ip_address

import aiohttp
from msgspec import Struct
from yarl import URL

from watcher.facts import Instant, Reading
from watcher.scrape.parsing import Page

_HEADERS = {
    "Accept": "text/plain;version=0.0.4",
    "Accept-Encoding": "identity",
    "User-Agent": "gate-watcher",
}


class Limits(Struct, frozen=True):
    """What one answer may take."""

    connect_s: float = 3.0
    """To a connection: a lost SYN is sent again after one second, and after two more."""
    whole_s: float = 10.0
    """To the end of the answer. A controller that is short of CPU takes seconds for a large page;
    a third of the time after which a reading is stale leaves room for two more attempts."""
    body_bytes: int = 32 << 20
    """About 1,100 bytes were captured for an Application: thirty thousand of them on one shard."""


class Scraper:
    """Asks Pods, any number at once; one that hangs holds up no other."""

    def __init__(self, now: Callable[[], Instant], limits: Limits | None = None) -> None:
        """`now`: by which readings are stamped."""
        self._now = now
        self._limits = limits or Limits()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s),
            auto_decompress=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """End everything that is under way."""
        await self._session.close()

    async def scrape(self, ip: str, *, port: int, path: str) -> Reading | str:
        """What the Pod at `ip` says of itself; where it says nothing of use, why."""
        url = _url(ip, port, path)
        if url is None:
            return f"{ip!r} is no address of a Pod"
        answer = await self._ask(url)
        return f"{url}: {answer}" if isinstance(answer, str) else answer

    async def _ask(self, url: URL) -> Reading | str:
        try:
            async with (
                asyncio.timeout(self._limits.whole_s),
                self._session.get(url, headers=_HEADERS, allow_redirects=False) as response,
            ):
                return _refusal(response) or await self._read(response)
        except aiohttp.ConnectionTimeoutError:
            return f"no connection within {self._limits.connect_s:g} s"
        except TimeoutError:
            return f"no whole answer within {self._limits.whole_s:g} s"
        except aiohttp.ClientConnectorError as error:
            return _because(error.os_error)
        except aiohttp.ClientResponseError:
            return "it does not answer in HTTP"
        except (aiohttp.ClientError, OSError) as error:  # whose text may quote what came
            return f"the connection broke ({type(error).__name__})"

    async def _read(self, response: aiohttp.ClientResponse) -> Reading | str:
        page, left_bytes = Page(), self._limits.body_bytes
        async for chunk in response.content.iter_any():
            left_bytes -= len(chunk)
            if left_bytes < 0:
                response.close()
                return f"more than {self._limits.body_bytes} bytes came"
            page.take(chunk)
        return page.reading(self._now())


def _url(ip: str, port: int, path: str) -> URL | None:
    """None where `ip` is a name, or anything else that is no address."""
    try:
        address = ip_address(ip)
        return URL.build(scheme="http", host=str(address), port=port, path=path)
    except ValueError:
        return None


def _refusal(response: aiohttp.ClientResponse) -> str:
    """Why the answer is none; empty where it is one."""
    if 300 <= response.status < 400:
        return f"it redirects ({response.status})"
    if response.status != 200:
        return f"it answers {response.status}"
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return "it compresses what was asked for plain"
    return ""


def _because(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "no connection can be made"
