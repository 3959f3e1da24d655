"""How does a browser hear of what changes?

As Server-Sent Events: `data` is a frame in JSON, `id` its cursor, and `reload` says that what was
missed is not to be had and the grid is to be read anew. Who asks from where is known from
`Last-Event-ID`, which a browser sends by itself when it connects again, else from `?after=`.

What one reader cannot take at once waits in its socket, up to the 64 KiB that aiohttp lets stand
there and a frame; then it is waited for, and after a while dropped. It comes back by itself.

Facts (WHATWG HTML, server-sent events): an answer other than 200 ends the stream for good, so a
refusal is told within it as an event `refused`; a line that begins with a colon means nothing.

Elsewhere: what is told (feed.py).
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from watcher.serve.feed import BEGIN_ANEW, Feed
from watcher.serve.refused import Refused

_SIGN_OF_LIFE_S = 15.0
"""Many a proxy ends what is silent for a minute or less."""

_SLOWEST_S = 20.0
"""A reader that takes nothing for so long is dropped."""


_MOST_READERS = 500
"""Whoever comes then is told to ask again later: they take up to 40 MB as it is."""


class Streaming:
    """Tells whoever asks, until they go or the process ends."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._readers: set[asyncio.Task[object]] = set()

    async def end(self, _: web.Application) -> None:
        """Let go of all of them: a stream that nobody ends would hold up the end of the process."""
        for reader in self._readers:
            reader.cancel()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Every frame from where the reader stands."""
        if len(self._readers) >= _MOST_READERS:
            return web.Response(status=503, text="too many read the stream already\n")
        answer = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        await answer.prepare(request)
        if request.method == "HEAD":
            return answer
        reader = asyncio.current_task()
        assert reader is not None  # noqa: S101  (a request is answered in a task)
        self._readers.add(reader)
        try:
            cursor = request.headers.get("Last-Event-ID") or request.query.get("after", "")
            await self._tell(answer, cursor)
        except ConnectionError:
            pass  # it has gone
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._readers.discard(reader)
        return answer

    async def _tell(self, answer: web.StreamResponse, cursor: str) -> None:
        await _write(answer, b"retry: 2000\n\n")
        while True:
            try:
                async with asyncio.timeout(_SIGN_OF_LIFE_S):
                    told, cursor = await self._feed.after(cursor)
            except TimeoutError:
                told = b": there is nothing new\n\n"
            except Refused as refused:
                await _write(answer, b"event: refused\ndata: %b\n\n" % refused.body())
                return
            await _write(answer, told)
            if told is BEGIN_ANEW:
                return


async def _write(answer: web.StreamResponse, told: bytes) -> None:
    async with asyncio.timeout(_SLOWEST_S):
        await answer.write(told)
