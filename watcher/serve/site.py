"""What is answered on the one port, and to whom?

`/livez`: should this process be started anew? `/readyz`: does it know the hub, as of now? Both say
in words what is wrong, and `/readyz` beside it how the guards stand and, in lines that begin with
an exclamation mark, what else is not known; that fails nothing.
`/metrics`: text for Prometheus, made in a thread, since a fleet's worth of it would hold up
everything else. `/api/v1`: the same in JSON (api.py). All else: the status page (browser.py). What
shows the fleet is answered by the leader, whichever replica is asked (passing.py).

Read-only by construction: there is no handler for anything but GET and HEAD. Nobody is asked who
they are, so the default is to listen on the loopback interface alone.

Facts (Kubernetes, prober/http): any status from 200 to 399 is a success.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from watcher.facts import Guards
from watcher.serve import browser
from watcher.serve.api import Api
from watcher.serve.feed import Feed
from watcher.serve.gauges import Everything
from watcher.serve.meters import Meters
from watcher.serve.passing import Passing
from watcher.serve.report import Report

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "gate-watcher",
    "X-Content-Type-Options": "nosniff",
}

_LONGEST_LINE = 64 << 10
"""Bytes of a request's first line: a spoke's name may have thousands of letters, and each of them
may take nine when it is asked for."""

_LAST_ANSWERS_S = 0.5
"""How long an answer that is being sent may take at the end of the process."""


def site(report: Callable[[], Report], meters: Meters, feed: Feed) -> web.Application:
    """The application that shows what `report` says at the moment of a request, and what `feed`
    tells from then on.
    """

    async def livez(_: web.Request) -> web.Response:
        return _health("alive", report().not_alive)

    async def readyz(_: web.Request) -> web.Response:
        said = report()
        unknown = (f"! not known: {each}" for each in said.unknown)
        return _health("ready", said.not_ready, (*_said_of_guards(said.guards), *unknown))

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        body = await asyncio.to_thread(encode, Everything(meters.registry, report()))
        return web.Response(body=body, headers={"Content-Type": content_type})

    made = web.Application()
    Passing(report).add_to(made)
    made.router.add_get("/livez", livez)
    made.router.add_get("/readyz", readyz)
    made.router.add_get("/metrics", metrics)
    Api(report, feed).add_to(made)
    browser.add_to(made)
    made.on_response_prepare.append(_harden)
    return made


async def serve(made: web.Application, *, host: str, port: int) -> Site:
    """Answer on this address from now on; raises OSError where it cannot be had."""
    runner = web.AppRunner(
        made,
        access_log=None,
        shutdown_timeout=_LAST_ANSWERS_S,
        max_line_size=_LONGEST_LINE,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except BaseException:
        await runner.cleanup()
        raise
    return Site(runner)


class Site:
    """An application that is being served."""

    def __init__(self, runner: web.AppRunner) -> None:
        self._runner = runner

    @property
    def url(self) -> str:
        """Where it is served."""
        host, port, *_ = self._runner.addresses[0]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def close(self) -> Awaitable[None]:
        """Stop answering."""
        return self._runner.cleanup()


def _health(word: str, against: Iterable[str], also: Iterable[str] = ()) -> web.Response:
    """`also`: what is said beside, as whole lines, and is no problem."""
    problems = tuple(against)
    lines = "".join(f"{each}\n" for each in (*(f"- {each}" for each in problems), *also))
    if not problems:
        return web.Response(text=f"{word}\n{lines}")
    return web.Response(status=503, text=f"not {word}\n{lines}")


def _said_of_guards(guards: Guards) -> Iterator[str]:
    for guard, standing in sorted(guards.items()):
        why = f": {standing.why}" if standing.why else ""
        yield f"- guard {guard} is {standing.force}{why}"


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
