"""A controller that is read every five seconds, and what is learned of it.

All figures are MiB of live heap.
"""

from __future__ import annotations

from watcher.decide.bounds import Cell
from watcher.decide.estimates import beside
from watcher.decide.predictor import Learned, Work, learned, transient, unlearned
from watcher.facts import Cluster, Reading
from watcher.policy import Prior
from watcher.policy.policy import MIB

STARTED_AT = 1000.0
FIRST = unlearned(Prior())


class Controller:
    """A controller that is read every five seconds, and what is learned of it."""

    def __init__(self, known: Learned = FIRST) -> None:
        self.known = known
        self.at = STARTED_AT + 3600.0
        self.started_at = STARTED_AT
        self.collections = 100.0
        self.holds: tuple[str, ...] = ()
        """Servers of the clusters that it exports."""

    def shows(
        self, *live_mib: float, work: Work, collections: float = 3.0, after_s: float = 5.0
    ) -> Learned:
        for live in live_mib:
            self.at += after_s
            self.collections += collections
            self.known = learned(self.known, self._reading(live), work)
        return self.known

    def starts_again(self) -> None:
        self.started_at = self.at
        self.collections = 0.0

    def _reading(self, live_mib: float) -> Reading:
        return Reading(
            at=self.at,
            resident_bytes=2 * live_mib * MIB,
            live_bytes=live_mib * MIB,
            goal_bytes=2 * live_mib * MIB,
            collections=self.collections,
            gogc_percent=100.0,
            soft_limit_bytes=None,
            collecting_s=0.0,
            busy_s=0.0,
            process_started_at=self.started_at,
            clusters={server: Cluster() for server in self.holds},
        )


def in_mib(amount: float) -> float:
    return amount / MIB


def work_mib(known: Learned, work: Work) -> float:
    """What the work takes by itself, beside what all that stands takes meanwhile."""
    return in_mib(transient(known, work) - beside(known, work.spokes, Cell(1)))


def loaded(spokes: int, *, known: Learned = FIRST) -> Controller:
    """A controller with these spokes, read for as long as it takes to know its floor."""
    controller = Controller(known)
    controller.shows(*[8.0 + 12.0 * spokes] * 6, work=Work(spokes))
    return controller
