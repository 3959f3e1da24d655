"""Lets gates go on, and takes orders away.

A hold that names exactly what is released is taken away; where another hold names some of it, too,
or something is to be forgiven or let through, a release is written, which counts as it is newer.

Where a spoke is named, a teardown of it is taken back, too, by whoever has the right to.

Elsewhere: what all orders have in common (ordering.py); how a teardown is taken back
(taking_back.py).
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence

import rich_click as click
from msgspec import Struct

from watcher.cli.agreeing import agreed
from watcher.cli.ending import FAILED, UNUSABLE, Slip, complain, end
from watcher.cli.hub_flags import run
from watcher.cli.letting_through import CLOSED, let_through
from watcher.cli.named import NamedGate, gates_in, say_gates
from watcher.cli.no_such import no_such
from watcher.cli.ordering import Desk, How, at_desk, at_hub, hub_and_asked, order_flags, tell
from watcher.cli.taking_back import back, take_back
from watcher.cli.targets import Meant, same, say_target
from watcher.cli.tearing import Stop, stop
from watcher.cli.undone import what_follows
from watcher.cli.unwritten import unwritten
from watcher.daemon.looking import CannotLook, policy_for, wanting
from watcher.daemon.tearing import Ground, rights
from watcher.decide.given import say_order
from watcher.decide.verdicts import State
from watcher.facts import Command, Forgiven, Instant, Order, Orders, Target, Through, many
from watcher.hub import HubError, Patched
from watcher.hub.ordering import Edit, orders_now, write_orders
from watcher.policy import Policy

_TORN_DOWN = "TornDown"
_MOST_FORGIVEN = 100
"""In one order: as many have room in it, whatever their spokes are called."""


@click.command()
@click.option(
    "--through",
    "through",
    multiple=True,
    type=click.Choice([each.value for each in Through]),
    help="Let them through what would still keep them closed: the turn of their ring, a window, "
    "the rules about what Argo CD would delete; repeatable.",
)
@click.option(
    "--order",
    "keys",
    multiple=True,
    metavar="KEY",
    help="Take away the order of this key, whatever it orders; repeatable.",
)
@order_flags
def release(*, meant: Meant, how: How, through: tuple[str, ...], keys: tuple[str, ...]) -> None:
    """Let the gates that you name go on; without any, say which orders stand.

    A hold on exactly these gates is taken away. Where another names some of them, too, the release
    is newer and decides. The gates of them that are stalled are forgiven: until they stall anew
    they do not count against their ring. What still keeps a gate closed besides, it passes only
    where --through says so, and for as long as the order stands. Another order is taken away by its
    key, with --order.

    Where a spoke is named, and gates of it that are meant are torn down, that is taken back, too,
    as by `gate-watcher teardown SPOKE --stop`, with the rights on Secrets that this takes. Without
    them it is said which are missing, and the teardown stays.

    Shows all that, and asks. Written with your own credentials: you need get and patch on the
    ConfigMap gate-watcher-orders in the watcher's namespace, and, to have looked up what you name,
    get on services/proxy. Ends with 1 where it was not written, there was nothing to release, or
    a teardown stays, with 2 where there is no such gate or order.
    """
    if keys and not (meant.nothing and not through):
        raise click.UsageError("--order takes orders away by key; leave the gates out")
    if meant.nothing and through:
        raise click.UsageError("say which gates are let through")
    if Through.RING in through and how.until is not None:
        raise click.UsageError(
            "what is let through its ring's turn does not end; leave --until out, or give two "
            "releases"
        )
    if not run(_take(frozenset(keys), how) if keys else _release(meant, how, through)):
        sys.exit(FAILED)


class Teardown(Struct, frozen=True):
    """A teardown that is taken back with what is released."""

    policy: Policy
    uid: str
    """Of the spoke."""
    tier: str
    """Empty where all of it is taken back."""

    def wanted(self, ground: Ground) -> tuple[str, Stop]:
        """What of it is taken back now."""
        if self.uid not in ground.names.values():
            raise Slip("the spoke is gone")
        return self.uid, stop(ground, self.uid, filter(None, (self.tier,)))


class Moves(Struct, frozen=True):
    """Which holds stand in the way of what is released."""

    exact: tuple[Order, ...]
    """Those that name the same; they are taken away."""
    beside: tuple[Order, ...]
    """Those that may name some of it, too."""


def moves(held: Orders, target: Target, now: Instant) -> Moves:
    """The holds in the way of a release of `target`."""
    holds = [each for each in held.orders if each.command is Command.HOLD and not _over(each, now)]
    return Moves(
        tuple(each for each in holds if same(each.target, target)),
        tuple(
            each
            for each in holds
            if not same(each.target, target) and not _apart(each.target, target)
        ),
    )


def _over(order: Order, now: Instant) -> bool:
    return order.until is not None and order.until <= now


def _apart(one: Target, other: Target) -> bool:
    """Whether no gate can be named by both, whatever is on the hub."""
    pairs = [(one.tier, other.tier), (one.ring, other.ring)]
    if not one.uid or one.uid != other.uid:
        pairs.append((one.spoke, other.spoke))
    return any(mine and yours and mine != yours for mine, yours in pairs)


async def _release(meant: Meant, how: How, through: Collection[str]) -> bool:
    async with at_desk(meant, how) as desk:
        lets = tuple(map(Through, through))
        seen = await _seen(desk, lets)
        stalled, torn = seen.stalled, seen.torn
        found = moves(await orders_now(desk.hub, desk.namespace), desk.target, desk.now)
        what = say_target(desk.target)
        how.say(*_said(found, stalled), *let_through(seen.closed, lets))
        teardown = await _teardown(desk, how, torn)
        if not (found.exact or found.beside or stalled or lets or teardown or how.force):
            end(FAILED, f"no hold names {what}, and none of it is stalled; nothing was ordered")
        if not agreed(f"Release {what}?", yes=how.yes):
            return False
        needed = bool(found.beside or stalled or lets or not (found.exact or teardown))
        made = tuple(_orders(desk, how, lets, stalled)) if needed else ()

        def edit(held: Orders) -> Edit:
            if moves(held, desk.target, desk.now) != found:
                end(FAILED, "the holds on it have changed meanwhile; look again")
            return Edit(made, frozenset(each.key for each in found.exact))

        written = await desk.write(edit)
        freed = None if teardown is None else await _taken_back(desk, teardown)
        tell(how, written, no_longer_torn=freed or ())
    return freed is not None or not (torn and desk.target.spoke)


async def _teardown(desk: Desk, how: How, torn: Sequence[NamedGate]) -> Teardown | None:
    """What is taken back, which is said; None where nothing is, with the reason."""
    if not torn:
        return None
    if not desk.target.spoke:
        how.say("what is torn down stays so; name the spoke to take that back:", *say_gates(torn))
        return None
    hub = how.whom.watcher.hub
    try:
        policy, _ = await policy_for(
            desk.hub, file=how.whom.config, namespace=hub.named, rights=rights
        )
        if lacking := await wanting(desk.hub, rights(policy)):
            raise CannotLook(lacking)
        teardown = Teardown(policy, torn[0].uid, desk.target.tier)
        found = await back(desk.hub, policy, teardown.wanted)
    except CannotLook as cannot:
        complain(*cannot.problems)
        how.say("so what is torn down stays so:", *say_gates(torn))
        return None
    except Slip as slip:
        end(UNUSABLE, *slip.problems, "nothing was ordered")
    how.say(f"the teardown of {found.spoke} is taken back:")
    how.say(*(f"  {line}" for line in found.said()))
    return teardown


async def _taken_back(desk: Desk, teardown: Teardown) -> tuple[str, ...] | None:
    """The tiers that are no longer torn down; None where it failed, which is said."""
    try:
        outcome, found = await take_back(desk.hub, teardown.policy, teardown.wanted)
    except (Slip, CannotLook, HubError) as error:  # what else was ordered is told all the same
        problems = error.args if isinstance(error, Slip | CannotLook) else (error,)
        complain(*problems, "the teardown is not taken back")
        return None
    if isinstance(outcome, Patched):
        return (*found.made.open, *found.made.closed)
    complain(f"the teardown of {found.spoke} is not taken back: {unwritten(outcome)}")
    return None


class _Seen(Struct, frozen=True):
    stalled: Sequence[NamedGate] = ()
    torn: Sequence[NamedGate] = ()
    """Those that are torn down."""
    closed: Sequence[NamedGate] = ()
    """The others that are closed, where something lets them through."""


async def _seen(desk: Desk, lets: Collection[Through]) -> _Seen:
    if desk.asked is None:
        return _Seen()
    wanted = (State.STALLED, State.HELD, *(CLOSED if lets else ()))
    seen = await gates_in(desk.asked, desk.target, wanted)
    torn = [each for each in seen if _TORN_DOWN in (reason.name for reason in each.gate.reasons)]
    return _Seen(
        stalled=[each for each in seen if each.gate.state == State.STALLED],
        torn=torn,
        closed=[each for each in seen if lets and each.gate.state in CLOSED and each not in torn],
    )


def _said(
    found: Moves,
    stalled: Sequence[NamedGate],
) -> Iterator[str]:
    yield from (f"is taken away: {each.key}: {say_order(each)}" for each in found.exact)
    yield from (f"names some of it, too: {each.key}: {say_order(each)}" for each in found.beside)
    if stalled:
        yield f"forgiven, as far as they are stalled now: {many(len(stalled), 'gate')}"
        yield from say_gates(stalled)


def _orders(
    desk: Desk, how: How, through: Collection[Through], stalled: Sequence[NamedGate]
) -> Iterator[Order]:
    """One release; more only where there is not room in it for all that is forgiven."""
    forgives = [Forgiven(each.uid, each.spoke, each.gate.tier) for each in stalled]
    first, *others = (
        tuple(forgives[at : at + _MOST_FORGIVEN])
        for at in range(0, max(1, len(forgives)), _MOST_FORGIVEN)
    )
    made = desk.order(Command.RELEASE, how, through=through, forgives=first)
    yield made
    for each in others:
        yield desk.alike(made, forgives=each)


async def _take(keys: frozenset[str], how: How) -> bool:
    namespace = how.namespace
    async with hub_and_asked(how) as (hub, asked):
        held = await orders_now(hub, namespace)
        there = {each.key: say_order(each) for each in held.orders}
        there |= {each.key: each.problem for each in held.bad}
        if absent := sorted(keys - there.keys()):
            end(UNUSABLE, *(no_such("order", key, there) for key in absent))
        for bad in sorted(keys & {each.key for each in held.bad}):
            how.say(f"is taken away: {bad}: {there[bad]}")
        for order in held.orders:
            if order.key in keys:
                how.say(f"is taken away: {order.key}: {say_order(order)}")
                how.say(*(f"  {line}" for line in await what_follows(asked, order)))
        if not agreed("Take this away?", yes=how.yes):
            return False

        def edit(held: Orders) -> Edit:
            present = {each.key for each in held.orders} | {each.key for each in held.bad}
            return Edit(take=keys & present)

        tell(how, await write_orders(hub, namespace, edit, now=await at_hub(hub)))
    return True
