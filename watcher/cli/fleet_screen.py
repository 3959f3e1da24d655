"""What does a fleet look like at a glance?

From what `/api/v1/fleet` answers: the tiers with how many gates have which state, the rings that
are not done, what people ordered, why gates wait, each shard with its memory, how much more fits,
and what would help, and which guards are in force.

Elsewhere: a row for each spoke, for fleets that fit on a screen (screen.py); asking (status.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watcher.cli.looks import LOOKS, look, plain, short
from watcher.cli.memory_bar import amounts, bar
from watcher.cli.standing import weighed
from watcher.decide import State
from watcher.decide.reasons import Binds, DeadlinePassed
from watcher.decide.shards import Remedy
from watcher.facts import go_text, many, spoken
from watcher.serve import shapes

_MOST_GROUPS = 12
"""Reasons on one screen; every one is in `-o json`."""

_MOST_RINGS = 12
_MOST_ORDERS = 8

_BINDS = {
    Binds.RUNNING: "by what it can run",
    Binds.RESTART: "by what it could start again",
}


def fleet_screen(fleet: shapes.Fleet, *, width: int, unled: str) -> RenderableType:
    """The fleet, in so many columns; `unled`: how it came about where it names no leader."""
    parts: list[RenderableType] = [_head(fleet, unled)]
    parts += [plain(f"nothing is admitted: {each.says}", "bold red") for each in fleet.stops]
    parts += [plain(f"not known: {each}", "bold red") for each in fleet.troubles]
    parts += ["", _tiers(fleet)]
    if rings := [each for each in fleet.rings if _moves(each)]:
        parts += ["", _rings(rings)]
    if fleet.orders:
        parts += ["", *_orders(weighed(fleet.orders, fleet.rings))]
    if fleet.waiting:
        parts += ["", _waiting(fleet.waiting)]
    for shard in fleet.shards:
        parts += ["", *_shard(shard, width)]
    if fleet.guards:
        parts += ["", plain(_guards(fleet.guards), "dim")]
    return Group(*parts)


def _head(fleet: shapes.Fleet, unled: str) -> Text:
    counted = f"{many(fleet.spokes, 'spoke')}, {many(sum(fleet.gates.values()), 'gate')}"
    who = f"by {fleet.leader}" if fleet.leader else unled
    return Text.assemble((counted, "bold"), plain(f"  decided {fleet.decided_at}, {who}"))


def _tiers(fleet: shapes.Fleet) -> Table:
    states = [state for state in State if fleet.gates.get(state)]
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("tier", overflow="fold")
    for state in states:
        mark, style = LOOKS[state]
        table.add_column(Text(f"{mark} {state}", style=style), justify="right")
    for tier in fleet.tiers:
        table.add_row(plain(tier.name), *(_count(tier.gates.get(state, 0)) for state in states))
    return table


def _count(number: int) -> Text:
    return Text(str(number)) if number else Text("·", style="dim")


def _moves(each: shapes.RingTier) -> bool:
    """Whether there is anything to be said of a tier in a ring: what is done, is in the tiers."""
    done = each.settled + sum(each.apart.values()) >= each.gates
    return bool(each.reasons or each.stalled) or (each.started and not done)


def _rings(rings: list[shapes.RingTier]) -> Table:
    table = Table(show_edge=False, pad_edge=False, expand=True)
    table.add_column("ring", overflow="fold")
    table.add_column("tier", overflow="fold")
    table.add_column("settled", justify="right", no_wrap=True)
    table.add_column("because", ratio=1)
    for each in rings[:_MOST_RINGS]:
        settled = f"{each.settled}/{each.gates}"
        table.add_row(plain(each.ring), plain(each.tier), settled, plain(_of_ring(each)))
    if (more := len(rings) - _MOST_RINGS) > 0:
        table.add_row("", "", "", Text(f"and {more} more (-o json)", style="dim"))
    return table


def _of_ring(each: shapes.RingTier) -> str:
    said = [reason.says for reason in each.reasons]
    if each.stalled and not any(reason.name == "RingStopped" for reason in each.reasons):
        said.append(f"{len(each.stalled)} stalled")
    said += (f"{number} {why}" for why, number in each.apart.items())
    return "; ".join(said or ["it has begun"])


def _orders(orders: list[shapes.Order]) -> Iterator[Text]:
    for order in orders[:_MOST_ORDERS]:
        if order.problem is not None:
            yield plain(f"! {order.says}", "yellow")
        elif order.in_force and not order.spokes:
            yield plain(f"order that names nothing: {order.says}", "yellow")
        elif order.overruled:
            yield plain(f"order, overruled by a newer release: {order.says}", "dim")
        elif order.in_force:
            yield plain(f"order: {order.says} ({many(order.spokes or 0, 'spoke')})", "blue")
        else:
            yield plain(f"order, not in force: {order.says}", "dim")
    if (more := len(orders) - _MOST_ORDERS) > 0:
        yield Text(f"and {more} more orders (-o json)", style="dim")


def _guards(guards: tuple[shapes.Guard, ...]) -> str:
    """Which are in force; what is to be done for the others, `check` says."""
    by_force: dict[str, list[str]] = {}
    for each in guards:
        by_force.setdefault(each.force, []).append(each.name)
    return "guards: " + "; ".join(f"{', '.join(names)} {it}" for it, names in by_force.items())


def _waiting(groups: tuple[shapes.Waiting, ...]) -> Table:
    table = Table(show_edge=False, pad_edge=False, expand=True)
    table.add_column("gates", justify="right")
    table.add_column("state", no_wrap=True)
    table.add_column("tier", overflow="fold")
    table.add_column("because", ratio=1)
    for group in groups[:_MOST_GROUPS]:
        mark, style = look(group.state)
        table.add_row(
            str(group.gates),
            plain(f"{mark} {group.state}", style),
            plain(group.tier),
            Group(plain(_because(group)), _spokes(group)),
        )
    if (more := len(groups) - _MOST_GROUPS) > 0:
        table.add_row("", "", "", Text(f"and {more} more reasons (-o json)", style="dim"))
    return table


def _because(group: shapes.Waiting) -> str:
    late = group.state == State.STALLED and group.reason.name != DeadlinePassed.__name__
    said = f"past its deadline: {group.reason.says}" if late else group.reason.says
    return said if group.alike else f"{said}; {group.gates - 1} more like it"


def _spokes(group: shapes.Waiting) -> Text:
    named = plain(", ".join(map(short, group.spokes)))
    more = group.gates - len(group.spokes)
    named.append(f" and {more} more" if more > 0 else "")
    named.stylize("dim")
    return named


def _shard(shard: shapes.Shard, width: int) -> Iterator[RenderableType]:
    yield Text.assemble(plain(f"shard {shard.name}", "bold"), "  ", _occupied(shard))
    for part in _details(shard, width):
        yield Padding(part, (0, 0, 0, 2))


def _occupied(shard: shapes.Shard) -> str:
    also = (
        (shard.loading, "loading"),
        (shard.later, "with a later gate in progress"),
        (shard.parked, "parked"),
    )
    counted = [f"{number} {what}" for number, what in also if number]
    return ", ".join([many(shard.spokes, "spoke"), *counted])


def _details(shard: shapes.Shard, width: int) -> Iterator[RenderableType]:
    yield from _memory(shard, width)
    for stop in shard.stops:
        yield plain(f"nothing is admitted on it: {stop.says}", "red")
    for done in shard.recovery:
        yield plain(f"recovery: {done.says}", "yellow")
    if said := _room(shard):
        yield plain(said)
    if shard.helps:
        yield plain(f"would help: {'; or '.join(map(_help, shard.helps))}")
    if shard.kills:
        last = f", last {shard.killed_at}" if shard.killed_at else ""
        yield plain(f"killed for its memory {many(shard.kills, 'time')}{last}", "red")
    for finding in shard.findings:
        yield plain(f"! {finding.says}", "yellow")


def _memory(shard: shapes.Shard, width: int) -> Iterator[RenderableType]:
    used, limit = shard.used_bytes, shard.limit_bytes
    if used is None or limit is None:
        if limit is not None:
            yield plain(f"what it takes of {spoken(limit)} is not known")
        if shard.resident_bytes is not None:
            live = shard.live_bytes
            also = "" if live is None else f", {spoken(live)} of it live heap"
            yield plain(f"{spoken(shard.resident_bytes)} resident{also}")
        return
    reserved, filled_to = shard.reserved_bytes or 0, shard.filled_to_bytes
    drawn = bar(
        used=used, reserved=reserved, filled_to=filled_to, limit=limit, width=max(10, width // 5)
    )
    said = amounts(used=used, reserved=reserved, filled_to=filled_to, limit=limit)
    yield Text.assemble(drawn, "  ", said)
    if shard.restart_bytes is not None:
        style = "bold red" if shard.survives_restart is False else ""
        yield plain(f"a restart would take {spoken(shard.restart_bytes)}", style)


def _room(shard: shapes.Shard) -> str:
    said = []
    if shard.fits is not None:
        binds = f", {_BINDS[Binds(shard.binds)]}" if shard.binds in list(Binds) else ""
        more = many(shard.fits, "more spoke") if shard.fits else "no more spokes"
        said.append(f"{more} fit{'s' * (shard.fits == 1)}{binds}")
    if shard.waiting:
        said.append(f"{many(shard.waiting, 'spoke')} wait{'s' * (shard.waiting == 1)} for it")
    return "; ".join(said)


def _help(help_: shapes.Help) -> str:
    match help_.remedy:
        case Remedy.SOFT_LIMIT:
            what = f"GOMEMLIMIT={go_text(help_.bytes)} on the controller"
        case Remedy.LIMIT:
            what = f"a limit of {spoken(help_.bytes)}"
        case _:
            what = f"another shard of {spoken(help_.bytes)}"
    return f"{what} ({many(help_.spokes, 'more spoke')})"
