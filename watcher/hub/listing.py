"""What does the hub hold at this moment?

One consistent list of each kind, for a command that looks once and ends. Any failure is the end of
it, and is said; a ConfigMap that may not be read is only not known.

Elsewhere: keeping a store as the hub is (following.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import Raw

from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import Cause, HubError
from watcher.hub.requests import Resource
from watcher.hub.watching import MOST_PAGES
from watcher.hub.wire import Held, read_page

T = TypeVar("T", bound=Held)


async def config_map(connection: Connection, namespace: str, name: str) -> bytes | None:
    """A ConfigMap; None where there is none, or this person may not read it. Raises `ReadFailed`
    where the hub does not answer.
    """
    request = requests.read_config_map(namespace, name)
    try:
        return await connection.send(request, within_s=connection.timeouts.request_s)
    except HubError as error:
        if error.code in (403, 404):
            return None
        raise


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
