"""Says how the fleet stands, on one screen.

Elsewhere: asking a running watcher (asking_watcher.py); the screen (fleet_screen.py); what is
answered (serve/shapes.py).
"""

from __future__ import annotations

from typing import Any, TypeVar

import rich_click as click
from rich.console import Console

from watcher.cli.asking_watcher import WatcherFlags, watcher_flags
from watcher.cli.fleet_screen import fleet_screen
from watcher.cli.hub_flags import run
from watcher.cli.output import output_flag, show
from watcher.serve import shapes

T = TypeVar("T")


@click.command()
@watcher_flags
@output_flag("What /api/v1/fleet answers, as it is.")
def status(*, watcher: WatcherFlags, output: str | None) -> None:
    """Show how the fleet stands: tiers, what waits and why, shards and their memory.

    Asks a running watcher through the API server's proxy to its Service, with your own credentials:
    you need `get` on `services/proxy` in its namespace, and no right to read Secrets. Ends with 1
    where no watcher answers, and says since when as far as its lease tells.
    """
    if output is not None:
        show(run(_answered(watcher, Any)), output)
        return
    console, fleet = Console(), run(_answered(watcher, shapes.Fleet))
    console.print(fleet_screen(fleet, width=console.width))


async def _answered(watcher: WatcherFlags, kind: type[T]) -> T:
    async with watcher.asked() as asked:
        return await asked.get("/fleet", kind)
