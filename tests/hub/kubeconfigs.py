"""Kubeconfigs, and connections made with them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from watcher.hub.connection import Connection, connect
from watcher.hub.timeouts import Timeouts

QUICK = Timeouts(
    connect_s=2.0,
    credentials_s=2.0,
    request_s=2.0,
    page_s=2.0,
    patch_s=2.0,
    renew_s=2.0,
    watch_least_s=5.0,
    watch_most_s=5.0,
)
"""Long enough for a busy machine; what must run into a limit gets a shorter one of its own."""


def kubeconfig(folder: Path, server: str, **user: Any) -> str:
    """A kubeconfig with one context; YAML is a superset of JSON."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "hub", "user": "me"}}],
        "clusters": [{"name": "hub", "cluster": {"server": server}}],
        "users": [{"name": "me", "user": user}],
    }
    file = folder / "kubeconfig"
    file.write_text(json.dumps(document))
    return str(file)


@asynccontextmanager
async def connected(
    folder: Path, server: str, timeouts: Timeouts = QUICK, **user: Any
) -> AsyncIterator[Connection]:
    """A connection to `server`, closed at the end."""
    connection = await connect(kubeconfig(folder, server, **user), None, timeouts=timeouts)
    try:
        yield connection
    finally:
        await connection.close()
