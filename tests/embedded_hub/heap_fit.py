"""How well does the model of a controller's memory fit the real one?

    python -m tests.embedded_hub.heap_fit

prints, for everything that was measured on a real controller, what was measured and what the model
does when it is told to do the same. What was done to the real one stands in
tests/captured/memory/steps.jsonl.gz; the figures of the restarts, the kills and the soft limit were
taken by hand from the same controller.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.heap import MEASURED, MIB, Heap, Traits, Work

SERIES = Path(__file__).parent.parent / "captured" / "memory"
STEP_S = 0.3
"""How often the real one was looked at."""
LOOKED_AT = replace(MEASURED, allocated_per_s=MIB, allocated_per_cluster_s=0.2 * MIB)
"""It was asked for its metrics that often, and that alone made it collect every twenty seconds."""


@dataclass(frozen=True)
class Row:
    what: str
    measured: float
    modelled: float

    @property
    def off(self) -> float:
        """0.1: the model shows a tenth more."""
        return self.modelled / self.measured - 1


class Driven:
    """A heap that is told to bring addons to spokes, and what it showed meanwhile."""

    def __init__(self, traits: Traits = LOOKED_AT, *, seed: int = 0) -> None:
        self.heap = Heap(traits, at=0.0, chance=Chance(seed))
        self.peak_live = 0.0
        self.peak_rss = 0.0
        self.lowest_live = math.inf
        self.synced = 0
        self._chance = Chance(seed + 1)
        self._drawn = 0
        self._then: dict[int, tuple[str, Work, int]] = {}
        self._begun: set[str] = set()
        self._resyncs: deque[tuple[float, str]] = deque()

    def bring(self, spokes: Iterable[str], addons: int) -> None:
        """Open gates: each spoke's cluster is loaded if it is not, and then `addons` are synced."""
        for spoke in spokes:
            if spoke in self._begun:
                self._sync(spoke, addons)
            else:
                self._begun.add(spoke)
                self._load(spoke, Work.SYNC, addons)

    def restart(self, spokes: Iterable[str], addons: int) -> None:
        """Start with that many settled addons on each spoke."""
        for spoke in spokes:
            self._begun.add(spoke)
            self._load(spoke, Work.RESYNC, addons)

    def run(self, for_s: float = math.inf) -> float:
        """Go on for so long, or until nothing is to be done; the answer is when that was."""
        began = self.heap.at
        while self.heap.killed_at is None and self.heap.at < began + for_s:
            if for_s == math.inf and not self.heap.tasks:
                break
            for ticket in self.heap.advance(min(self.heap.at + STEP_S, began + for_s)):
                self._ended(ticket)
            self._resync()
            shown = self.heap.shown()
            self.peak_live = max(self.peak_live, shown.live_bytes / MIB)
            self.peak_rss = max(self.peak_rss, shown.resident_bytes / MIB)
            self.lowest_live = min(self.lowest_live, shown.live_bytes / MIB)
        return self.heap.at - began

    def forget_peaks(self) -> None:
        self.peak_live = self.peak_rss = 0.0
        self.lowest_live = math.inf

    @property
    def live(self) -> float:
        return self.heap.shown().live_bytes / MIB

    @property
    def rss(self) -> float:
        return self.heap.shown().resident_bytes / MIB

    @property
    def busy(self) -> set[str]:
        """The spokes for which something is being done."""
        return {spoke for spoke, _, _ in self._then.values()}

    def _load(self, spoke: str, then: Work, addons: int) -> None:
        cpu_s = self.heap.traits.load_cpu_s * self._draw(0.7, 1.3)
        ticket = self.heap.begin(Work.LOAD, spoke, cpu_s=cpu_s)
        self._then[ticket] = spoke, then, addons

    def _sync(self, spoke: str, addons: int, work: Work = Work.SYNC) -> None:
        each = self.heap.traits.sync_cpu_s if work is Work.SYNC else self.heap.traits.resync_cpu_s
        for _ in range(addons):
            ticket = self.heap.begin(work, spoke, cpu_s=each * self._draw(0.7, 1.3))
            self._then[ticket] = spoke, work, 0

    def _ended(self, ticket: int) -> None:
        spoke, work, addons = self._then.pop(ticket)
        if addons:
            self._sync(spoke, addons, work)
            return
        self.synced += work is Work.SYNC
        if work is Work.SYNC:
            self._resyncs.append((self.heap.at + 180.0, spoke))

    def _resync(self) -> None:
        while self._resyncs and self._resyncs[0][0] <= self.heap.at:
            spoke = self._resyncs.popleft()[1]
            self._sync(spoke, 1, Work.RESYNC)
            self._resyncs.append((self.heap.at + 180.0, spoke))

    def _draw(self, low: float, high: float) -> float:
        self._drawn += 1
        return self._chance.between(low, high, self._drawn)


def spokes(begin: int, end: int) -> list[str]:
    return [f"spoke-{number}" for number in range(begin, end)]


STEPS: tuple[tuple[str, int, int, int], ...] = (
    *((f"spoke {number}: first tier opens", number, number + 1, 2) for number in range(6)),
    ("6 spokes: second tier (1 addon)", 0, 6, 1),
    ("6 spokes: third tier (2 addons)", 0, 6, 2),
    ("6 spokes: fourth tier (3 addons)", 0, 6, 3),
    ("8 new spokes at once: first tier (2 addons)", 6, 14, 2),
    ("8 spokes: all other tiers at once", 6, 14, 6),
    ("16 new spokes, all tiers at once", 14, 30, 8),
    ("nothing", 0, 0, 0),
)
"""What was done in the series, on which spokes, with how many addons each."""


@dataclass(frozen=True)
class Seen:
    """What one step of the series did: between two marks."""

    lasts_s: float
    peak_live: float
    peak_rss: float
    lowest_live: float


def series(name: str) -> list[dict[str, Any]]:
    with gzip.open(SERIES / f"{name}.jsonl.gz") as lines:
        return [json.loads(line) for line in lines]


def marked() -> dict[str, Seen]:
    """The series, by what was done."""
    found: dict[str, list[dict[str, Any]]] = {}
    told: list[dict[str, Any]] = []
    for row in series("steps"):
        if "did" in row:
            told = found.setdefault(row["did"], [])
        else:
            told.append(row)
    return {did: _seen(rows) for did, rows in found.items()}


def _seen(rows: list[dict[str, Any]]) -> Seen:
    return Seen(
        lasts_s=rows[-1]["at_s"] - rows[0]["at_s"],
        peak_live=max(row["live_mib"] for row in rows),
        peak_rss=max(row["rss_mib"] for row in rows),
        lowest_live=min(row["live_mib"] for row in rows[len(rows) // 2 :]),
    )


def steps(traits: Traits = LOOKED_AT, *, seed: int = 0) -> Iterator[Row]:
    """Everything that the series did, one after the other, as it did it."""
    real = marked()
    driven = Driven(traits, seed=seed)
    driven.run(20.0)
    for did, begin, end, addons in STEPS:
        seen = real[did]
        driven.forget_peaks()
        driven.bring(spokes(begin, end), addons)
        driven.run(seen.lasts_s / 2)
        driven.lowest_live = math.inf
        driven.run(seen.lasts_s / 2)
        yield Row(f"{did}: live peak", seen.peak_live, driven.peak_live)
        yield Row(f"{did}: rss peak", seen.peak_rss, driven.peak_rss)
        yield Row(f"{did}: live after", seen.lowest_live, driven.lowest_live)


RESTARTS = {5: (64, 217, 60), 10: (150, 382, 114), 20: (297, 721, 220), 30: (453, 1024, 325)}
"""Spokes: live peak, rss peak, live after; the first 75 s of a controller that finds them."""


def restarts(traits: Traits = LOOKED_AT, *, seed: int = 0) -> Iterator[Row]:
    for count, (live, rss, after) in RESTARTS.items():
        driven = Driven(traits, seed=seed)
        driven.restart(spokes(0, count), 8)
        driven.run(60.0)
        peak_live, peak_rss = driven.peak_live, driven.peak_rss
        driven.forget_peaks()
        driven.run(60.0)
        yield Row(f"restart with {count} spokes: live peak", live, peak_live)
        yield Row(f"restart with {count} spokes: rss peak", rss, peak_rss)
        yield Row(f"restart with {count} spokes: live after", after, driven.lowest_live)


def rushes(traits: Traits = LOOKED_AT, *, seed: int = 0) -> Iterator[Row]:
    """40 spokes, 8 addons each: all at once, and four spokes at a time."""
    driven = Driven(traits, seed=seed)
    driven.bring(spokes(0, 40), 8)
    took_s = driven.run()
    yield Row("40 spokes at once: rss peak", 1611, driven.peak_rss)
    yield Row("40 spokes at once: seconds", 333, took_s)
    driven = Driven(traits, seed=seed)
    four_at_a_time(driven, 40)
    yield Row("40 spokes, four at a time: rss peak", 1533, driven.peak_rss)


def four_at_a_time(driven: Driven, count: int) -> None:
    """Tier by tier, each spoke on its own, and not more than four at once."""
    tiers = (2, 1, 2, 3)
    waiting = deque(spokes(0, count))
    under_way: dict[str, int] = {}
    while (waiting or under_way) and driven.heap.killed_at is None:
        while waiting and len(under_way) < 4:
            spoke = waiting.popleft()
            under_way[spoke] = 0
            driven.bring([spoke], tiers[0])
        driven.run(2.0)
        for spoke in [one for one in under_way if one not in driven.busy]:
            under_way[spoke] += 1
            if under_way[spoke] == len(tiers):
                del under_way[spoke]
            else:
                driven.bring([spoke], tiers[under_way[spoke]])


def soft_limits(traits: Traits = LOOKED_AT, *, seed: int = 0) -> Iterator[Row]:
    """A limit of 900 and GOMEMLIMIT=780MiB, everything at once."""
    soft = replace(traits, limit_bytes=900 * MIB, soft_limit_bytes=780 * MIB)
    driven = Driven(soft, seed=seed)
    driven.bring(spokes(0, 30), 8)
    yield Row("GOMEMLIMIT, 30 spokes: seconds", 215, driven.run())
    yield Row("GOMEMLIMIT, 30 spokes: rss peak", 843, driven.peak_rss)
    yield Row("GOMEMLIMIT, 30 spokes: live peak", 460, driven.peak_live)
    driven = Driven(soft, seed=seed)
    driven.bring(spokes(0, 56), 8)
    driven.run(382.0)
    shown = driven.heap.shown()
    yield Row("GOMEMLIMIT, 56 spokes: synced after 382 s", 153, driven.synced)
    yield Row("GOMEMLIMIT, 56 spokes: rss peak", 923, driven.peak_rss)
    yield Row("GOMEMLIMIT, 56 spokes: live peak", 715, driven.peak_live)
    share = shown.collecting_cpu_s / (shown.collecting_cpu_s + shown.working_cpu_s)
    yield Row("GOMEMLIMIT, 56 spokes: collecting %", 55, 100 * share)


LIMITED = replace(LOOKED_AT, limit_bytes=900 * MIB)


def kills(traits: Traits = LIMITED, *, seed: int = 0) -> Iterator[Row]:
    """A limit of 900 and no gates; and what was open there when a careful rule stopped."""
    driven = Driven(traits, seed=seed)
    driven.bring(spokes(0, 40), 8)
    yield Row("limit 900, 40 spokes at once: seconds to the kill", 20, _lived_s(driven))
    driven = Driven(traits, seed=seed)
    driven.restart(spokes(0, 20), 8)
    driven.run(60.0)
    yield Row("limit 900, restart with 20 spokes: rss peak", 673, driven.peak_rss)


def _lived_s(driven: Driven) -> float:
    driven.run(600.0)
    at = driven.heap.killed_at
    return math.inf if at is None else at - driven.heap.started_at


def rows(seed: int = 0) -> list[Row]:
    told = (steps, restarts, rushes, soft_limits)
    return [*(row for each in told for row in each(seed=seed)), *kills(seed=seed)]


def table(found: Iterable[Row]) -> str:
    lines = [f"{'':62} {'measured':>9} {'modelled':>9} {'off':>6}"]
    lines += [
        f"{row.what:62} {row.measured:9.0f} {row.modelled:9.0f} {row.off:+6.0%}" for row in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(rows()))  # noqa: T201  # what it is for
