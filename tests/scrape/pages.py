"""Pages of metrics: real ones, and small ones in which only what matters differs."""

from __future__ import annotations

import gzip
from pathlib import Path

from watcher.facts import Reading
from watcher.scrape.parsing import Page

AT = 1_800_000_000.0
RECORDED = Path(__file__).parent.parent / "captured" / "metrics"
"""What the application controller of Argo CD 3.5.1 answered: `idle` before it had a cluster,
`one-spoke` with one loaded, `parked` after that one was parked."""

NUMBERS = {
    "process_resident_memory_bytes": "3.21732608e+08",
    "process_start_time_seconds": "1.79551538947e+09",
    "go_gc_heap_live_bytes": "3.3955056e+07",
    "go_gc_heap_goal_bytes": "7.2975762e+07",
    "go_gc_cycles_total_gc_cycles_total": "61",
    "go_gc_gogc_percent": "100",
    "go_gc_gomemlimit_bytes": "9.223372036854776e+18",
    "go_cpu_classes_gc_total_cpu_seconds_total": "1.5",
    "go_cpu_classes_total_cpu_seconds_total": "52.5",
    "go_cpu_classes_idle_cpu_seconds_total": "42.5",
}


def recorded(name: str) -> bytes:
    """One of the recorded pages."""
    return gzip.decompress((RECORDED / f"{name}.txt.gz").read_bytes())


def page(*more: str, **other: str | None) -> bytes:
    """A whole page: `other` numbers (None: not shown), and `more` lines."""
    shown = {**NUMBERS, **other}
    lines = [f"{name} {number}" for name, number in shown.items() if number is not None]
    return "".join(f"{line}\n" for line in (*lines, *more)).encode()


def read(body: bytes, *, at_once: int = 1 << 16) -> Reading | str:
    """What a page says that comes in pieces of so many bytes."""
    coming = Page()
    for begins in range(0, len(body), at_once):
        coming.take(body[begins : begins + at_once])
    return coming.reading(AT)


def reading(body: bytes) -> Reading:
    """The same, where nothing may be against it."""
    said = read(body)
    assert isinstance(said, Reading), said
    return said
