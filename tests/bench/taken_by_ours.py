"""Takes a hub in as the daemon does: followed into a store, and folded into its holdings."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measured import Stopwatch
from tests.bench.served import EVENTS
from watcher.daemon.clock import SystemClock
from watcher.daemon.holdings import Holdings
from watcher.facts import Application, Kind
from watcher.hub.connection import connect
from watcher.hub.decode import Decoder
from watcher.hub.following import Followed, follow
from watcher.hub.requests import resource
from watcher.hub.store import Change, Store
from watcher.policy import Gates


async def main(url: str) -> None:
    watching = Stopwatch()
    holdings, all_seen = Holdings(), asyncio.Event()
    seen = 0

    def told(changes: Sequence[Change[Application]]) -> None:
        nonlocal seen
        holdings.take_applications(changes)
        if len(changes) > 1:
            watching.mark()
            return
        seen += 1
        if seen == EVENTS:
            watching.mark()
            all_seen.set()

    store: Store[Application] = Store(Kind.APPLICATIONS, ["argocd"], told)
    read = Decoder(Gates()).application
    followed = Followed(resource(Kind.APPLICATIONS), store.feeds["argocd"], read)
    with tempfile.TemporaryDirectory() as folder:
        connection = await connect(str(_kubeconfig(Path(folder), url)), None)
    watching.mark()
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(
            follow(connection, followed, clock=SystemClock(), roll=lambda: 0.5)
        )
        await all_seen.wait()
        following.cancel()
    await connection.close()
    watching.report()


def _kubeconfig(folder: Path, url: str) -> Path:
    path = folder / "kubeconfig"
    named = {"name": "bench"}
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "bench",
                "contexts": [{**named, "context": {"cluster": "bench", "user": "bench"}}],
                "clusters": [{**named, "cluster": {"server": url}}],
                "users": [{**named, "user": {}}],
            }
        )
    )
    return path


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
