"""Waits until what was asked for has settled.

Elsewhere: what has passed (decide/verdicts.py); asking again and again (following.py).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing

import rich_click as click
from msgspec import Struct

from watcher.cli.choosing import Chosen, choosing_flags
from watcher.cli.ending import FAILED, OK, TIMED_OUT, UNUSABLE, Slip, complain
from watcher.cli.following import following
from watcher.cli.hub_flags import run
from watcher.cli.looks import foremost, plain, short
from watcher.cli.named import every_page
from watcher.cli.whom_to_ask import Asked, Whom, whom_flags
from watcher.decide import State
from watcher.decide.verdicts import PASSED
from watcher.facts import many
from watcher.hub import Clock
from watcher.policy import duration
from watcher.serve import shapes

_FAILED = (State.DEGRADED, State.STALLED)
_NOT_PASSED = tuple(state for state in State if state not in PASSED)

_NAMED = 3
"""Gates that are named of many."""


class Standing(Struct, frozen=True):
    """How far those are that were asked for."""

    spokes: int
    failed: shapes.Spokes
    """Those with a gate that is degraded or stalled."""
    waiting: shapes.Spokes
    """Those with a gate that has not passed, these among them."""
    skipped: int
    """How many gates have passed only since a person has them skipped."""

    def says(self) -> str:
        """That nothing of it is waited for any more."""
        but = {0: "", 1: " but for 1 gate that is skipped"}.get(
            self.skipped, f" but for {self.skipped} gates that are skipped"
        )
        return f"settled{but}: {many(self.spokes, 'spoke')}"


@click.command()
@click.argument("spokes", nargs=-1, metavar="[SPOKE]...")
@choosing_flags(states=False)
@click.option(
    "--timeout", metavar="DURATION", default="", help="How long at most, as 90s, 10m or 1h30m."
)
@whom_flags
def wait(*, spokes: tuple[str, ...], chosen: Chosen, timeout: str, whom: Whom) -> None:
    """Wait until the spokes that are named have settled, or those of a ring or with labels.

    Settled is a spoke once all its gates, or those of --tier, are Settled, Ungated or Skipped; of
    the skipped ones, of which many are not open, it is said how many there are. What is waited for
    is said whenever it changes. Ends with 0 once all are, with 1 as soon as one gate is Degraded or
    Stalled, with 124 when the time is over, and with 2 where there are no such spokes, or nobody
    answers from the beginning. A watcher that is away later is waited for.
    """
    if not spokes and not (chosen.rings or chosen.selector):
        raise click.UsageError("name spokes, or choose some with -l or --ring")
    within_s = duration(timeout) if timeout else None
    if timeout and within_s is None:
        problem = f"{timeout!r} is no length of time, as 90s, 10m or 1h30m"
        raise click.BadParameter(problem, param_hint="--timeout")
    sys.exit(run(_wait(whom, chosen, spokes, within_s), refused=UNUSABLE))


async def _wait(whom: Whom, chosen: Chosen, spokes: Sequence[str], within_s: float | None) -> int:
    from watcher.daemon import SystemClock

    try:
        async with asyncio.timeout(within_s), whom.asked() as asked:
            return await waited(asked, chosen, spokes, clock=SystemClock(), say=click.echo)
    except TimeoutError:
        complain("the time is over")
        return TIMED_OUT


async def waited(
    asked: Asked,
    chosen: Chosen,
    spokes: Sequence[str],
    *,
    clock: Clock,
    say: Callable[[str], object],
) -> int:
    """The exit code, as soon as there is one; `say`: is told what is waited for."""
    query = (*chosen.query, *(("name", each) for each in spokes))
    said = ""
    answers = following(
        lambda: _standing(asked, query, spokes),
        every_s=asked.every_s,
        clock=clock,
        unanswered=complain,
    )
    async with aclosing(answers):
        async for standing in answers:
            if standing.failed.matching:
                complain(_gates(standing.failed, chosen, _FAILED))
                return FAILED
            if not standing.waiting.matching:
                say(standing.says())
                return OK
            now = f"waits for {_gates(standing.waiting, chosen, _NOT_PASSED)}"
            if now != said:
                say(now)
            said = now
    return OK


async def _standing(
    asked: Asked, query: tuple[tuple[str, str], ...], spokes: Sequence[str]
) -> Standing:
    """Raises `Slip` where one that is named is not there, or none is."""

    async def page(*states: State) -> shapes.Spokes:
        more = (("limit", str(_NAMED)), *(("state", each) for each in states))
        return await asked.get("/spokes", shapes.Spokes, query=(*query, *more))

    every = await page()
    if every.matching < len(set(spokes)):
        for each in dict.fromkeys(spokes):
            await asked.get(f"/spokes/{each}", shapes.Explained)  # a refusal names what is near
    if not every.matching:
        raise Slip("there are no such spokes")
    failed, waiting = await page(*_FAILED), await page(*_NOT_PASSED)
    skipped = 0 if waiting.matching else await _skipped(asked, query)
    return Standing(every.matching, failed, waiting, skipped)


async def _skipped(asked: Asked, query: tuple[tuple[str, str], ...]) -> int:
    """How many gates of them are skipped."""
    tiers = [value for name, value in query if name == "tier"]
    pages = every_page(asked, (*query, ("state", State.SKIPPED)))
    return len(
        [
            gate
            async for spoke in pages
            for gate in spoke.gates
            if gate.state == State.SKIPPED and (not tiers or gate.tier in tiers)
        ]
    )


def _gates(page: shapes.Spokes, chosen: Chosen, states: Sequence[State]) -> str:
    """The first of the gates in these states, with why."""
    named = [
        f"{short(spoke.name)}/{gate.tier} is {gate.state}{_why(gate)}"
        for spoke in page.spokes
        for gate in spoke.gates
        if gate.state in states and (not chosen.tiers or gate.tier in chosen.tiers)
    ][:_NAMED]
    return plain(f"{many(page.matching, 'spoke')}: {'; '.join(named)}").plain


def _why(gate: shapes.Gate) -> str:
    said = foremost(gate.reasons)
    return f" ({said})" if said else ""
