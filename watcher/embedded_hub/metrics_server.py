"""How are the controllers' metrics had over HTTP?

Each controller has a loopback address of its own, 127.0.0.1, 127.0.0.2, …, which is its Pod's IP;
the port is one for all. While a controller is down, or where there is none, connections are dropped
at once. What is to go wrong is planned as for the API (faults.py), the address before the path:

    hub.metrics.faults.plan(On(path="127.0.0.2/", times=None), Answer(200, body=b"<html>"))
    hub.metrics.faults.plan(On(nth=3), Lie("go_gc_heap_live_bytes", "NaN"))
    hub.metrics.faults.plan(On(times=None), Endless(b"go_info 1"))

Not ideal: only Linux has the addresses after the first without being told, so elsewhere a second
controller is out of reach.

Elsewhere: the text (exposition.py).
"""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress

from aiohttp import web

from watcher.embedded_hub.clock import Clock
from watcher.embedded_hub.controllers import Controller
from watcher.embedded_hub.exposition import CONTENT_TYPE, exposition
from watcher.embedded_hub.faults import (
    Answer,
    Faults,
    Hold,
    Lie,
    LoseAnswer,
    RequestFault,
    Stale,
)
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.sending import Reply, hang_up, instead, send

PATH = "/metrics"
_ATTEMPTS = 20


class MetricsServer:
    """Serves every controller of `model`."""

    def __init__(self, model: Model, *, wire: Clock, addresses: int = 4) -> None:
        """`addresses`: for how many controllers at most."""
        self.faults = Faults()
        self.port = 0
        self.asked: list[str] = []
        """The address of each request so far."""
        self._model = model
        self._wire = wire
        self._addresses = [f"127.0.0.{number + 1}" for number in range(addresses)]
        self._before: dict[str, str] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen at every address, at a port that is free at all of them."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0
        )
        await self._runner.setup()
        for one in _sockets(self._addresses):
            self.port = one.getsockname()[1]
            await web.SockSite(self._runner, one).start()

    async def stop(self) -> None:
        """Release what is held, and close."""
        self.faults.clear()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        address = _address(request)
        self.asked.append(address)
        fault = self.faults.on_request(None, address + request.path, "")
        if isinstance(fault, Hold):
            await fault.released.wait()
        controller = self._controller(address)
        if controller is None or isinstance(fault, LoseAnswer):
            return _dropped(request)
        if request.path != PATH:
            return web.Response(status=404, text="404 page not found\n")
        reply = self._reply(controller, fault)
        with suppress(ConnectionError):  # the client has had enough
            return await send(request, reply, fault, self._wire)
        return hang_up(request)

    def _controller(self, address: str) -> Controller | None:
        found = (one for one in self._model.controllers.all if one.address == address)
        controller = next(found, None)
        return controller if controller is not None and controller.up else None

    def _reply(self, controller: Controller, fault: RequestFault | None) -> Reply:
        if isinstance(fault, Answer):
            return instead(fault)
        before = self._before.get(controller.address)
        if isinstance(fault, Stale) and before is not None:
            return _said(before)
        text = exposition(self._model, controller)
        self._before[controller.address] = text
        if isinstance(fault, Lie):
            text = fault.told(text)
        return _said(text)


def _said(text: str) -> Reply:
    return Reply(200, [text.encode()], content_type=CONTENT_TYPE)


def _address(request: web.Request) -> str:
    """Where the request came in."""
    transport = request.transport
    return "" if transport is None else str(transport.get_extra_info("sockname")[0])


def _dropped(request: web.Request) -> web.StreamResponse:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()
    return web.Response()


def _sockets(addresses: list[str]) -> list[socket.socket]:
    """Bound to one port at the first address, and at every other that this machine has."""
    for _ in range(_ATTEMPTS):
        found: list[socket.socket] = []
        try:
            for address in addresses:
                port = found[0].getsockname()[1] if found else 0
                found.append(_bound(address, port))
        except OSError as error:
            if found and error.errno == errno.EADDRNOTAVAIL:
                return found
            for one in found:
                one.close()
            continue
        return found
    raise OSError("no port is free at every loopback address")


def _bound(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made
