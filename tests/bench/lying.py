"""What if what the watcher is told is wrong?

    tests/run bench lying [--seeds N] [--fleet NAME] [--jobs N]

The product on a modelled hub, with readings that are noisy, missing or silent for minutes, a prior
three times too low or too high, and spokes ten times as large as all before. At each admission,
with the operands that it had:
- what stands, what is reserved and what is predicted stay under the high mark, all three finite,
  and the reading is not stale;
- so does the peak of a restart, where a cluster is loaded that was not;
- no gate opens twice, and a turn that changes nothing sleeps.
A breach raises. How often the controllers were killed, and how much was settled in the end, is
counted: a watcher that is lied to cannot promise no kill, only to stop and to say why.

Elsewhere: the same fleets without lies (makespan.py).
"""

from __future__ import annotations

import argparse
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as changed

from tests.bench.fleets import Fleet, drawn, fleets
from tests.bench.watched import CLEAR, Sight, Watched, policy
from tests.bench.ways import Run
from watcher.decide import Decision
from watcher.decide.estimates import kept, restart_peak, transient
from watcher.decide.judgement import Stage
from watcher.decide.kills import Kills
from watcher.decide.rooms import Room, room, with_one
from watcher.facts import Readings
from watcher.policy import Memory, Prior


@dataclass(frozen=True)
class Lie:
    """One way of being wrong."""

    sight: Sight = CLEAR
    prior: float = 1.0
    """3: all that is thought before anything was seen is three times what it should be."""
    large: float = 0.0
    """The share of spokes that are ten times as large as the others."""

    def memory(self) -> Memory:
        """The policy of it."""
        known = Prior()
        scaled = {
            name: int(getattr(known, name) * self.prior)
            for name in ("spoke_bytes", "load_bytes", "later_bytes", "resync_bytes")
        }
        return Memory(prior=changed(known, **scaled))


LIES: Mapping[str, Lie] = {
    "none": Lie(),
    "noise 20 %": Lie(Sight(noise=0.2)),
    "30 % missing": Lie(Sight(missing=0.3)),
    "silent for minutes": Lie(Sight(silences=6)),
    "all three": Lie(Sight(noise=0.2, missing=0.3, silences=6)),
    "prior a third": Lie(prior=1 / 3),
    "prior threefold": Lie(prior=3.0),
    "some ten times as large": Lie(large=0.05),
    "the same, prior a third": Lie(prior=1 / 3, large=0.05),
}


class BreachError(AssertionError):
    """The product broke its promise."""


@dataclass
class Judge:
    """Looks at every turn."""

    fleet: Fleet
    opened: Counter[tuple[str, str]] = field(default_factory=Counter)
    turns: int = 0

    def __call__(self, watched: Watched) -> None:
        """After a turn."""
        decision = watched.decision
        assert decision is not None
        self.turns += 1
        if decision.wake_at is not None and not decision.patches:
            _must(decision.wake_at > watched.now, "a turn that changes nothing sleeps")
        stages: list[Stage] = []
        for patch in decision.patches:
            for tier in patch.opens:
                self.opened[patch.spoke, tier] += 1
                _must(self.opened[patch.spoke, tier] == 1, "no gate opens twice")
            judgement = decision.carried.judgements[patch.spoke]
            stages.append(judgement.stage)
        if stages:
            _has_room(_shard(watched, decision), stages, watched.now)


def _shard(watched: Watched, decision: Decision) -> Room:
    """The room of the only shard, by what the decision rested on."""
    assert watched.snapshot is not None
    ((key, pod),) = watched.snapshot.pods.items()
    known = decision.carried.shards
    return room(
        pod,
        watched.snapshot.readings.get(key, Readings()),
        known.measured[key],
        known.sites,
        unowned=False,
        kills=known.kills.get(key, Kills()),
        policy=watched.policy,
        about_at=None,
        now=watched.now,
    )


def _has_room(here: Room, stages: Sequence[Stage], now: float) -> None:
    known, by, memory = here.measured, here.gauge, here.policy.memory
    _must(not here.stops, "nothing stops the shard")
    _must(known is not None and known.reading is not None and by is not None, "it was read")
    assert known is not None and known.reading is not None and by is not None
    _must(now - known.reading.at < memory.stale_after_s, "the reading is not stale")
    work = here.work
    for stage in stages:
        work = with_one(work, stage)
    used, more = kept(known.learned, work.spokes), transient(known.learned, work)
    _must(math.isfinite(used) and math.isfinite(more), "the operands are finite")
    most = memory.high * by.limit_bytes
    _must(by.charged(used + more) <= most, "it stays under the high mark")
    if Stage.NOTHING in stages:
        peak = by.charged(restart_peak(known.learned, work.spokes))
        _must(peak <= most, "it could start again")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise BreachError(what)


def lied_to(fleet: Fleet, lie: Lie, seed: int) -> Run:
    """One seed of one lie."""
    watched = Watched(
        drawn(replace(fleet, large=lie.large), seed), policy(lie.memory()), sight=lie.sight
    )
    return watched.run(Judge(fleet))


def main(arguments: Sequence[str] = ()) -> None:
    """Run, and print a table."""
    every = fleets()
    parser = argparse.ArgumentParser(prog="tests/run bench lying")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--fleet", default="50-tight", choices=every)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments)
    fleet = every[options.fleet]
    seeds = range(options.seeds)
    print(f"{fleet.name}: {fleet.spokes} spokes, {fleet.limit_mib:,.0f} MiB, {len(seeds)} seeds")
    print(f"  {'':26} {'kills':>6} {'in seeds':>8} {'peak':>6} {'settled':>9} {'x bound':>8}")
    with ProcessPoolExecutor(options.jobs) as pool:
        for name, lie in LIES.items():
            runs = list(pool.map(lied_to, [fleet] * len(seeds), [lie] * len(seeds), seeds))
            print(_line(name, runs), flush=True)


def _line(name: str, runs: Sequence[Run]) -> str:
    settled = [run.settled for run in runs]
    times = sorted(run.done_s / run.bound_s for run in runs if run.done_s is not None)
    whole = len(times) == len(runs)
    return (
        f"  {name:26} {sum(run.kills for run in runs):6} "
        f"{sum(run.kills > 0 for run in runs):8} {max(run.peak_share for run in runs):6.0%} "
        f"{f'{min(settled)}-{max(settled)}':>9} "
        f"{f'{times[len(times) // 2]:.2f}' if whole else f'{len(times)} done':>8}"
    )
