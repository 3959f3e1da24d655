"""Which Applications does guard C let go, and how are others named?

By a person's command, with that person's own rights. Keys are put in and taken out one by one, so
whoever else writes the ConfigMap at the same time loses nothing.

Facts (Kubernetes, validatingadmissionpolicies): the policy's parameter is this ConfigMap; where it
is gone every deletion that the guard sees is refused.

Elsewhere: what its keys and values mean (guards/removals.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from watcher.guards import REMOVALS
from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import HubError
from watcher.hub.patching import Outcome, not_found, patch_removals


class Removals(Struct, frozen=True):
    """The ConfigMap, read."""

    uid: str
    data: Mapping[str, str]


async def removals_now(connection: Connection, namespace: str) -> Removals | None:
    """The ConfigMap as it is; None where there is none. Raises `ReadFailed`, where it may not be
    read, too.
    """
    request = requests.read_config_map(namespace, REMOVALS)
    try:
        body = await connection.send(request, within_s=connection.timeouts.request_s)
    except HubError as error:
        if not_found(error):
            return None
        raise
    said = read_answer(request, body, msgspec.json.Decoder(_ConfigMap).decode)
    return Removals(said.metadata.uid, said.data or {})


async def write_removals(
    connection: Connection, namespace: str, removals: Removals, data: Mapping[str, str | None]
) -> Outcome:
    """Puts keys into the ConfigMap that was read, and takes out those that are None."""
    return await patch_removals(connection, namespace, REMOVALS, data, uid=removals.uid)


class _Metadata(Struct, frozen=True):
    uid: str = ""


class _ConfigMap(Struct, frozen=True):
    metadata: _Metadata
    data: dict[str, str] | None = None
