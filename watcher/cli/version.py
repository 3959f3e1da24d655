"""Says which versions are at work: of this command, of the watcher, of the hub's Kubernetes.

Elsewhere: whether they go together (check/versions.py).
"""

from __future__ import annotations

import sys
from importlib.metadata import version as installed

import rich_click as click
from msgspec import Struct

from watcher.cli.asking_watcher import WatcherFlags, watcher_flags
from watcher.cli.ending import FAILED, OK, complain
from watcher.cli.hub_flags import HubFlags, run
from watcher.cli.output import output_flag, show
from watcher.hub import HubError
from watcher.hub.examining import kubernetes_version
from watcher.serve import shapes


class Versions(Struct, frozen=True):
    """Each as it calls itself; None where it was not asked, or did not say."""

    client: str
    watcher: str | None = None
    kubernetes: str | None = None


@click.command()
@click.option("--client", is_flag=True, help="This command's alone; nobody is asked.")
@watcher_flags
@output_flag("The same as JSON or YAML.")
def version(*, client: bool, watcher: WatcherFlags, output: str | None) -> None:
    """Say which versions are at work: of this command, of the watcher, of the hub's Kubernetes.

    Ends with 1 where somebody who was asked does not answer; the others are said all the same.
    """
    own = installed("gate-watcher")
    made, problems = (Versions(own), []) if client else run(_asked(own, watcher))
    if output is not None:
        show(made, output)
    else:
        for name in Versions.__struct_fields__:
            if (said := getattr(made, name)) is not None:
                click.echo(f"{name:<10}  {said}")
    complain(*problems)
    sys.exit(FAILED if problems else OK)


async def _asked(own: str, flags: WatcherFlags) -> tuple[Versions, list[str]]:
    """What is said, and who does not answer."""
    problems: list[str] = []
    of_watcher = None
    async with flags.asked() as watcher:
        try:
            of_watcher = (await watcher.get("/version", shapes.Version)).version
        except HubError as error:
            problems.append(str(error))
    of_hub = None if flags.server is not None else await _kubernetes(flags.hub, problems)
    return Versions(own, of_watcher, of_hub), problems


async def _kubernetes(hub: HubFlags, problems: list[str]) -> str | None:
    try:
        async with hub.connected() as connection:
            said = await kubernetes_version(connection)
    except HubError as error:
        problems.append(str(error))
        return None
    if isinstance(said, str):
        return said
    problems.append(f"cannot {said.sought}: {said.said}")
    return None
