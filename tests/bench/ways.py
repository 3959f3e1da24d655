"""How else could addons be brought to a fleet? What people do without the watcher.

Each way is given a hub (modelled.py) and drives it to the end, or until it is given up.
- `at once`: every ApplicationSet is applied at once.
- `every 30 s`: one ApplicationSet after the other, 30 s apart, each to the whole fleet.
- `steps`: every ApplicationSet rolls its Applications out in ten steps, the next one when all of
  the step are healthy (Argo CD's RollingSync: all Applications are made at once, and wait).
- `loop N`: a script that looks every five seconds and keeps N spokes in progress, tier after tier
  on each, by health alone. It gives a spoke up after half an hour, as the product does.

Elsewhere: the product (watched.py); what no way can beat (bound.py).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tests.bench.bound import bound_s
from tests.bench.fleets import ADDONS, TIERS, Lot
from tests.bench.modelled import Hub, Stage

PAUSE_S = 30.0
STEPS = 10
LOOKS_EVERY_S = 5.0
DEADLINE_S = 1800.0
_GIVEN_UP_AFTER = 4.0
"""Times the bound, and half an hour: much longer than anybody looks on."""


@dataclass(frozen=True)
class Run:
    """What became of one fleet under one way."""

    kills: int
    peak_share: float
    """The most any controller took, of its limit."""
    settled: int
    """Spokes with all addons healthy at the end."""
    done_s: float | None
    """When everything was that could be; None: it never came to that."""
    bound_s: float


Way: TypeAlias = Callable[[Lot], Run]


def horizon_s(lot: Lot) -> float:
    """When a way is given up."""
    return _GIVEN_UP_AFTER * bound_s(lot) + DEADLINE_S


def ended(hub: Hub) -> Run:
    """What became of it."""
    return Run(
        kills=hub.kills,
        peak_share=max(each.peak_share() for each in hub.controllers),
        settled=hub.settled_spokes(),
        done_s=hub.done_at,
        bound_s=bound_s(hub.lot),
    )


def _run_out(hub: Hub) -> Run:
    """Nobody does anything more."""
    until = horizon_s(hub.lot)
    while hub.done_at is None and hub.at < until and not hub.at_rest:
        hub.advance(min(hub.at + 60.0, until))
    hub.advance(hub.at + 2.0 * LOOKS_EVERY_S)
    return ended(hub)


def at_once(lot: Lot) -> Run:
    """Everything is applied."""
    hub = Hub(lot)
    for each in lot.apps:
        hub.make(each)
    return _run_out(hub)


def every_30_s(lot: Lot) -> Run:
    """One ApplicationSet after the other."""
    hub = Hub(lot)
    for _, addon in ADDONS:
        for each in lot.apps:
            if each.addon == addon:
                hub.make(each)
        hub.advance(hub.at + PAUSE_S)
    return _run_out(hub)


def steps(lot: Lot) -> Run:
    """Each ApplicationSet by itself, a tenth of the fleet at a time."""
    hub = Hub(lot)
    for each in lot.apps:
        hub.make(each, syncs=False)
    width = math.ceil(lot.fleet.spokes / STEPS)
    at = {addon: -width for _, addon in ADDONS}
    until = horizon_s(lot)
    while hub.done_at is None and hub.at < until and not hub.at_rest:
        for addon, first in at.items():
            here = range(max(first, 0), min(first + width, lot.fleet.spokes))
            if first < lot.fleet.spokes and all(_healthy(hub, one, addon) for one in here):
                at[addon] = first + width
                for spoke in range(first + width, min(first + 2 * width, lot.fleet.spokes)):
                    hub.sync(spoke, addon)
        hub.advance(hub.at + LOOKS_EVERY_S)
    return ended(hub)


def loop(lot: Lot, width: int) -> Run:
    """A fixed number of spokes in progress."""
    hub = Hub(lot)
    waiting = deque(range(lot.fleet.spokes))
    order = tuple(TIERS)
    under_way: dict[int, tuple[int, float]] = {}
    until = horizon_s(lot)
    while hub.done_at is None and hub.at < until and not hub.at_rest:
        for spoke, (at, since) in list(under_way.items()):
            if not _tier_healthy(hub, spoke, order[at]):
                if hub.at >= since + DEADLINE_S:
                    del under_way[spoke]
                continue
            if at + 1 == len(order):
                del under_way[spoke]
                continue
            under_way[spoke] = at + 1, hub.at
            hub.open(spoke, order[at + 1])
        while waiting and len(under_way) < width:
            spoke = waiting.popleft()
            under_way[spoke] = 0, hub.at
            hub.open(spoke, order[0])
        hub.advance(hub.at + LOOKS_EVERY_S)
    return ended(hub)


def _healthy(hub: Hub, spoke: int, addon: str) -> bool:
    app = hub.apps.get((spoke, addon))
    return app is not None and app.stage is Stage.HEALTHY


def _tier_healthy(hub: Hub, spoke: int, tier: str) -> bool:
    return all(_healthy(hub, spoke, addon) for of, addon in ADDONS if of == tier)


WAYS: dict[str, Way] = {"at once": at_once, "every 30 s": every_30_s, "steps": steps}
"""Those that have nothing to be chosen."""
