"""Says why a spoke is as it is, down to its Applications.

Elsewhere: what is told (decide/explaining.py); the tree (explain_screen.py).
"""

from __future__ import annotations

import rich_click as click
from msgspec.structs import replace
from rich.console import Console

from watcher.cli.asking_watcher import NoSuchSpoke
from watcher.cli.ending import Slip
from watcher.cli.explain_screen import explain_screen
from watcher.cli.hub_flags import run
from watcher.cli.no_such import no_such
from watcher.cli.output import output_flag, show
from watcher.cli.whom_to_ask import Asked, Whom, whom_flags
from watcher.serve import shapes


@click.command()
@click.argument("place", metavar="SPOKE[/TIER]")
@whom_flags
@output_flag("What /api/v1/spokes/SPOKE answers, of one tier where one is named.")
def explain(*, place: str, whom: Whom, output: str | None) -> None:
    """Say why a spoke is as it is: its tiers, their addons, their Applications.

    Each with its state, since when it has it, and every reason why it is not where it should be.
    Asks a running watcher as `status` does, or looks at the hub with --from-hub. Ends with 1 where
    no watcher answers, with 2 where there is no such spoke or tier.
    """
    found, tier = run(_found(whom, place))
    if output is not None:
        show(found, output)
    else:
        Console().print(explain_screen(found, tier))


async def _found(whom: Whom, place: str) -> tuple[shapes.Explained, str]:
    """The spoke, with the gates that are meant, and the tier that is named."""
    async with whom.asked() as asked:
        found, tier = await _named(asked, place)
    if not tier:
        return found, ""
    gates = tuple(gate for gate in found.gates if gate.tier == tier)
    if not gates:
        raise Slip(no_such("tier", tier, [gate.tier for gate in found.gates]))
    return replace(found, gates=gates), tier


async def _named(asked: Asked, place: str) -> tuple[shapes.Explained, str]:
    """A spoke's own name may have slashes, so what is behind the last one is a tier only where
    there is no spoke of the whole.
    """
    try:
        return await asked.get(f"/spokes/{place}", shapes.Explained), ""
    except NoSuchSpoke:
        spoke, slash, tier = place.rpartition("/")
        if not (spoke and slash and tier):
            raise
    return await asked.get(f"/spokes/{spoke}", shapes.Explained), tier
