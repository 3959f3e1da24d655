"""What does a fleet look like in a terminal?

A row for each spoke, a column for each tier, the state of the gate in each cell, and at the end of
the row what its first gate that has not passed waits for. Where there are more spokes than lines,
those come first in which something happens. Under it a line for each shard that has a limit.

Elsewhere: what the states mean (decide/verdicts.py); the words of a reason (decide/words.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from watcher.cli.looks import LOOKS, plain
from watcher.cli.memory_bar import amounts, bar
from watcher.decide import Decision, SpokeVerdicts, State, Verdict, say
from watcher.decide.shards import Shard
from watcher.decide.verdicts import PASSED
from watcher.facts import Instant, rfc3339, spoken

_QUIET = PASSED | {State.WAITING, State.QUEUED}

_FRAME_LINES = 5
"""The table's head and lines, the counts, the time."""

_MOST_SHARDS = 4
_BAR = 20


def screen(
    decision: Decision | None, *, now: Instant, height: int, notes: Sequence[str]
) -> RenderableType:
    """The fleet at `now`, in at most `height` lines, with the last of `notes` under it."""
    if decision is None or not decision.spokes:
        return Text("nothing is known of the hub yet")
    said = [Text(note, style="dim", overflow="ellipsis", no_wrap=True) for note in notes]
    shards = [_shard(each) for each in decision.shards.values() if each.limit_bytes is not None]
    del shards[_MOST_SHARDS:]
    rows = max(1, height - _FRAME_LINES - len(shards) - len(said))
    return Group(_table(decision, rows), _counts(decision, now), *shards, *said)


def _table(decision: Decision, rows: int) -> Table:
    shown = _first(decision.spokes.values(), rows)
    tiers = list(dict.fromkeys(tier for spoke in shown for tier in spoke.tiers))
    table = Table(expand=True, show_edge=False, pad_edge=False)
    table.add_column("spoke", no_wrap=True)
    for tier in tiers:
        table.add_column(tier, no_wrap=True)
    table.add_column("waits for", ratio=1, no_wrap=True, overflow="ellipsis")
    for spoke in shown:
        cells = (_cell(spoke.tiers.get(tier)) for tier in tiers)
        table.add_row(plain(spoke.name), *cells, plain(_waits_for(spoke)))
    if hidden := len(decision.spokes) - len(shown):
        table.add_row(Text(f"and {hidden} more", style="dim"))
    return table


def _first(spokes: Iterable[SpokeVerdicts], rows: int) -> list[SpokeVerdicts]:
    """In the order of their names; where not all fit, those in which something happens."""
    every = sorted(spokes, key=lambda spoke: spoke.name)
    if len(every) <= rows:
        return every
    every.sort(key=lambda spoke: not _happens(spoke))
    return sorted(every[: rows - 1], key=lambda spoke: spoke.name)


def _happens(spoke: SpokeVerdicts) -> bool:
    return any(verdict.state not in _QUIET for verdict in spoke.tiers.values())


def _cell(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("")
    mark, style = LOOKS[verdict.state]
    return Text(f"{mark} {verdict.state}", style=style)


def _waits_for(spoke: SpokeVerdicts) -> str:
    for tier, verdict in spoke.tiers.items():
        if verdict.state not in PASSED and verdict.reasons:
            return f"{tier}: {say(verdict.reasons[0])}"
    return ""


def _shard(shard: Shard) -> Text:
    used, limit = shard.used_bytes, shard.limit_bytes or 0.0
    said = plain(f"shard {shard.name}  ")
    if used is None:
        said.append(f"what it takes of {spoken(limit)} is not known")
    else:
        reserved, filled_to = shard.reserved_bytes or 0.0, shard.filled_to_bytes
        said.append(bar(used=used, reserved=reserved, filled_to=filled_to, limit=limit, width=_BAR))
        said.append(f"  {amounts(used=used, reserved=reserved, filled_to=None, limit=limit)}")
    said.append(f"; {shard.loading + shard.later} of {shard.spokes} spokes in progress")
    if shard.fits is not None:
        said.append(f"; {shard.fits} more fit")
    if shard.kills:
        said.append(f"; killed {shard.kills} times", style="bold red")
    said.no_wrap, said.overflow = True, "ellipsis"
    return said


def _counts(decision: Decision, now: Instant) -> Text:
    counts = Counter(verdict.state for verdict in decision.verdicts.values())
    said = Text(f"{rfc3339(now)}  ", style="dim")
    for state in State:
        if counts[state]:
            mark, style = LOOKS[state]
            said.append(f"{mark} {state} {counts[state]}  ", style=style)
    return said
