"""What does the hub hold at this moment?

One consistent list of each kind, for a command that looks once and ends. Any failure is the end of
it, and is said.

Elsewhere: keeping a store as the hub is (following.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import Raw

from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import Cause
from watcher.hub.requests import Resource
from watcher.hub.watching import MOST_PAGES
from watcher.hub.wire import Held, read_page

T = TypeVar("T", bound=Held)


async def everything(
    connection: Connection, resource: Resource, namespace: str, read: Callable[[Raw], T]
) -> tuple[T, ...]:
    """Every object there is, each read by `read`; raises `ListFailed`."""
    found: list[T] = []
    token = ""
    for _ in range(MOST_PAGES):
        request = requests.list_page(resource, namespace, continue_token=token)
        body = await connection.send(request, within_s=connection.timeouts.page_s)
        page = read_answer(request, body, lambda it: read_page(it, read, kind=resource.list_kind))
        found += page.items
        token = page.continue_token
        if not token:
            return tuple(found)
    raise request.failed(Cause.UNREADABLE, f"the list has more than {MOST_PAGES} pages")
