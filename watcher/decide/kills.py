"""When was each controller killed for its memory?

A Pod's status tells only of its last end. So the ends are remembered as they are seen, for ten
minutes; right after a start of the watcher what the status says must do.

Facts (Kubernetes, pkg/kubelet/kuberuntime/kuberuntime_manager.go):
- `finishedAt` of an end stays what it is when the container is started again, and `restartCount`
  rises only then: hence an end is told from another by its time, and by the number of starts only
  where it has none.
- The first end is followed by a start at once. CrashLoopBackOff means that it was not the first
  one of late: a container that runs for ten minutes is forgiven.

Elsewhere: what is done about it (recovery.py, pressure.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from watcher.facts import Ended, Instant, Pod

REMEMBERED_S = 600.0
"""How long a kill counts: as long as a container must run before the kubelet forgives its ends."""

_BACK_OFF = "CrashLoopBackOff"


class Kills(Struct, frozen=True):
    """The kills of one controller, as far as this process saw, or a status told it."""

    at: tuple[Instant, ...] = ()
    """Those of the last ten minutes, oldest first."""
    count: int = 0
    """All of them."""
    last_at: Instant | None = None
    """The last one, however long ago."""
    pod: str = ""
    """The UID of the Pod that was looked at last."""
    restarts: int = 0
    """How often it had been started again then."""
    ended: Ended | None = None
    """How it had ended then."""


def kills(before: Mapping[str, Kills], pods: Mapping[str, Pod], now: Instant) -> dict[str, Kills]:
    """The kills by the Pod's namespace/name, those included that `pods` show. Those of a Pod that
    is gone are kept as long as they count: a StatefulSet's next one has its name.
    """
    after = {}
    for key in before.keys() | pods.keys():
        known, pod = before.get(key), pods.get(key)
        each = Kills() if known is None else known
        if pod is not None:
            each = _looked_at(each, pod, now)
        each = _recent(each, now)
        if pod is not None or each.at:
            after[key] = each
    return after


def _looked_at(known: Kills, pod: Pod, now: Instant) -> Kills:
    times = _new(known, pod, now)
    if not times and _same(known, pod):
        return known
    return Kills(
        at=tuple(sorted((*known.at, *times))),
        count=known.count + len(times),
        last_at=max((known.last_at, *times), key=_or_never) if times else known.last_at,
        pod=pod.uid,
        restarts=pod.restarts,
        ended=pod.ended,
    )


def _same(known: Kills, pod: Pod) -> bool:
    return (known.pod, known.restarts, known.ended) == (pod.uid, pod.restarts, pod.ended)


def _new(known: Kills, pod: Pod, now: Instant) -> tuple[Instant, ...]:
    """When the kills were that this look adds; a node's clock may be ahead of ours."""
    ended = pod.ended
    if ended is None or not ended.for_memory:
        return ()
    first = known.pod != pod.uid
    if ended.at is None:
        # An end without a time, seen for the first time, may be of any day.
        return () if first or pod.restarts <= known.restarts else (now,)
    at = min(ended.at, now)
    if not first:
        return (at,) if _later(ended.at, known.ended) else ()
    if at <= _or_never(known.last_at) or at <= now - REMEMBERED_S:
        return ()
    looping = pod.waiting == _BACK_OFF and pod.restarts >= 2
    return (at, at) if looping and not known.at else (at,)


def _later(at: Instant, known: Ended | None) -> bool:
    return known is None or known.at is None or at > known.at


def _or_never(at: Instant | None) -> Instant:
    return float("-inf") if at is None else at


def _recent(known: Kills, now: Instant) -> Kills:
    if not known.at or known.at[0] > now - REMEMBERED_S:
        return known
    return replace(known, at=tuple(at for at in known.at if at > now - REMEMBERED_S))
