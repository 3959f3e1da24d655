"""Says what has changed, and goes on saying it.

Elsewhere: what is a change (decide/changes.py); its line (news.py); what a watcher told on the hub
(hub/told.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing

import msgspec
import rich_click as click
from rich.console import Console

from watcher.cli.choosing import Chosen, choosing_flags
from watcher.cli.ending import complain
from watcher.cli.following import following
from watcher.cli.hub_flags import run
from watcher.cli.news import News, line
from watcher.cli.output import output_flag, show
from watcher.cli.whom_to_ask import Asked, Whom, whom_flags
from watcher.serve import shapes


@click.command()
@click.argument("spokes", nargs=-1, metavar="[SPOKE]...")
@choosing_flags()
@click.option("-w", "--watch", is_flag=True, help="Go on saying what changes.")
@whom_flags
@output_flag("As JSON or YAML; with -w a line or a document for each change.")
def events(
    *, spokes: tuple[str, ...], chosen: Chosen, watch: bool, whom: Whom, output: str | None
) -> None:
    """Say what has changed of late, the latest last: of the spokes named, or of all.

    A running watcher keeps the last thousand changes since its start, and is asked as by `status`.
    With --from-hub, what watchers told on the hub itself, as Events on the spokes' Secrets, and
    SPOKE is the name of a Secret: you need to list Events there, and the hub keeps them for an
    hour, unless it was told otherwise. Ends with 2 where a watcher knows of no such spoke.
    """
    if whom.from_hub and not chosen.everything:
        raise click.UsageError("the Events on the hub are told apart by their Secrets alone")
    run(_say(whom, chosen, spokes, watch=watch, output=output))


async def _say(
    whom: Whom, chosen: Chosen, spokes: Sequence[str], *, watch: bool, output: str | None
) -> None:
    console = Console()
    async with whom.asked() as asked:
        events = Events(asked, chosen, spokes)
        changes = await events.fresh()
        if not whom.from_hub:
            await _check(asked, set(spokes) - {each.spoke for each in changes})
        if watch:
            for each in changes:
                _print(each, console, output)
            await events.tell(console, output)
            return
    if output is not None:
        show(shapes.Changes(tuple(changes), None), output)
        return
    for each in changes:
        console.print(line(each), soft_wrap=True)


async def _check(asked: Asked, spokes: Iterable[str]) -> None:
    """Raises `Slip` where one of them is not there; of one that has left there are changes."""
    for each in sorted(spokes):
        await asked.get(f"/spokes/{each}", shapes.Explained)


class Events:
    """The changes of what was chosen, each of them once."""

    def __init__(self, asked: Asked, chosen: Chosen, spokes: Iterable[str]) -> None:
        self._asked = asked
        self._query = (*chosen.query, *(("spoke", each) for each in spokes))
        self._news = News()

    async def fresh(self) -> list[shapes.Change]:
        """Those that came since this was last asked, the oldest first."""
        found = None
        while found is None:
            query = (*self._query, *self._news.query)
            found = self._news.fresh(await self._asked.get("/changes", shapes.Changes, query=query))
        return found

    async def tell(self, console: Console, output: str | None) -> None:
        """Each of them, as it comes, without an end."""
        from watcher.daemon import SystemClock

        answers = following(
            self.fresh, every_s=self._asked.every_s, clock=SystemClock(), unanswered=complain
        )
        async with aclosing(answers):
            async for changes in answers:
                for each in changes:
                    _print(each, console, output)


def _print(change: shapes.Change, console: Console, output: str | None) -> None:
    if output == "json":
        click.echo(msgspec.json.encode(change))
    elif output == "yaml":
        click.echo(b"---\n" + msgspec.yaml.encode(change), nl=False)
    else:
        console.print(line(change), soft_wrap=True)
