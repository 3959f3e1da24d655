"""What does this process count?

Counters and histograms of what happened here since it started. Whoever does a thing counts it; what
is so right now is in the report, and measured when somebody asks (gauges.py).

Facts (Prometheus, practices/naming): base units, `_total` for what only grows, a label never for
what has no bound. The label for a spoke is `spoke`, never `cluster`: Prometheus itself sets that.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

_TURN_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds: a turn after one event is aimed to stay under 5 ms, one from scratch under 1 s."""

_WAIT_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 14400.0, 43200.0, 86400.0)
"""Seconds: at once where there is room, a night where a window or a person is waited for."""
_SETTLE_BUCKETS = (10.0, 20.0, 40.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
"""Seconds: from the soak time alone to beyond the deadline, each by default."""


class Meters:
    """The counters of one process, in a registry of its own."""

    def __init__(self, version: str) -> None:
        """`version`: of what runs here."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        build = Info("gate_watcher_build", "What runs here.", registry=self.registry)
        build.info({"version": version, "python": platform.python_version()})
        self.admissions = self._counter("admissions", "Gates that were opened.", "tier")
        self.patches = self._counter(
            "patches", "Patches of Secrets, by what became of them.", "result"
        )
        self.gates_lost = self._counter(
            "gates_lost", "Open gates whose label went, by what that deletes.", "blast_radius"
        )
        self.events = self._counter(
            "events", "Events about the Secrets of spokes, by what became of them.", "result"
        )
        self.task_restarts = self._counter(
            "task_restarts", "Deaths of tasks; each kept one was started again.", "task"
        )
        self.reload_failures = self._counter(
            "config_reload_failures", "Changes of the policy file that could not be used."
        )
        self.reload_ok = Gauge(
            "gate_watcher_config_last_reload_successful",
            "Whether the policy file, as it was last read, is in force.",
            registry=self.registry,
        )
        self.decide_s = self._histogram("decide_duration", "Deciding.", _TURN_BUCKETS)
        self.turn_s = self._histogram(
            "turn_duration",
            "A whole turn: taking what is held, deciding, handing patches on.",
            _TURN_BUCKETS,
        )
        self.admission_wait_s = self._histogram(
            "admission_wait",
            "How long a gate that this process opened could have been open already.",
            _WAIT_BUCKETS,
            "tier",
        )
        self.settle_s = self._histogram(
            "settle_duration",
            "How long a gate that this process opened took to settle for the first time.",
            _SETTLE_BUCKETS,
            "tier",
        )

    def begin(self, *, tiers: Iterable[str], costs: Iterable[str], results: Iterable[str]) -> None:
        """Show a nought for each of these: of what begins with a one, no increase is ever seen."""
        for tier in tiers:
            self.admissions.labels(tier)
            self.admission_wait_s.labels(tier)
            self.settle_s.labels(tier)
        for cost in costs:
            self.gates_lost.labels(cost)
        for result in results:
            self.patches.labels(result)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"gate_watcher_{name}_total", what, labels, registry=self.registry)

    def _histogram(
        self, name: str, what: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            f"gate_watcher_{name}_seconds", what, labels, buckets=buckets, registry=self.registry
        )
