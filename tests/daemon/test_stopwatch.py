from __future__ import annotations

from typing import Any

from prometheus_client import generate_latest

from tests.builders import (
    DAY,
    NOW,
    annotation,
    application,
    application_set,
    policy,
    settled_since,
    snapshot,
    spoke,
)
from watcher.daemon.stopwatch import Stopwatch
from watcher.decide import Gate, PatchGates, State, decide
from watcher.decide.changes import GateChanged, SpokeLeft
from watcher.facts import Spoke
from watcher.serve.meters import Meters

SETS = [application_set(tier, tier) for tier in ("crds", "compute")]
OPENED = {"crds": NOW - 100.0}


class Timed:
    """A stopwatch that was told of one decision."""

    def __init__(self, *spokes: Spoke, **apps: Any) -> None:
        self.meters = Meters("1")
        self.watch = Stopwatch(self.meters)
        here = snapshot(spokes, SETS, apps.get("apps", ()))
        decision = decide(here, policy("crds", "compute"), NOW)
        (self.patch,) = decision.patches
        self.watch.decided(decision)

    def opened(self, at: float) -> PatchGates:
        self.watch.opened(self.patch, at)
        return self.patch

    def turns(self, tier: str, state: State, at: float) -> None:
        gate = Gate("uid-a", tier)
        self.watch.changed(GateChanged(gate, "a", "argocd", "cluster-a", None, state, ()), at)

    def shown(self, name: str, tier: str) -> tuple[float, float] | None:
        """How many were measured, and for how long all together."""
        lines = dict(
            line.rsplit(" ", 1)
            for line in generate_latest(self.meters.registry).decode().splitlines()
            if line.startswith(f"gate_watcher_{name}_seconds")
        )
        found = [lines.get(f'gate_watcher_{name}_seconds_{of}{{tier="{tier}"}}') for of in _OF]
        return None if None in found else (float(found[0] or 0), float(found[1] or 0))


_OF = ("count", "sum")


def test_the_first_gate_has_waited_since_its_secret_was_made() -> None:
    timed = Timed(spoke())
    timed.opened(NOW + 2.0)
    assert timed.shown("admission_wait", "crds") == (1, DAY + 2.0)


def test_a_later_one_since_the_one_below_has_settled() -> None:
    settled = settled_since(NOW - 50.0, "crds")
    timed = Timed(spoke(opened=OPENED), apps=[settled])
    assert timed.opened(NOW + 2.0).opens == ("compute",)
    assert timed.shown("admission_wait", "compute") == (1, 50.0 - 10.0 + 2.0), "10 s of soak"


def test_what_was_decided_and_never_carried_out_is_not_measured() -> None:
    timed = Timed(spoke())
    timed.turns("crds", State.SETTLED, NOW + 60.0)
    assert timed.shown("admission_wait", "crds") is None
    assert timed.shown("settle_duration", "crds") is None


def test_a_gate_is_measured_until_it_settles_for_the_first_time() -> None:
    timed = Timed(spoke())
    timed.opened(NOW + 2.0)
    timed.turns("crds", State.PROGRESSING, NOW + 3.0)
    assert timed.shown("settle_duration", "crds") is None
    for at in (32.0, 4000.0):
        timed.turns("crds", State.SETTLED, NOW + at)
    assert timed.shown("settle_duration", "crds") == (1, 30.0)


def test_a_gate_that_was_lost_has_not_waited() -> None:
    timed = Timed(spoke(opened=annotation({"crds": NOW - DAY})), apps=[application("crds")])
    assert timed.opened(NOW).urgent
    timed.turns("crds", State.SETTLED, NOW + 10.0)
    assert timed.shown("admission_wait", "crds") is None
    assert timed.shown("settle_duration", "crds") is None


def test_a_spoke_that_left_is_not_waited_for() -> None:
    timed = Timed(spoke())
    timed.opened(NOW)
    timed.watch.changed(SpokeLeft("uid-a", "a"), NOW + 1.0)
    timed.turns("crds", State.SETTLED, NOW + 10.0)
    assert timed.shown("settle_duration", "crds") is None
