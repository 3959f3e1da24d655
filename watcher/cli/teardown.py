"""Orders gates closed, and stops that again.

By a person, with that person's own credentials and right to patch Secrets: what is written is one
annotation, and the watcher obeys it. Everything that will be deleted is shown before, and what is
not as it was shown when it comes to writing is not ordered.

Elsewhere: what is shown, and what speaks against it (tearing.py); who closes (decide/teardown.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import rich_click as click
from msgspec import Struct

from watcher.cli import teardown_screen
from watcher.cli.ending import FAILED, OK, UNUSABLE, Slip, complain, end, safe
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.no_such import no_such
from watcher.cli.output import output_flag, show
from watcher.cli.policy_flag import policy_flag
from watcher.cli.taking_back import TRIES, back, looked, take_back
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
from watcher.daemon.looking import CannotLook, policy_for
from watcher.daemon.tearing import Ground
from watcher.decide.teardown_order import EVERY
from watcher.guards import REMOVALS
from watcher.hub import Conflict, Connection, Outcome, Patched, Unknown
from watcher.hub.ordering import who
from watcher.policy import Policy


class Asked(Struct, frozen=True):
    """What was asked for."""

    spoke: str
    tiers: tuple[str, ...]
    addon: str | None
    leaves: tuple[Leave, ...]
    yes: bool
    dry_run: bool
    output: str | None


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
@policy_flag()
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
    before are gone. What is closed stays closed until the order is taken back, with --stop or by
    `gate-watcher release SPOKE`, which can be done at any time.

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
    except CannotLook as error:
        end(UNUSABLE, *error.problems)
    sys.exit(OK if done else FAILED)


async def _order(asked: Asked, hub: HubFlags, config: Path | None) -> bool:
    async with hub.connected() as connection:
        policy = await _policy(connection, hub, config)
        ground = await looked(connection, policy)
        made = _planned(ground, asked)
        _show(asked, made)
        if made.refused:
            raise Slip(*made.refused)
        if asked.dry_run:
            return True
        if made.is_over:
            _say(asked, _nothing_to_do(made, ground))
            return True
        if not asked.yes:
            if not _confirmed(made.spoke):
                return False
            ground = await looked(connection, policy)
        return await _written(connection, asked, made, ground)


async def _policy(connection: Connection, hub: HubFlags, config: Path | None) -> Policy:
    policy, _ = await policy_for(
        connection, file=config, namespace=hub.named, rights=tearing.rights
    )
    return policy


async def _written(connection: Connection, asked: Asked, made: Teardown, ground: Ground) -> bool:
    """Whether it was ordered: only as it was shown."""
    policy, outcome = ground.policy, Conflict()
    by = await who(connection)
    result: Outcome = outcome
    for _ in range(TRIES):
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
        ground = await looked(connection, policy)
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
        names = dict.fromkeys(made.named)
        await tearing.name(connection, ground, ground.removals, names)
    return outcome


async def _stop(asked: Asked, hub: HubFlags, config: Path | None) -> bool:
    wanted = partial(_to_stop, asked)
    async with hub.connected() as connection:
        policy = await _policy(connection, hub, config)
        if asked.dry_run:
            _say(asked, (await back(connection, policy, wanted)).said())
            return True
        outcome, taken = await take_back(connection, policy, wanted)
    if not isinstance(outcome, Patched):
        complain(f"not stopped: {unwritten(outcome)}")
        return False
    _say(asked, taken.said())
    return True


def _planned(ground: Ground, asked: Asked) -> Teardown:
    uid = _uid(ground, asked.spoke)
    if asked.addon is not None:
        return addon_removal(ground, uid, _addon(ground, uid, asked.addon), asked.leaves)
    _check_tiers(ground, asked.tiers)
    return teardown_of(ground, uid, every_or(asked.tiers), asked.leaves)


def _to_stop(asked: Asked, ground: Ground) -> tuple[str, Stop]:
    uid = _uid(ground, asked.spoke)
    if asked.addon is not None:
        return uid, addon_stop(ground, uid, _addon(ground, uid, asked.addon))
    _check_tiers(ground, asked.tiers)
    return uid, stop(ground, uid, asked.tiers)


def _uid(ground: Ground, name: str) -> str:
    uids = ground.names
    if name not in uids:
        raise Slip(no_such("spoke", name, uids))
    return uids[name]


def _check_tiers(ground: Ground, tiers: Iterable[str]) -> None:
    there = [*ground.policy.by_name, EVERY]
    if problems := [no_such("tier", each, there) for each in tiers if each not in there]:
        raise Slip(*problems)


def _addon(ground: Ground, uid: str, name: str) -> str:
    """The ApplicationSet that is meant, as `namespace/name`."""
    there = addons_on(ground, uid)
    shown = ground.spoke(uid).name
    if name not in there:
        raise Slip(no_such(f"addon on {shown}", name, there))
    if len(there[name]) > 1:
        raise Slip(f"there are several of them on {shown}: {', '.join(there[name])}; name one")
    return there[name][0]


def _confirmed(spoke: str) -> bool:
    """Whether a person typed the name of the spoke."""
    if not sys.stdin.isatty():
        raise Slip("nobody can be asked here: say --yes to order this")
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
