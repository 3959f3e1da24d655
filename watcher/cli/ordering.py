"""What do all verbs have in common that give an order?

Who orders, when, why, and until when; the gates that are meant, looked up with a running watcher,
so that an order for what there is not is refused; and the writing, with the caller's own rights.
Without a gate they say which orders stand.

Facts: an order is in force by the watcher's clock, and of hold and release the newest decides. So
it is given at the hub's time and not at that of whatever machine somebody types on; and a hold or a
release always after those before it.

Elsewhere: what an order says and does (facts/orders.py, decide/ordered.py); the writing itself
(hub/ordering.py).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import rich_click as click
from msgspec import Struct, structs

from watcher.cli.agreeing import on_terminal, yes_flag
from watcher.cli.ending import UNUSABLE, Slip, complain, end, safe
from watcher.cli.hub_flags import run
from watcher.cli.named import lacking, target_of
from watcher.cli.output import output_flag, show
from watcher.cli.standing import given, given_now, say_standing
from watcher.cli.targets import Meant, target_flags
from watcher.cli.untils import until
from watcher.cli.whom_to_ask import Asked, Whom, whom_flags
from watcher.daemon.clock import SystemClock
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.given import say_order
from watcher.facts import (
    BadOrder,
    Command,
    Forgiven,
    Instant,
    Order,
    Orders,
    Target,
    Through,
    order,
    order_text,
)
from watcher.hub import Connection, HubError
from watcher.hub.examining import hub_time
from watcher.hub.ordering import Edit, Written, new_key, orders_now, who, write_orders
from watcher.serve import shapes

_OF_ONE_KIND = frozenset({Command.HOLD, Command.RELEASE})
"""Of these the newest decides."""


class How(Struct, frozen=True):
    """How an order is to be given."""

    whom: Whom
    why: str | None
    until: str | None
    force: bool
    yes: bool
    output: str | None

    @property
    def namespace(self) -> str:
        """Where the ConfigMap is."""
        return self.whom.watcher.hub.namespace

    @property
    def orders(self) -> bool:
        """Whether an order is to be given, and not only seen which there are."""
        return self.why is not None or self.until is not None or self.force or self.yes

    def reason(self) -> str:
        """Why it is ordered; asked for where somebody can be."""
        if self.why is not None or not on_terminal():
            return self.why or ""
        return str(click.prompt("Why", default="", show_default=False, err=True))

    def say(self, *lines: str) -> None:
        """Something that somebody should read before or after; never in the way of `-o`."""
        for line in lines:
            click.echo(safe(line), err=self.output is not None)


class Desk(Struct, frozen=True):
    """Somebody who orders, with what it takes."""

    hub: Connection
    namespace: str
    asked: Asked | None
    """Who says how the gates stand; None where nobody can, and that is put up with."""
    target: Target
    by: str
    now: Instant
    until: Instant | None
    """When the order ends."""

    def order(
        self,
        command: Command,
        how: How,
        *,
        through: Iterable[Through] = (),
        forgives: tuple[Forgiven, ...] = (),
    ) -> Order:
        """The order, as it is to be written. Ends the process where it could not be read again."""
        made = Order(
            key=new_key(command, self.now, (), random.random),
            command=command,
            target=self.target,
            by=self.by,
            at=self.now,
            why=" ".join(how.reason().split()),
            until=self.until,
            through=frozenset(through),
            forgives=forgives,
        )
        if isinstance(read := order(made.key, order_text(made)), BadOrder):
            end(UNUSABLE, f"this would be no order: {read.problem}")
        return made

    def alike(self, order: Order, *, forgives: tuple[Forgiven, ...]) -> Order:
        """The same once more, of other gates that it forgives."""
        key = new_key(order.command, self.now, {order.key}, random.random)
        return structs.replace(order, key=key, through=frozenset(), forgives=forgives)

    async def write(self, edit: Callable[[Orders], Edit]) -> Written:
        """Have it written; `edit` says what is to become of what stands there."""

        def in_turn(held: Orders) -> Edit:
            wanted = edit(held)
            return Edit(tuple(_after(held, each, self.now) for each in wanted.put), wanted.take)

        return await write_orders(self.hub, self.namespace, in_turn, now=self.now)


def order_flags(verb: Callable[..., None]) -> Callable[..., None]:
    """What every verb takes that gives an order: `meant`, the gates, and `how`."""

    @wraps(verb)
    def called(*, meant: Meant, **typed: Any) -> None:
        how = How(**{name: typed.pop(name) for name in How.__struct_fields__})
        if not meant.nothing or any(typed.values()):
            verb(**typed, meant=meant, how=how)
        elif how.orders:
            raise click.UsageError("name the gates: SPOKE, SPOKE/TIER, --tier, --ring, -l or --all")
        else:
            run(_say_orders(how))

    flags = (
        target_flags,
        click.option("--why", metavar="TEXT", help="Why; shown wherever the order is."),
        click.option(
            "--until",
            metavar="TIME|DURATION",
            help="The order is without effect from then on, as 2026-11-24T18:00:00Z or 48h. "
            "Without it, it stands until somebody takes it away.",
        ),
        click.option(
            "--force",
            is_flag=True,
            help="Give it although nobody can say what it would do: no watcher answers, or there "
            "is no such gate yet.",
        ),
        yes_flag,
        output_flag("What was written, or what stands there."),
        whom_flags,
    )
    for flag in reversed(flags):
        called = flag(called)
    return called


@asynccontextmanager
async def at_desk(meant: Meant, how: How) -> AsyncIterator[Desk]:
    """Whatever an order takes. Ends the process where there is no such gate, or nobody can say."""
    async with hub_and_asked(how) as (hub, asked):
        tiers, by, at = await asyncio.gather(_tiers(asked, how), who(hub), at_hub(hub))
        ends_at = None if how.until is None else until(how.until, at)
        if tiers is None:
            yield Desk(hub, how.namespace, None, _blind(meant), by, at, ends_at)
            return
        target = await _found(asked, meant, tiers, how)
        known = None if target is None else asked
        yield Desk(hub, how.namespace, known, target or meant.target(tiers), by, at, ends_at)


@asynccontextmanager
async def at_desk_for_everything(how: How) -> AsyncIterator[Desk]:
    """The same for every gate there is, which nobody needs to be asked about before."""
    async with hub_and_asked(how) as (hub, asked):
        by, at = await asyncio.gather(who(hub), at_hub(hub))
        ends_at = None if how.until is None else until(how.until, at)
        yield Desk(hub, how.namespace, asked, Target(everything=True), by, at, ends_at)


async def at_hub(hub: Connection) -> Instant:
    """The moment that it is now on the hub."""
    return (await hub_time(hub, SystemClock().now))()


def tell(how: How, written: Written, *, no_longer_torn: Sequence[str] = ()) -> None:
    """What was done, for people or for programs; `no_longer_torn`: tiers of which a teardown was
    taken back.
    """
    if how.output is not None:
        show(_done(written, tuple(no_longer_torn)), how.output)
        return
    for each in written.edit.put:
        how.say(f"{each.key}: {say_order(each)}")
    for key in sorted(written.edit.take):
        how.say(f"{key}: taken away")
    if no_longer_torn:
        how.say(f"no longer torn down: {', '.join(no_longer_torn)}")


class _Done(shapes.Shape, frozen=True):
    given: tuple[shapes.Order, ...]
    taken: tuple[str, ...]
    expired: tuple[str, ...]
    no_longer_torn: tuple[str, ...]


def _done(written: Written, no_longer_torn: tuple[str, ...]) -> _Done:
    return _Done(
        tuple(given_now(each, each.at) for each in written.edit.put),
        tuple(sorted(written.edit.take)),
        tuple(sorted(written.expired)),
        no_longer_torn,
    )


async def _say_orders(how: How) -> None:
    async with hub_and_asked(how) as (hub, asked):
        try:
            orders = await asked.get("/orders", shapes.Orders)
        except HubError as error:
            complain(f"{error}; this is what stands on the hub")
            orders = given(await orders_now(hub, how.namespace), await at_hub(hub))
        if how.output is not None:
            show(orders, how.output)
            return
        how.say(*say_standing(orders), *[each async for each in _idle(asked, orders)])


async def _idle(asked: Asked, orders: shapes.Orders) -> AsyncIterator[str]:
    """Of each order that names no gate, why."""
    for each in orders.orders:
        if each.spokes == 0 and each.target is not None:
            named = structs.asdict(each.target)
            target = Target(**{name: value for name, value in named.items() if value})
            tiers = [tier.name for tier in (await asked.get("/tiers", shapes.Tiers)).tiers]
            why = "; ".join(await lacking(asked, target, tiers))
            yield f"{each.key} names nothing: {why or 'there are no spokes'}"


@asynccontextmanager
async def hub_and_asked(how: How) -> AsyncIterator[tuple[Connection, Asked]]:
    """The hub, and whoever says how the gates stand: over the same connection where it can be, so
    that one logs in once.
    """
    whom, flags = how.whom, how.whom.watcher
    async with flags.hub.connected() as hub:
        if whom.from_hub:
            from watcher.cli.looking_at_hub import LookedAt

            yield hub, LookedAt(hub, whom.config, flags.hub.named)
        elif flags.server is None:
            yield hub, flags.through(hub)
        else:
            async with flags.asked() as watcher:
                yield hub, watcher


async def _tiers(asked: Asked, how: How) -> tuple[str, ...] | None:
    """The tiers that there are; None where nobody says, and that is put up with."""
    try:
        return tuple(each.name for each in (await asked.get("/tiers", shapes.Tiers)).tiers)
    except HubError as error:
        if not how.force:
            raise _with_a_way_out(error) from None
        complain(f"{error}; so nobody looked whether there are such gates")
    return None


def _with_a_way_out(error: HubError) -> HubError:
    way_out = "look at the hub itself with --from-hub, or say --force to order it all the same"
    return type(error)(
        error.cause,
        what=error.what,
        where=error.where,
        remedy="; ".join(filter(None, (error.remedy, way_out))),
        status=error.status,
    )


async def _found(asked: Asked, meant: Meant, tiers: tuple[str, ...], how: How) -> Target | None:
    """The gates that are meant; None where there are none, and that is put up with."""
    try:
        return await target_of(asked, meant, tiers)
    except Slip as slip:
        if not how.force:
            raise Slip(
                *slip.problems,
                "where that is no slip, and is to come yet: --force orders it all the same",
            ) from None
        complain(*slip.problems)
    return None


def _blind(meant: Meant) -> Target:
    """The target where nobody knows which tiers there are."""
    if "/" in meant.place:
        end(
            UNUSABLE,
            f"without a watcher nobody can tell whether {meant.place} is a spoke or a gate of one; "
            "name it with --spoke and --tier",
        )
    return meant.target(())


def _after(held: Orders, new: Order, now: Instant) -> Order:
    """The order, given after every other of its kind that was given up to now."""
    if new.command not in _OF_ONE_KIND:
        return new
    given_at = (
        each.at
        for each in held.orders
        if each.command in _OF_ONE_KIND and each.at <= now + CLOCKS_APART_S
    )
    return structs.replace(new, at=max(new.at, max(given_at, default=0.0) + 1.0))
