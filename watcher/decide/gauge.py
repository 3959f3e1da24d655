"""What does live heap come to, against which limit?

All sums are made in live heap, and converted once, here.

Facts (measured on a real controller; Go, runtime/debug.SetGCPercent, SetMemoryLimit):
- Resident memory follows the peak of live heap: 90 MiB, and live heap once more for every GOGC
  percent that may be added before the next collection. What a memory cgroup charges is less by the
  program's file, and more by what the kernel holds for it: by 80 MiB at 100 resident, 62 at 500, 53
  at 700.
- Under GOMEMLIMIT resident memory sits at that limit and says nothing. Live heap against it says
  how full the process is: the nearer, the more often it collects. It does not die, it crawls.
- What the kernel charges beside the heap comes on top of GOMEMLIMIT.
- GOGC=off without GOMEMLIMIT never collects.
"""

from __future__ import annotations

from msgspec import Struct

from watcher.facts import Pod, Reading
from watcher.policy import Memory


class Gauge(Struct, frozen=True):
    """How one controller's live heap is measured against its limit."""

    limit_bytes: float
    overhead_bytes: float
    factor: float
    """What a byte of live heap comes to."""
    soft: bool = False
    """Whether the limit is GOMEMLIMIT, and live heap itself is measured against it."""

    def charged(self, live_bytes: float) -> float:
        """What this much live heap comes to, in bytes as they count against the limit."""
        return self.overhead_bytes + self.factor * live_bytes

    def live(self, charged_bytes: float) -> float:
        """The live heap that comes to `charged_bytes`."""
        return max(0.0, charged_bytes - self.overhead_bytes) / self.factor


def gauge(pod: Pod, reading: Reading, memory: Memory) -> Gauge | str | None:
    """How the controller is measured; None where it has no limit; a text says why it cannot be."""
    limit, soft = hard_limit(pod, memory), reading.soft_limit_bytes
    if soft is not None and (limit is None or soft < limit):
        most = soft if limit is None else min(soft, limit - memory.overhead_bytes)
        return Gauge(most, 0.0, 1.0, soft=True)
    if limit is None:
        return None
    if reading.gogc_percent is None:
        return "GOGC is off and there is no GOMEMLIMIT below its limit: its memory has no bound"
    return Gauge(limit, memory.overhead_bytes, 1.0 + reading.gogc_percent / 100.0)


def hard_limit(pod: Pod, memory: Memory) -> int | None:
    """The memory limit: of the policy's and the Pod's the lower one; None where there is none. The
    kernel kills by the Pod's, whatever a policy says.
    """
    known = [each for each in (memory.limit_bytes, pod.limit_bytes) if each is not None]
    return min(known, default=None)
