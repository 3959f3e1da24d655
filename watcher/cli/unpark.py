"""Takes spokes back that the watcher parked.

By hand, with the caller's own credentials and right to patch Secrets. Only what bears the watcher's
mark is unparked: a `skip-reconcile` that a person set stays.

Elsewhere: what parks a spoke and takes it back by itself (decide/recovery.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

import rich_click as click

from watcher.cli.agreeing import agreed, yes_flag
from watcher.cli.ending import FAILED, OK, UNUSABLE, end, safe
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.no_such import no_such
from watcher.cli.unwritten import unwritten
from watcher.decide import PatchGates
from watcher.decide.parking import is_parked, parked_at
from watcher.decide.patch import unpark as unparking
from watcher.decide.roster import roster
from watcher.facts import Spoke, many, rfc3339
from watcher.hub import (
    Conflict,
    Connection,
    Gone,
    Outcome,
    Patched,
    Replaced,
    patch_gates,
)
from watcher.hub.looking import spokes_now
from watcher.policy import Gates

_TRIES = 5
"""A Secret that somebody else writes in the same moment is looked at again so often."""


@click.command()
@click.argument("names", nargs=-1, metavar="[SPOKE]...")
@click.option("--all", "every", is_flag=True, help="Every spoke that the watcher parked.")
@yes_flag
@hub_flags("Where Argo CD runs; argocd without one.")
@click.option(
    "--prefix",
    metavar="PREFIX",
    default=Gates().prefix,
    show_default=True,
    help="Of the watcher's labels and annotations, as the policy has it.",
)
def unpark(
    *,
    names: tuple[str, ...],
    every: bool,
    yes: bool,
    hub: HubFlags,
    prefix: str,
) -> None:
    """Take spokes back that the watcher parked; without any, say which are parked.

    Shows which are, and asks. Reads the hub with your own credentials: you need list and patch on
    Secrets in Argo CD's namespace. What a person told Argo CD to ignore stays so. Argo CD looks at
    a spoke that comes back with its next periodic resync, minutes later at most. Where recovery is
    switched on, the next kill may park it again: make room first. Ends with 1 where a spoke could
    not be taken back, with 2 where one is not known.
    """
    if names and every:
        end(UNUSABLE, "name spokes, or --all of them")
    done = run(_unpark(names, every, yes, hub, Gates(prefix=prefix)))
    sys.exit(OK if done else FAILED)


async def _unpark(
    names: Sequence[str], every: bool, yes: bool, hub: HubFlags, gates: Gates
) -> bool:
    async with hub.connected() as connection:
        spokes = await spokes_now(connection, hub.namespace, gates)
        shown = roster(spokes).names
        if not names and not every:
            _list(spokes, shown)
            return True
        meant = _meant(spokes, shown, names) if names else _marked(spokes)
        if not _wanted(meant, shown, yes=yes):
            return False
        done = [await _take_back(connection, each, shown[each.uid], gates) for each in meant]
        return all(done)


def _marked(spokes: Iterable[Spoke]) -> list[Spoke]:
    return [each for each in spokes if each.parked is not None]


def _list(spokes: Sequence[Spoke], shown: Mapping[str, str]) -> None:
    marked = sorted(_marked(spokes), key=lambda each: shown[each.uid])
    for each in marked:
        click.echo(f"{safe(shown[each.uid])}: {_how(each)}")
    if not marked:
        click.echo("no spoke is parked")
    for each in spokes:
        if each.skip_reconcile and each.parked is None:
            click.echo(f"{safe(shown[each.uid])}: not parked, but ignored as a person wished")


def _how(spoke: Spoke) -> str:
    at = parked_at(spoke)
    since = "parked" if at is None else f"parked since {rfc3339(at)}"
    return since if is_parked(spoke) else f"was {since}, and taken back by a person"


def _meant(spokes: Iterable[Spoke], shown: Mapping[str, str], names: Sequence[str]) -> list[Spoke]:
    """The spokes of these names; ends the process where there is no such one."""
    by_name = {shown[each.uid]: each for each in spokes}
    unknown = [name for name in dict.fromkeys(names) if name not in by_name]
    if unknown:
        end(UNUSABLE, *(no_such("spoke", name, by_name) for name in unknown))
    return [by_name[name] for name in dict.fromkeys(names)]


def _wanted(meant: Sequence[Spoke], shown: Mapping[str, str], *, yes: bool) -> bool:
    """Whether to go on; all of them at once may be more than the controller has room for."""
    marked = _marked(meant)
    if not meant:
        click.echo("no spoke is parked")
    if not marked or yes:
        return True
    for each in marked:
        click.echo(f"{safe(shown[each.uid])}: {_how(each)}")
    return agreed(f"Take {many(len(marked), 'spoke')} back?", yes=yes)


async def _take_back(connection: Connection, spoke: Spoke, shown: str, gates: Gates) -> bool:
    """Whether the spoke is as it is wanted in the end; says what was done."""
    name, patch = safe(shown), unparking(spoke, gates)
    if patch is None:
        if spoke.skip_reconcile:
            click.echo(f"{name}: not parked by the watcher; Argo CD ignores it as a person wished")
            return False
        click.echo(f"{name}: is not parked")
        return True
    outcome = await _sent(connection, patch, gates)
    if isinstance(outcome, Patched):
        click.echo(f"{name}: unparked ({_how(spoke)})")
    elif isinstance(outcome, Gone | Replaced):
        click.echo(f"{name}: is gone")
    else:
        click.echo(f"{name}: not unparked: {unwritten(outcome)}", err=True)
        return False
    return True


async def _sent(connection: Connection, patch: PatchGates, gates: Gates) -> Outcome:
    """What became of it; where somebody else was faster, of one that is made anew."""
    outcome: Outcome = Conflict()
    for _ in range(_TRIES):
        outcome = await patch_gates(connection, patch, permitted=lambda: True)
        if not isinstance(outcome, Conflict):
            break
        now = await spokes_now(connection, patch.namespace, gates)
        here = next((each for each in now if each.uid == patch.spoke), None)
        again = None if here is None else unparking(here, gates)
        if again is None:
            return Gone() if here is None else Patched(here.resource_version)
        patch = again
    return outcome
