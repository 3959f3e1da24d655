"""Which spokes are there right now, asked once?

For a person who does something by hand. Whoever goes on asking follows instead (following.py).
"""

from __future__ import annotations

from watcher.facts import Kind, Spoke
from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.decode import Decoder
from watcher.hub.requests import resource
from watcher.hub.wire import read_page
from watcher.policy import Gates


async def spokes_now(connection: Connection, namespace: str, gates: Gates) -> tuple[Spoke, ...]:
    """Every cluster Secret of `namespace`, without its credentials; raises `ListFailed`."""
    what, read = resource(Kind.SPOKES), Decoder(gates).spoke
    found: list[Spoke] = []
    token = ""
    while True:
        request = requests.list_page(what, namespace, continue_token=token)
        body = await connection.send(request, within_s=connection.timeouts.page_s)
        page = read_answer(request, body, lambda it: read_page(it, read, kind=what.list_kind))
        found += page.items
        token = page.continue_token
        if not token:
            return tuple(found)
