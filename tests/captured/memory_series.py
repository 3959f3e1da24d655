"""What a real application controller's memory did, and what the predictor said of it before.

`memory/NAME.jsonl.gz` has one line a look: `at_s` since the start, resident memory, and what Go
says of its heap, in MiB; a line with `did` says what was done to the hub. Recorded with Argo CD
3.5.1 on two cores, one replica, GOGC 100, no GOMEMLIMIT.
- `steps`: three looks a second with live heap itself; 30 spokes are opened step by step. The marks
  say when a step began. Each waited until all was healthy, and five seconds more.
- `rush-40-spokes`, `four-at-a-time-40-spokes`: two looks a second, without live heap, and with how
  many Applications there were and how many were healthy. Live heap is put together from what is in
  use: between two collections a busy controller comes to 1.95 times its live heap (`steps` has
  both: eight of ten stretches of five busy seconds lie between 1.88 and 2.04). Which spokes were
  open is put together from the counts.

`python -m tests.captured.memory_series` prints what was predicted and what happened.
"""

from __future__ import annotations

import functools
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from watcher.decide.predictor import (
    Learned,
    Work,
    errors,
    kept,
    learned,
    transient,
    unlearned,
)
from watcher.facts import Reading
from watcher.policy import Prior

HERE = Path(__file__).parent / "memory"
MIB = 1024.0 * 1024.0
EVERY_S = 5.0
"""Between two readings, as the policy has it when it does not say."""
GATHERED_S = 5.0
"""How long everything had been healthy when the next step began."""
IN_USE_OF_LIVE = 1.95
MINUTE_S = 60.0
PHASES_S = (0.0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 4.9)
"""Moments at which the first reading can fall."""


class Look(NamedTuple):
    """One look at the controller."""

    at_s: float
    resident_mib: float
    live_mib: float
    collections: int
    """How many there were at least: how often live heap changed until then."""
    work: Work
    started_at_s: float = -1000.0


class Step(NamedTuple):
    """One thing that was done, and the looks until the next."""

    did: str
    looks: tuple[Look, ...]

    @property
    def peak_mib(self) -> float:
        return max(look.live_mib for look in self.looks)

    @property
    def widest(self) -> Work:
        """The most that was in progress at once."""
        return max((look.work for look in self.looks), key=lambda work: work.loads + work.later)


class Foretold(NamedTuple):
    """A prediction made before, and what happened then."""

    what: str
    work: Work
    by_prior_mib: float
    predicted_mib: float
    happened_mib: float

    @property
    def error(self) -> float:
        """As a share of what happened; above zero where too much was predicted."""
        return self.predicted_mib / self.happened_mib - 1.0


# What was recorded

_STEPS: tuple[Work, ...] = (
    *(Work(spokes, loads=1) for spokes in range(1, 7)),
    *(Work(6, later=6) for _ in range(3)),
    Work(14, loads=8),
    Work(14, later=8),
    Work(30, loads=16),
    Work(30),
)
"""The work of each step, by its number."""

_LOADED_MIB_OBJECTS = 4832
"""In the last step but one, when every new cluster's objects had been listed."""


@functools.cache
def lines(name: str) -> tuple[dict[str, Any], ...]:
    with gzip.open(HERE / f"{name}.jsonl.gz") as recorded:
        return tuple(json.loads(line) for line in recorded)


@functools.cache
def steps() -> tuple[Step, ...]:
    """`steps`, cut at its marks; the first is what was before any."""
    cuts: list[tuple[str, list[dict[str, Any]]]] = [("nothing yet", [])]
    for line in lines("steps"):
        if "did" in line:
            cuts.append((line["did"], []))
        else:
            cuts[-1][1].append(line)
    works = (Work(), *_STEPS)
    found: list[Step] = []
    collections, live = 0, 0.0
    for (did, looks), work in zip(cuts, works, strict=True):
        until = looks[-1]["at_s"] - GATHERED_S
        seen: list[Look] = []
        for look in looks:
            collections += look["live_mib"] != live
            live = look["live_mib"]
            now = _in_step(work, look) if look["at_s"] < until else Work(work.spokes)
            seen.append(Look(look["at_s"], look["rss_mib"], live, collections, now))
        found.append(Step(did, tuple(seen)))
    return tuple(found)


def _in_step(work: Work, look: dict[str, Any]) -> Work:
    """With all tiers open at once, a spoke whose cluster is loaded is at its later gates."""
    if work.loads == 16 and look["objects"] >= _LOADED_MIB_OBJECTS:
        return Work(work.spokes, later=16)
    return work


@functools.cache
def minutes(name: str) -> tuple[Step, ...]:
    """A series of 40 spokes in steps of a minute, each look the highest of five seconds."""
    found: dict[int, list[Look]] = {}
    stretches: dict[int, list[dict[str, Any]]] = {}
    for line in lines(name):
        stretches.setdefault(int(line["at_s"] // EVERY_S), []).append(line)
    for number, stretch in sorted(stretches.items()):
        last = stretch[-1]
        work = _rushed(last) if name.startswith("rush") else _four_at_a_time(last)
        live = max(line["heap_inuse_mib"] for line in stretch) / IN_USE_OF_LIVE
        look = Look(last["at_s"], last["rss_mib"], live, number * 3, work)
        found.setdefault(int(last["at_s"] // MINUTE_S), []).append(look)
    return tuple(
        Step(f"minute {minute + 1}", tuple(looks)) for minute, looks in sorted(found.items())
    )


def _rushed(line: dict[str, Any]) -> Work:
    """All gates of 40 spokes opened at once; two healthy Applications make a first tier."""
    if not line["applications"]:
        return Work()
    if line["healthy"] >= 320:
        return Work(40)
    loads = max(0, 40 - line["healthy"] // 2)
    return Work(40, loads=loads, later=40 - loads)


def _four_at_a_time(line: dict[str, Any]) -> Work:
    """Of four spokes in progress two are being loaded, which takes longest; all four together have
    about half of their Applications.
    """
    there = line["applications"]
    if not there:
        return Work()
    if there <= 8:
        return Work(4, loads=4)
    spokes = min(40, 4 + max(0, (there - 18) // 8))
    return Work(spokes, later=4) if there >= 304 else Work(spokes, loads=2, later=2)


# What would have been said of it


def readings(step: Step, *, phase_s: float = 0.0, every_s: float = EVERY_S) -> Iterator[Look]:
    """The looks that a scrape every so often would have had."""
    due = step.looks[0].at_s + phase_s
    for look in step.looks:
        if look.at_s >= due:
            due = look.at_s + every_s
            yield look


def taught(known: Learned, look: Look) -> Learned:
    reading = Reading(
        at=1000.0 + look.at_s,
        resident_bytes=look.resident_mib * MIB,
        live_bytes=look.live_mib * MIB,
        goal_bytes=2 * look.live_mib * MIB,
        collections=float(look.collections),
        gogc_percent=100.0,
        soft_limit_bytes=None,
        collecting_s=0.0,
        busy_s=0.0,
        process_started_at=1000.0 + look.started_at_s,
    )
    return learned(known, reading, look.work)


def needed(known: Learned, work: Work) -> float:
    """The live heap, in MiB, that this work is said to come to at most."""
    return (kept(known, work.spokes) + transient(known, work)) / MIB


def foretold(
    series: tuple[Step, ...], *, phase_s: float = 0.0, known: Learned | None = None
) -> tuple[tuple[Foretold, ...], Learned]:
    """Before each step, what was known then said of the work to come; and what is known at last."""
    knows = unlearned(Prior()) if known is None else known
    said = []
    for step in series:
        work = step.widest
        by_prior = needed(unlearned(Prior()), work)
        said.append(Foretold(step.did, work, by_prior, needed(knows, work), step.peak_mib))
        for look in readings(step, phase_s=phase_s):
            knows = taught(knows, look)
    return tuple(said), knows


def again(series: tuple[Step, ...], turn: int) -> tuple[Step, ...]:
    """The same steps some hours later, by another process."""
    at_s = turn * 10_000.0
    return tuple(
        Step(
            step.did,
            tuple(
                look._replace(at_s=look.at_s + at_s, started_at_s=at_s - 1000.0)
                for look in step.looks
            ),
        )
        for step in series
    )


def repeated(times: int, *, phase_s: float = 0.0) -> tuple[tuple[Foretold, ...], Learned]:
    """What is said of `steps` when they come for the last of so many times."""
    said, knows = foretold(steps(), phase_s=phase_s)
    for turn in range(1, times):
        said, knows = foretold(again(steps(), turn), phase_s=phase_s, known=knows)
    return said, knows


def table(said: tuple[Foretold, ...]) -> str:
    head = "| what | spokes | loads | later | by the prior | predicted | happened | error |"
    rows = [
        f"| {one.what} | {one.work.spokes} | {one.work.loads} | {one.work.later} | "
        f"{one.by_prior_mib:.0f} | {one.predicted_mib:.0f} | {one.happened_mib:.0f} | "
        f"{one.error:+.0%} |"
        for one in said
    ]
    return "\n".join([head, "|---" * 8 + "|", *rows])


def mean_error(said: tuple[Foretold, ...]) -> float:
    """Of the size, not of the sign."""
    return sum(abs(one.error) for one in said) / len(said)


def report() -> Iterator[str]:
    """The table of each series, each from the prior alone."""
    for name, series in all_series().items():
        said, knows = foretold(series)
        yield f"\n{name}: live heap in MiB\n\n{table(said[1:])}\n"
        least = min(one.error for one in said[1:])
        yield f"off by {mean_error(said[1:]):.0%} on average, the lowest by {least:+.0%}"
        yield ", ".join(f"{kind} {share:.2f}" for kind, share in sorted(errors(knows).items()))
    yield f"\nsteps, for the fourth time\n\n{table(repeated(4)[0][1:])}\n"
    for times in (1, 4):
        every = [repeated(times, phase_s=phase_s)[0][1:] for phase_s in PHASES_S]
        shares = sorted(one.error for said in every for one in said)
        mean = sum(map(abs, shares)) / len(shares)
        yield f"steps, time {times}, whenever the readings come: off by {mean:.0%} on average, "
        yield f"from {shares[0]:+.0%} to {shares[-1]:+.0%}"


def all_series() -> dict[str, tuple[Step, ...]]:
    return {
        "steps": steps(),
        "rush-40-spokes": minutes("rush-40-spokes"),
        "four-at-a-time-40-spokes": minutes("four-at-a-time-40-spokes"),
    }


if __name__ == "__main__":
    sys.stdout.write("\n".join(report()) + "\n")
