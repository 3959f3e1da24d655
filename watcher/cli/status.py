"""Says how the fleet stands, on one screen.

Elsewhere: whom to ask (whom_to_ask.py); the screens (fleet_screen.py, spokes_screen.py); what is
answered (serve/shapes.py).
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import rich_click as click
from rich.console import Console, RenderableType

from watcher.cli.choosing import Chosen, choosing_flags
from watcher.cli.events import Events
from watcher.cli.fleet_screen import fleet_screen
from watcher.cli.following import following
from watcher.cli.hub_flags import run
from watcher.cli.looks import plain
from watcher.cli.output import output_flag, show
from watcher.cli.spokes_screen import MOST, spokes_screen
from watcher.cli.whom_to_ask import Asked, Whom, whom_flags
from watcher.hub import HubError
from watcher.serve import shapes

_PAGE = 1000
"""Spokes that a watcher gives at once."""


@click.command()
@choosing_flags()
@click.option("-w", "--watch", is_flag=True, help="Go on; elsewhere than on a terminal, a line for "
              "each change.")  # fmt: skip
@whom_flags
@output_flag("What /api/v1/fleet answers, or /api/v1/spokes where some are chosen, as it is.")
def status(*, chosen: Chosen, watch: bool, whom: Whom, output: str | None) -> None:
    """Show how the fleet stands: tiers, rings, what waits and why, shards and their memory.

    With --state, --tier, --ring or -l, the spokes of which that holds, with the gate that most
    needs a person. With -w it goes on until Ctrl-C.

    Asks a running watcher through the API server's proxy to its Service, with your own credentials:
    you need `get` on `services/proxy` in its namespace, and no right to read Secrets. Ends with 1
    where no watcher answers, and says since when as far as its lease tells; --from-hub needs none.
    """
    if watch and output is not None:
        raise click.UsageError("-w shows screens; for other programs there is `events -w -o json`")
    console = Console()
    if output is not None:
        show(run(_answer(whom, chosen)), output)
    elif not watch:
        console.print(run(_once(whom, chosen, console)))
    elif console.is_terminal:
        run(_redraw(whom, chosen, console))
    else:
        run(_go_on(whom, chosen, console))


async def _answer(whom: Whom, chosen: Chosen) -> dict[str, Any]:
    """As it is answered; all pages of spokes as one."""
    async with whom.asked() as asked:
        if chosen.everything:
            return await asked.get("/fleet", dict[str, Any])
        return await _every_page(asked, chosen)


async def _every_page(asked: Asked, chosen: Chosen) -> dict[str, Any]:
    found: list[Any] = []
    after = ""
    while True:
        query = (*chosen.query, ("limit", str(_PAGE)), ("after", after))
        page = await asked.get("/spokes", dict[str, Any], query=query)
        found += page["spokes"]
        after = page["next"] or ""
        if not after:
            return {**page, "spokes": found}


async def _once(whom: Whom, chosen: Chosen, console: Console) -> RenderableType:
    async with whom.asked() as asked:
        return await _screen(asked, chosen, console)


async def _screen(asked: Asked, chosen: Chosen, console: Console) -> RenderableType:
    if chosen.everything:
        fleet = await asked.get("/fleet", shapes.Fleet)
        return fleet_screen(fleet, width=console.width, unled=asked.unled)
    query = (*chosen.query, ("limit", str(MOST)))
    return spokes_screen(await asked.get("/spokes", shapes.Spokes, query=query), chosen)


async def _go_on(whom: Whom, chosen: Chosen, console: Console) -> None:
    """The screen once, and then a line for each change."""
    async with whom.asked() as asked:
        events = Events(asked, chosen, ())
        await events.fresh()
        console.print(await _screen(asked, chosen, console))
        await events.tell(console, output=None)


async def _redraw(whom: Whom, chosen: Chosen, console: Console) -> None:
    """The screen again and again, in place of the one before."""
    from rich.console import Group
    from rich.live import Live

    from watcher.daemon import SystemClock

    last: list[RenderableType] = []

    def unanswered(error: HubError) -> None:
        live.update(Group(*last, "", plain(str(error), "bold red")), refresh=True)

    with Live(console=console, screen=True, auto_refresh=False) as live:
        async with whom.asked() as asked:
            screens = following(
                lambda: _screen(asked, chosen, console),
                every_s=asked.every_s,
                clock=SystemClock(),
                unanswered=unanswered,
            )
            async with aclosing(screens):
                async for drawn in screens:
                    last[:] = [drawn]
                    live.update(drawn, refresh=True)
