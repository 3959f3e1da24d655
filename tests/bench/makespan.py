"""How long does a rollout take, and is the controller killed on the way?

    tests/run bench makespan [--seeds N] [--fleets NAME,…] [--jobs N] [--svg FILE]

The same fleets (fleets.py) in every way in which people bring addons to them (ways.py), by the
product itself (watched.py), and what no way can beat (bound.py); all on the same model of the hub
(modelled.py), each seed a fleet of its own that every way meets alike.

The script with a fixed width gets the largest width that has no kill in any seed: it is looked for
here, as nobody could beforehand. Where even a width of one is killed, that one is shown.

Elsewhere: what readings that lie do to it (lying.py).
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench.drawing import drawing
from tests.bench.fleets import Fleet, drawn, fleets
from tests.bench.watched import watched
from tests.bench.ways import WAYS, Run, loop

PRODUCT = "watcher"
LOOP = "loop"
_FIRST_SEEDS = 8
"""So many are tried before all are: a width that is too large mostly shows at once."""
_WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768)


@dataclass(frozen=True)
class Result:
    """What came of one way with one fleet, over all seeds."""

    fleet: Fleet
    way: str
    runs: Sequence[Run]

    @property
    def kills(self) -> int:
        """In all seeds."""
        return sum(run.kills for run in self.runs)

    @property
    def seeds_killed(self) -> int:
        """How many seeds had a kill."""
        return sum(run.kills > 0 for run in self.runs)

    @property
    def done(self) -> list[float]:
        """The times of those that came to their end."""
        return sorted(run.done_s for run in self.runs if run.done_s is not None)

    @property
    def median_s(self) -> float | None:
        """None where half or more of the seeds never came to their end."""
        whole = len(self.done) * 2 > len(self.runs)
        return statistics.median(self.done) if whole else None

    @property
    def worst_s(self) -> float | None:
        """None where a seed never came to its end."""
        return self.done[-1] if len(self.done) == len(self.runs) else None

    def times_bound(self) -> list[float]:
        """The time of each seed, in its bound."""
        return sorted(run.done_s / run.bound_s for run in self.runs if run.done_s is not None)


def main(arguments: Sequence[str] = ()) -> None:
    """Run, and print a table and a picture."""
    every = fleets()
    parser = argparse.ArgumentParser(prog="tests/run bench makespan")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--fleets", default=",".join(every), help=", ".join(every))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--svg", type=Path, help="where to draw the picture")
    options = parser.parse_args(arguments)
    results: list[Result] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for name in options.fleets.split(","):
            print(_head(every[name], options.seeds), flush=True)
            for result in measured(every[name], range(options.seeds), pool):
                results.append(result)
                print(_line(result), flush=True)
            print(_summary([each for each in results if each.fleet.name == name]), flush=True)
    if options.svg is not None:
        options.svg.write_text(drawing(_bars(results)))


def measured(fleet: Fleet, seeds: Iterable[int], pool: Executor) -> Iterator[Result]:
    """Every way with one fleet."""
    seeds = tuple(seeds)
    for way in WAYS:
        yield _result(fleet, way, seeds, pool)
    yield _largest_loop(fleet, seeds, pool)
    yield _result(fleet, PRODUCT, seeds, pool)


def _largest_loop(fleet: Fleet, seeds: tuple[int, ...], pool: Executor) -> Result:
    widths = [fleet.spokes, *(w for w in reversed(_WIDTHS) if w < fleet.spokes)]
    for width in widths:
        way = f"{LOOP} {width}"
        for some in (seeds[:_FIRST_SEEDS], seeds):
            result = _result(fleet, way, some, pool)
            if result.kills:
                break
        else:
            return result
    return _result(fleet, f"{LOOP} 1", seeds, pool)


def _result(fleet: Fleet, way: str, seeds: Sequence[int], pool: Executor) -> Result:
    count = len(seeds)
    return Result(fleet, way, tuple(pool.map(run, [fleet] * count, [way] * count, seeds)))


def run(fleet: Fleet, way: str, seed: int) -> Run:
    """One seed of one way."""
    lot = drawn(fleet, seed)
    if way == PRODUCT:
        return watched(lot)
    if way.startswith(LOOP):
        return loop(lot, int(way.removeprefix(LOOP)))
    return WAYS[way](lot)


def _head(fleet: Fleet, seeds: int) -> str:
    soft = f", GOMEMLIMIT {fleet.traits().soft_limit_bytes or 0:,} bytes" if fleet.soft else ""
    return (
        f"\n{fleet.name}: {fleet.spokes} spokes x 8 addons on {fleet.shards} shard(s) of "
        f"{fleet.limit_mib:,.0f} MiB{soft}; {seeds} seeds\n"
        f"  {'':12} {'kills':>6} {'in seeds':>8} {'peak':>6} {'settled':>9} "
        f"{'median':>8} {'worst':>8} {'x bound':>8} {'worst':>6}"
    )


def _line(result: Result) -> str:
    settled = sorted(each.settled for each in result.runs)
    ratios = result.times_bound()
    return (
        f"  {result.way:12} {result.kills:6} {result.seeds_killed:8} "
        f"{max(each.peak_share for each in result.runs):6.0%} "
        f"{f'{settled[0]}-{settled[-1]}' if settled[0] != settled[-1] else settled[0]:>9} "
        f"{_seconds(result.median_s):>8} {_seconds(result.worst_s):>8} "
        f"{f'{statistics.median(ratios):.2f}' if result.median_s is not None else '':>8} "
        f"{f'{ratios[-1]:.2f}' if result.worst_s is not None else '':>6}  {_bar(result)}"
    )


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f} s"


def _bar(result: Result) -> str:
    """Twenty blocks are the bound."""
    if result.median_s is None:
        return "-"
    return "#" * min(60, round(20 * statistics.median(result.times_bound())))


def _summary(results: Sequence[Result]) -> str:
    by_way = {each.way.split()[0]: each for each in results}
    product, script, rush = by_way[PRODUCT], by_way[LOOP], by_way["at"]
    told = [f"bound {statistics.median(run.bound_s for run in product.runs):,.0f} s"]
    for name, other in ((script.way, script), ("at once", rush)):
        if product.median_s is not None and other.median_s is not None:
            told.append(f"watcher / {name}: {product.median_s / other.median_s:.2f}")
    return "  " + "   ".join(told)


def _bars(results: Iterable[Result]) -> Iterator[tuple[str, str, float | None, int, float]]:
    for each in results:
        ratios = each.times_bound()
        shown = statistics.median(ratios) if each.median_s is not None else None
        peak = max(run.peak_share for run in each.runs)
        yield each.fleet.name, each.way, shown, each.kills, peak
