"""What a taker of the ingest benchmark prints of itself."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.served import EVENTS


def peak_mib() -> float:
    """The kernel's own mark of this program; that of getrusage is inherited from who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


@dataclass
class Stopwatch:
    base_mib: float = field(default_factory=peak_mib)
    marks: list[tuple[float, float]] = field(default_factory=list)

    def mark(self) -> None:
        self.marks.append((time.perf_counter(), time.process_time()))

    def report(self) -> None:
        """The marks are: the start, the list taken in, the last event taken in."""
        (began, began_cpu), (listed, listed_cpu), (ended, ended_cpu) = self.marks
        print(
            json.dumps(
                {
                    "list_s": listed - began,
                    "list_cpu_s": listed_cpu - began_cpu,
                    "events_s": ended - listed,
                    "event_cpu_us": (ended_cpu - listed_cpu) / EVENTS * 1e6,
                    "peak_mib": peak_mib(),
                    "base_mib": self.base_mib,
                }
            )
        )
