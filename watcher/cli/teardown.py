"""Orders gates closed, and stops that again.

By a person, with that person's own credentials and right to patch Secrets: what is written is one
annotation, and the watcher obeys it. Everything that will be deleted is shown before, and what is
not as it was shown when it comes to writing is not ordered.

Elsewhere: what is shown, and what speaks against it (tearing.py); who closes (decide/teardown.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import rich_click as click
from msgspec import Struct

from watcher.cli import teardown_screen
from watcher.cli.ending import FAILED, OK, UNUSABLE, complain, end, safe
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.no_such import no_such
from watcher.cli.output import output_flag, show
from watcher.cli.tearing import (
    Leave,
    Stop,
    Teardown,
    addon_removal,
    addon_stop,
    addons_on,
    every_or,
    naming,
    stop,
    teardown_of,
)
from watcher.cli.unwritten import unwritten
from watcher.daemon import tearing
from watcher.daemon.clock import SystemClock
from watcher.daemon.looking import CannotLook, policy_for
from watcher.daemon.tearing import Ground, look
from watcher.decide.teardown_order import EVERY
from watcher.guards import REMOVALS
from watcher.hub import Conflict, Connection, Outcome, Patched, Unknown
from watcher.hub.ordering import who
from watcher.policy import Policy

_TRIES = 5
"""A Secret that somebody else writes in the same moment is looked at again so often."""


class Asked(Struct, frozen=True):
    """What was asked for."""

    spoke: str
    tiers: tuple[str, ...]
    addon: str | None
    leaves: tuple[Leave, ...]
    yes: bool
    dry_run: bool
    output: str | None


class Unusable(Exception):  # noqa: N818  (named after what it is)
    """What was asked for cannot be done as it was asked: each problem a line, with what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems: tuple[str, ...] = problems


@click.command()
@click.argument("spoke", metavar="SPOKE")
@click.option(
    "--tier",
    "tiers",
    multiple=True,
    metavar="TIER",
    help="Close the gate of this tier; repeatable. Without one, of every tier.",
)
@click.option(
    "--addon",
    metavar="NAME",
    help="Close no gate: let guard C have the Applications of this ApplicationSet deleted.",
)
@click.option(
    "--stop",
    "stops",
    is_flag=True,
    help="Take the order back: what has not closed stays open.",
)
@click.option(
    "--leave-behind",
    "leaves",
    multiple=True,
    type=click.Choice([each.value for each in Leave]),
    help="Order it although these stay behind; repeatable.",
)
@click.option("--yes", is_flag=True, help="Do not ask for the name of the spoke.")
@click.option("--dry-run", is_flag=True, help="Show it, and order nothing.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy file; else the one on the hub, in the ConfigMap gate-watcher-policy.",
)
@output_flag("What is ordered, with every Application; takes --yes or --dry-run.")
@hub_flags("Where Argo CD runs, whatever the policy says; argocd without one.")
def teardown(
    *,
    spoke: str,
    tiers: tuple[str, ...],
    addon: str | None,
    stops: bool,
    leaves: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    config: Path | None,
    output: str | None,
    hub: HubFlags,
) -> None:
    """Close gates of a spoke for good, the deepest tier first; Argo CD deletes what is behind them.

    Shows every Application that this concerns, in the order in which it goes, and what becomes of
    what it installed; then asks for the name of the spoke. Ordered is it by an annotation on the
    spoke's Secret, which the watcher obeys: it closes each gate when the Applications of the one
    before are gone. What is closed stays closed until the order is taken back with --stop, which
    can be done at any time.

    Refused is what would close a tier beneath others, what would delete more than was named, and
    what would leave something behind, unless --leave-behind says so. Where guard C keeps the
    Applications, they are named for it, too; with --addon they only are, for the removal of one
    addon by the label that enables it.

    Reads the hub with your own credentials: you need to list Applications and ApplicationSets where
    they are, to list and patch Secrets in Argo CD's namespace, and to get and patch the ConfigMap
    gate-watcher-removals there. Credentials are skipped as they are read. Ends with 1 where it was
    not ordered, with 2 where it cannot be ordered so.
    """
    if tiers and addon is not None:
        raise click.UsageError("give either --tier or --addon")
    if output is not None and not (yes or dry_run or stops):
        raise click.UsageError("-o asks nobody; give --yes or --dry-run, too")
    asked = Asked(spoke, tiers, addon, tuple(map(Leave, leaves)), yes, dry_run, output)
    try:
        done = run(_stop(asked, hub, config) if stops else _order(asked, hub, config))
    except (Unusable, CannotLook) as error:
        end(UNUSABLE, *error.problems)
    sys.exit(OK if done else FAILED)


async def _order(asked: Asked, hub: HubFlags, config: Path | None) -> bool:
    async with hub.connected() as connection:
        policy, _ = await policy_for(connection, file=config, namespace=hub.named)
        ground = await _looked(connection, policy)
        made = _planned(ground, asked)
        _show(asked, made)
        if made.refused:
            raise Unusable(*made.refused)
        if asked.dry_run:
            return True
        if made.is_over:
            _say(asked, _nothing_to_do(made, ground))
            return True
        if not asked.yes:
            if not _confirmed(made.spoke):
                return False
            ground = await _looked(connection, policy)
        return await _written(connection, asked, made, ground)


async def _written(connection: Connection, asked: Asked, made: Teardown, ground: Ground) -> bool:
    """Whether it was ordered: only as it was shown."""
    policy, outcome = ground.policy, Conflict()
    by = await who(connection)
    result: Outcome = outcome
    for _ in range(_TRIES):
        if _planned(ground, asked) != made:
            complain("the hub has changed since this was shown, so nothing was ordered; look again")
            return False
        result = await _sent(connection, asked, made, ground, by)
        if isinstance(result, Patched):
            place = f"{policy.namespace}/{REMOVALS}"
            _say(asked, teardown_screen.ordered(made, policy.gates, place))
            return True
        if not isinstance(result, Conflict):
            break
        ground = await _looked(connection, policy)
    complain(f"not ordered: {unwritten(result)}")
    return False


async def _sent(
    connection: Connection, asked: Asked, made: Teardown, ground: Ground, by: str
) -> Outcome:
    """Names first what guard C keeps: else it would refuse what follows of the closed gate."""
    uid = _uid(ground, asked.spoke)
    outcome: Outcome = Patched("")
    put = naming(ground, uid, made, by=by)
    if put and ground.removals is not None:
        outcome = await tearing.name(connection, ground, ground.removals, put)
    if made.annotation == made.before or not isinstance(outcome, Patched):
        return outcome
    outcome = await tearing.annotate(connection, ground.spoke(uid), made.annotation)
    if put and ground.removals is not None and not isinstance(outcome, Patched | Unknown):
        back = dict.fromkeys(made.named)
        await tearing.name(connection, ground, ground.removals, back)
    return outcome


async def _stop(asked: Asked, hub: HubFlags, config: Path | None) -> bool:
    async with hub.connected() as connection:
        policy, _ = await policy_for(connection, file=config, namespace=hub.named)
        result: Outcome = Conflict()
        for _ in range(_TRIES):
            ground = await _looked(connection, policy)
            uid, made = _to_stop(ground, asked)
            if made.refused:
                raise Unusable(*made.refused)
            result = (
                Patched("") if asked.dry_run else await _taken_back(connection, ground, uid, made)
            )
            if isinstance(result, Patched):
                shown = ground.spoke(uid).name
                place = f"{policy.namespace}/{REMOVALS}"
                _say(asked, teardown_screen.stopped(made, shown, place))
                return True
            if not isinstance(result, Conflict):
                break
        complain(f"not stopped: {unwritten(result)}")
        return False


async def _taken_back(connection: Connection, ground: Ground, uid: str, made: Stop) -> Outcome:
    """First the annotation: what it names no longer closes no more."""
    outcome: Outcome = Patched("")
    if made.annotation != made.before:
        outcome = await tearing.annotate(connection, ground.spoke(uid), made.annotation)
    if made.unnamed and ground.removals is not None and isinstance(outcome, Patched):
        back = dict.fromkeys(made.unnamed)
        outcome = await tearing.name(connection, ground, ground.removals, back)
    return outcome


async def _looked(connection: Connection, policy: Policy) -> Ground:
    return await look(connection, policy, SystemClock().now)


def _planned(ground: Ground, asked: Asked) -> Teardown:
    uid = _uid(ground, asked.spoke)
    if asked.addon is not None:
        return addon_removal(ground, uid, _addon(ground, uid, asked.addon), asked.leaves)
    _check_tiers(ground, asked.tiers)
    return teardown_of(ground, uid, every_or(asked.tiers), asked.leaves)


def _to_stop(ground: Ground, asked: Asked) -> tuple[str, Stop]:
    uid = _uid(ground, asked.spoke)
    if asked.addon is not None:
        return uid, addon_stop(ground, uid, _addon(ground, uid, asked.addon))
    _check_tiers(ground, asked.tiers)
    return uid, stop(ground, uid, asked.tiers)


def _uid(ground: Ground, name: str) -> str:
    uids = ground.names
    if name not in uids:
        raise Unusable(no_such("spoke", name, uids))
    return uids[name]


def _check_tiers(ground: Ground, tiers: Iterable[str]) -> None:
    there = [*ground.policy.by_name, EVERY]
    if problems := [no_such("tier", each, there) for each in tiers if each not in there]:
        raise Unusable(*problems)


def _addon(ground: Ground, uid: str, name: str) -> str:
    """The ApplicationSet that is meant, as `namespace/name`."""
    there = addons_on(ground, uid)
    shown = ground.spoke(uid).name
    if name not in there:
        raise Unusable(no_such(f"addon on {shown}", name, there))
    if len(there[name]) > 1:
        raise Unusable(f"there are several of them on {shown}: {', '.join(there[name])}; name one")
    return there[name][0]


def _confirmed(spoke: str) -> bool:
    """Whether a person typed the name of the spoke."""
    if not sys.stdin.isatty():
        raise Unusable("nobody can be asked here: say --yes to order this")
    typed = click.prompt("Type the name of the spoke to order this", default="", show_default=False)
    if typed.strip() != spoke:
        complain("that is not its name, so nothing was ordered")
        return False
    return True


def _show(asked: Asked, made: Teardown) -> None:
    if asked.output is not None:
        show(made, asked.output)
    else:
        _say(asked, teardown_screen.shown(made))


def _say(asked: Asked, lines: Iterable[str]) -> None:
    """For people; what goes to another program is one value."""
    for line in lines:
        click.echo(safe(line), err=asked.output is not None)


def _nothing_to_do(made: Teardown, ground: Ground) -> Iterable[str]:
    if made.addon is None:
        return ("all of that is ordered already",)
    if ground.removals is None:
        return ("guard C is not in force, so nothing needs to be named: take the addon away",)
    return ("guard C keeps none of these, so nothing needs to be named: take the addon away",)
