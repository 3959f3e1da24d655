"""What do the keys of the controllers' memory mean together, and what is wrong with that?

What one key alone cannot show: marks that are upside down, readings that are stale before the next
one comes, a limit that the overhead alone fills.

Elsewhere: what is wrong with one key (reading.py); what the numbers do (decide/).
"""

from __future__ import annotations

from typing import Any

from watcher.policy.amounts import say_amount
from watcher.policy.durations import say_duration
from watcher.policy.policy import Memory
from watcher.policy.reading import Reading

_DEFAULTS = Memory()


def note_memory(reading: Reading, read: dict[str, Any]) -> None:
    """Note what is wrong with the section `memory` as it was read, one key against another."""
    _note_marks(reading, read)
    _note_staleness(reading, read)
    _note_overhead(reading, read)


def _note_marks(reading: Reading, read: dict[str, Any]) -> None:
    low, high = _number(read, "low"), _number(read, "high")
    if low is None or high is None or low < high:
        return
    key = "memory.low" if "low" in read else "memory.high"
    problem = f"the low mark is {low:g} and the high one {high:g}, so no shard would be full"
    reading.fault(key, problem, "make low less than high, as 0.7 and 0.85")


def _note_staleness(reading: Reading, read: dict[str, Any]) -> None:
    every_s, after_s = _number(read, "scrape_every_s"), _number(read, "stale_after_s")
    if every_s is None or after_s is None or every_s < after_s:
        return
    key = "memory.staleAfter" if "stale_after_s" in read else "memory.scrapeEvery"
    problem = (
        f"a reading is stale after {say_duration(after_s)}, and the next one comes after "
        f"{say_duration(every_s)}, so nothing would be admitted in between"
    )
    reading.fault(key, problem, "make staleAfter several times scrapeEvery, as 30s and 5s")


def _note_overhead(reading: Reading, read: dict[str, Any]) -> None:
    limit, high = read.get("limit_bytes"), _number(read, "high")
    overhead = _number(read, "overhead_bytes")
    if not isinstance(limit, int) or high is None or overhead is None or overhead < high * limit:
        return
    problem = (
        f"of {say_amount(limit)} the share {high:g} is all taken by the overhead of "
        f"{say_amount(int(overhead))}, so nothing would ever be admitted"
    )
    reading.fault("memory.limit", problem, "write the limit that the Pods have, as 4Gi")


def _number(read: dict[str, Any], field: str) -> float | None:
    """What the file says or leaves to the default; None where it is wrong by itself."""
    value = read.get(field, getattr(_DEFAULTS, field))
    return value if isinstance(value, int | float) else None
