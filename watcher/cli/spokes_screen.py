"""What do the spokes look like that somebody asked for?

A row for each: its ring, how many of its gates have passed, and of those that were asked for the
one that most needs a person, with why. From what `/api/v1/spokes` answers.

Elsewhere: all of them at a glance (fleet_screen.py); one of them (explain_screen.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from watcher.cli.choosing import Chosen
from watcher.cli.looks import foremost, look, plain, short
from watcher.decide.verdicts import PASSED, URGENT
from watcher.facts import many
from watcher.serve import shapes

MOST = 200
"""Rows on one screen; every one is in `-o json`."""

_RANK = {state.value: at for at, state in enumerate(URGENT)}


def spokes_screen(page: shapes.Spokes, chosen: Chosen) -> RenderableType:
    """The first page of those that were asked for."""
    number = many(page.matching, "spoke")
    if not page.spokes:
        return Text(number)
    table = Table(show_edge=False, pad_edge=False, expand=True)
    table.add_column("spoke", overflow="fold")
    table.add_column("ring", overflow="fold")
    table.add_column("passed", justify="right", no_wrap=True)
    table.add_column("gate", overflow="fold")
    table.add_column("because", ratio=1)
    for spoke in page.spokes:
        table.add_row(*_row(spoke, chosen))
    parts: list[RenderableType] = [Text(number, style="bold"), "", table]
    if (more := page.matching - len(page.spokes)) > 0:
        parts.append(Text(f"and {more} more: ask for fewer, or for all with -o json", style="dim"))
    return Group(*parts)


def _row(spoke: shapes.Spoke, chosen: Chosen) -> Iterator[Text]:
    passed = sum(gate.state in PASSED for gate in spoke.gates)
    asked = sorted(_asked(spoke, chosen), key=lambda gate: _RANK.get(gate.state, len(_RANK)))
    yield plain(short(spoke.name))
    yield plain(spoke.ring)
    yield Text(f"{passed}/{len(spoke.gates)}")
    if not asked:
        yield from (Text(""), Text(""))
        return
    first, *others = asked
    mark, style = look(first.state)
    yield plain(f"{first.tier} {mark} {first.state}", style)
    yield plain(_because(first, sum(gate.state not in PASSED for gate in others)))


def _asked(spoke: shapes.Spoke, chosen: Chosen) -> Iterator[shapes.Gate]:
    for gate in spoke.gates:
        if chosen.tiers and gate.tier not in chosen.tiers:
            continue
        if not chosen.states or gate.state in chosen.states:
            yield gate


def _because(gate: shapes.Gate, others: int) -> str:
    said = foremost(gate.reasons)
    more = f"{others} more such gate{'s' * (others > 1)}" if others else ""
    return "; ".join(filter(None, (said, more)))
