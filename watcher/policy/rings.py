"""What do the rings of a file mean together, and with its tiers, and what is wrong with that?

What one key alone cannot show: names that occur twice, a ring that leaves no spoke to those after
it, tiers that are not there. The selectors become values here.

Elsewhere: what is wrong with one key (reading.py); the ring that is added for the rest (policy.py);
which windows concern a ring (windows.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watcher.facts import Selector, selector
from watcher.policy.faults import quoted
from watcher.policy.names import named, note_each_unknown, places
from watcher.policy.policy import DEFAULT_RING
from watcher.policy.reading import Reading


def note_rings(reading: Reading, read: list[Any], *, tiers: Iterable[str]) -> None:
    """Put the selectors of the rings into their place; note what is wrong with the rings."""
    first = places(reading, "rings", [named(ring) for ring in read])
    taken: dict[Selector, int] = {}
    for index, ring in enumerate(read):
        if not isinstance(ring, dict):
            continue
        key = f"rings[{index}]"
        note_each_unknown(reading, f"{key}.tiers", ring.get("tiers"), known=tiers, thing="tier")
        if "selector" in ring:
            _note_selector(reading, ring, index, taken)
        elif index < len(read) - 1:
            reading.fault(
                key,
                "has no selector, so it takes every spoke and leaves none to the rings after it",
                "give it one, as ring=canary, or move it to the end",
            )
    _note_default(reading, read, first)


def ring_names(read: list[Any]) -> tuple[str, ...]:
    """The names of the rings as they were read, with that of the one that is added for the rest."""
    names = [name for name in map(named, read) if name is not None]
    return (*names, DEFAULT_RING.name) if _adds_default(read) else tuple(names)


def _note_selector(
    reading: Reading, ring: dict[str, Any], index: int, taken: dict[Selector, int]
) -> None:
    key, text = f"rings[{index}].selector", ring["selector"]
    if not isinstance(text, str) or key in reading.faulty:
        return
    one = selector(text)
    if one is None:
        problem = f"{quoted(text)} is not a label selector"
        reading.fault(key, problem, "write what kubectl -l takes for one, as ring=canary")
        return
    ring["selector"] = one
    before = taken.setdefault(one, index)
    if before != index:
        problem = f"is that of rings[{before}] too, which takes every spoke that it selects"
        reading.fault(key, problem, "give each ring a selector of its own")


def _note_default(reading: Reading, read: list[Any], first: Mapping[str, int]) -> None:
    place = first.get(DEFAULT_RING.name)
    if place is None or not _adds_default(read):
        return
    problem = "is the name of the ring that is added for the spokes that no ring of the file takes"
    remedy = "choose another name, or put a ring without a selector at the end"
    reading.fault(f"rings[{place}].name", problem, remedy)


def _adds_default(read: list[Any]) -> bool:
    return not read or (isinstance(read[-1], dict) and "selector" in read[-1])
