"""What do the tiers of a file mean together, and what is wrong with that?

What one key alone cannot show: names that occur twice, dependencies that are not there or go in a
circle, a deadline that no soak fits in. Each tier depends on the one before it unless it says
otherwise; that is settled here, so nobody above needs to know it.

Elsewhere: what is wrong with one key (reading.py); the graph of a sound policy (graph.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from watcher.policy.durations import say_duration
from watcher.policy.names import named, note_unknown, places
from watcher.policy.policy import Tier
from watcher.policy.reading import Reading

Dependencies: TypeAlias = dict[str, tuple[str, ...]]

_DEFAULTS = Tier(name="")


def resolved(reading: Reading, read: list[Any]) -> list[Any]:
    """The tiers as they were read, each with all that it depends on; what is wrong is noted."""
    names = [named(tier) for tier in read]
    first = places(reading, "tiers", names)
    depends_on: Dependencies = {}
    for index, (tier, name) in enumerate(zip(read, names, strict=True)):
        direct = tuple(_direct(reading, tier, index, names))
        if name is not None and first[name] == index:
            depends_on[name] = direct
        if isinstance(tier, dict):
            tier["depends_on"] = direct
            _note_deadline(reading, tier, index)
    _note_cycles(reading, depends_on, first)
    return read


def tier_names(read: list[Any]) -> tuple[str, ...]:
    """The names of the tiers as they were read."""
    return tuple(name for name in map(named, read) if name is not None)


def _direct(reading: Reading, tier: object, index: int, names: list[str | None]) -> Iterator[str]:
    """What the tier depends on directly, as far as it is there."""
    if not isinstance(tier, dict) or "depends_on" not in tier:
        before = names[index - 1] if index else None
        if before is not None:
            yield before
        return
    for at, needed in enumerate(tier["depends_on"] or ()):
        key = f"tiers[{index}].dependsOn[{at}]"
        if needed is None or key in reading.faulty:
            continue
        if needed == names[index]:
            reading.fault(key, "is the tier itself", "remove it; [] depends on nothing")
        elif needed in names:
            yield needed
        else:
            known = filter(None, names)
            note_unknown(reading, key, needed, known=known, thing="tier")


def _note_deadline(reading: Reading, tier: dict[str, Any], index: int) -> None:
    """Note that no gate of the tier could settle in time."""
    soak_s = tier.get("soak_s", _DEFAULTS.soak_s)
    deadline_s = tier.get("deadline_s", _DEFAULTS.deadline_s)
    if not isinstance(soak_s, float) or not isinstance(deadline_s, float) or soak_s < deadline_s:
        return
    key = f"tiers[{index}].{'deadline' if 'deadline_s' in tier else 'soak'}"
    problem = (
        f"a deadline of {say_duration(deadline_s)} leaves no time to soak for "
        f"{say_duration(soak_s)}, so every gate would stall"
    )
    reading.fault(key, problem, "make the deadline longer than the soak")


def _note_cycles(reading: Reading, depends_on: Dependencies, places: dict[str, int]) -> None:
    """Note each cycle; of those that share a tier, one, as breaking it may break the others."""
    while cycle := _cycle(depends_on):
        said = [name for name in cycle if f"tiers[{places[name]}].dependsOn" in reading.lines]
        first = min(said, key=places.__getitem__)
        at = cycle.index(first)
        around = [*cycle[at:], *cycle[:at], first]
        reading.fault(
            f"tiers[{places[first]}].dependsOn",
            f"the tier depends on itself: {' -> '.join(around)}",
            "remove one of these; a tier without dependsOn depends on the one before it",
        )
        depends_on = {
            name: tuple(needed for needed in direct if needed not in cycle)
            for name, direct in depends_on.items()
            if name not in cycle
        }


def _cycle(depends_on: Dependencies) -> list[str]:
    """Tiers of which each depends on the next, and the last on the first; empty where none do."""
    try:
        TopologicalSorter(depends_on).prepare()
    except CycleError as error:
        path: list[str] = error.args[1]
        return path[:0:-1]
    return []
