"""What became of a patch?

Sends one, and says what is known of it afterwards, as a value. An answer that was lost is not a
failure: the patch may have been carried out, and the watch, or one more look, tells.

Facts (Kubernetes, captured): a stale resourceVersion is 409 Conflict; another uid is 422 with the
cause `metadata.uid`; an absent Secret is 404 NotFound, and is not created; 429 was not carried out;
408 and 5xx may have been.

Elsewhere: whether and what to patch (decide/); how often (pace.py); the permit (electing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from watcher.decide.parking import Refresh
from watcher.decide.patch import PatchGates
from watcher.facts import ApplicationSet
from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import Cause, HubError, PatchFailed, ReadFailed
from watcher.hub.wire import Metadata, read_metadata


class Patched(Struct, frozen=True):
    """It was carried out; the Secret is now at this version."""

    resource_version: str


class Conflict(Struct, frozen=True):
    """The Secret had changed: not carried out."""


class Gone(Struct, frozen=True):
    """There is no such Secret any more."""


class Replaced(Struct, frozen=True):
    """Another Secret has its name: another spoke."""


class Refused(Struct, frozen=True):
    """The hub will not have it, by its rights or its policies."""

    status: int
    message: str
    """What the hub said, on one line; never a body."""
    retry_after_s: float = 0.0


class Throttled(Struct, frozen=True):
    """The hub is busy: not carried out."""

    retry_after_s: float


class Unsent(Struct, frozen=True):
    """It never left: the permit had ended, or the hub could not be reached."""

    why: str


class Unknown(Struct, frozen=True):
    """It may or may not have been carried out."""

    why: str


Outcome: TypeAlias = Patched | Conflict | Gone | Replaced | Refused | Throttled | Unsent | Unknown


async def patch_gates(
    connection: Connection, patch: PatchGates, *, permitted: Callable[[], bool]
) -> Outcome:
    """Sends the patch, if `permitted` still says so immediately before."""
    return await _sent(connection, requests.patch_gates(patch), permitted)


async def patch_by_hand(connection: Connection, patch: PatchGates) -> Outcome:
    """Sends a patch that a person ordered; whose it was, the Secret's managedFields tell."""
    request = requests.patch_gates(patch, manager=requests.PERSON)
    return await _sent(connection, request, lambda: True)


async def change_set(
    connection: Connection, each: ApplicationSet, operations: Sequence[Mapping[str, Any]]
) -> Outcome:
    """Sends a change of an ApplicationSet that a person ordered, as operations of a JSON patch."""
    return await _sent(connection, requests.change_set(each, operations), lambda: True)


async def ask_refresh(
    connection: Connection, asked: Refresh, *, permitted: Callable[[], bool]
) -> Outcome:
    """Asks Argo CD to look at an Application, if `permitted` still says so immediately before."""
    return await _sent(connection, requests.refresh(asked), permitted)


async def patch_removals(
    connection: Connection,
    namespace: str,
    name: str,
    data: Mapping[str, str | None],
    *,
    uid: str,
) -> Outcome:
    """Puts keys into the ConfigMap of removals and takes those out that are None."""
    request = requests.patch_removals(namespace, name, data, uid=uid)
    return await _sent(connection, request, lambda: True)


async def secret_now(connection: Connection, namespace: str, secret: str) -> Metadata | None:
    """A consistent look at one Secret, None where it is gone; raises `ReadFailed`."""
    request = requests.read_secret(namespace, secret)
    try:
        body = await connection.send(request, within_s=connection.timeouts.request_s)
    except ReadFailed as error:
        if not_found(error):
            return None
        raise
    return read_answer(request, body, read_metadata)


async def _sent(
    connection: Connection, request: requests.Request, permitted: Callable[[], bool]
) -> Outcome:
    try:
        body = await connection.send(
            request, within_s=connection.timeouts.patch_s, allowed=permitted
        )
        return Patched(read_answer(request, body, read_metadata).resource_version)
    except PatchFailed as error:
        return _outcome(error)


def _outcome(error: HubError) -> Outcome:
    if error.cause in (Cause.WITHHELD, Cause.UNREACHABLE):
        return Unsent(str(error))
    if error.status is None or error.code == 408 or error.code >= 500:
        return Unknown(str(error))
    if error.code == 429:
        return Throttled(error.retry_after_s)
    if error.code == 409:
        return Conflict()
    if not_found(error):
        return Gone()
    if error.code == 422 and "metadata.uid" in error.status.fields:
        return Replaced()
    return Refused(error.code, str(error.status), error.retry_after_s)


def not_found(error: HubError) -> bool:
    """Whether the hub says that there is no such object; a proxy's 404 is no Status, and proves
    nothing.
    """
    return error.status is not None and error.code == 404 and error.status.reason == "NotFound"
