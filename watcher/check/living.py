"""Does a watcher lead, does it answer, and do the clocks agree?

Ages are by the hub's own clock: this machine's may be wrong, and that is one of the findings.

Facts: the watcher compares its own time with what Argo CD stamps, in whole seconds; a stamp more
than a minute ahead counts as not yet (decide/freshness.py). A leader renews every two seconds.

Elsewhere: the lease itself (hub/lease.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.check.finding import Check, Finding
from watcher.check.sight import Held, Sight, Unread, Unseen
from watcher.facts import Instant, rfc3339

LEASE = Check("lease", "who leads, since when, and when it last said so")
READY = Check("ready", "that a watcher answers /readyz through its Service")
CLOCK = Check("clock", "how far this machine's clock is from the hub's")

MOST_SKEW_S = 5.0
"""Half of the default soak: past that, what settled may be judged by the status from before."""

_LATE_S = 5.0
"""How much longer than it lasts a lease is waited for: another takes it, and tells that it did."""

_NOT_YET = "not there yet; it comes with the installation"


def lease(sight: Sight) -> Iterator[Finding]:
    """Nobody opens gates who does not hold it."""
    seen = sight.lease
    if isinstance(seen, Unread):
        if seen.why is not Unseen.ABSENT:
            yield LEASE.unseen(seen)
        elif sight.before:
            yield LEASE.ok(_NOT_YET)
        else:
            yield LEASE.fault("there is none: no watcher has begun here", _look(sight))
    elif not seen.holder:
        when = f", {rfc3339(seen.renewed_at)}" if seen.renewed_at is not None else ""
        yield LEASE.fault(f"nobody leads: the last one to lead ended in order{when}", _look(sight))
    else:
        yield from _of(sight, seen)


def ready(sight: Sight) -> Iterator[Finding]:
    """Its Service leads to ready Pods alone, so one that answers is ready."""
    seen = sight.ready
    if not isinstance(seen, Unread):
        if not seen.unknown:
            yield READY.ok("a watcher answers, and is ready")
        for each in seen.unknown:
            yield READY.warning(
                f"a watcher answers, and is ready, but does not know {each}",
                "its log has all that is wrong there",
            )
    elif seen.why is Unseen.FORBIDDEN:
        yield READY.warning(
            "not looked at: you may not use the API server's proxy to its Service (403)",
            f"ask for the Role gate-watcher-viewer in {sight.home}",
        )
    elif seen.why is Unseen.ABSENT and sight.before:
        yield READY.ok(_NOT_YET)
    else:
        yield READY.fault(f"no watcher answers: {seen.said}", _look(sight))


def clock(sight: Sight) -> Iterator[Finding]:
    """Only a warning: what counts is the clock where the watcher runs."""
    seen = sight.skew
    if isinstance(seen, Unread):
        yield CLOCK.unseen(seen)
        return
    off = abs(seen.ahead_s)
    side = "ahead of" if seen.ahead_s > 0 else "behind"
    if off - seen.within_s <= MOST_SKEW_S:
        yield CLOCK.ok(
            f"it differs from the hub's by {off:.1f} s, give or take {seen.within_s:.1f}"
        )
        return
    yield CLOCK.warning(
        f"this machine is {off:.1f} s {side} the hub, give or take {seen.within_s:.1f}",
        "set its clock by NTP; where the watcher runs, and the controllers, that decides when a "
        "gate has settled",
    )


def _of(sight: Sight, held: Held) -> Iterator[Finding]:
    since = f" since {rfc3339(held.acquired_at)}" if held.acquired_at is not None else ""
    who = f"{held.holder} leads{since}"
    if held.renewed_at is None:
        yield LEASE.fault(f"{who}, and never renewed it", _look(sight))
        return
    age_s = _age_s(sight, held.renewed_at)
    if age_s is None:
        yield LEASE.ok(f"{who}, and renewed it {rfc3339(held.renewed_at)}")
    elif age_s > held.duration_s + _LATE_S:
        yield LEASE.fault(
            f"nobody leads: {held.holder} did{since}, and last renewed it "
            f"{rfc3339(held.renewed_at)}, {age_s:.0f} s ago",
            _look(sight),
        )
    else:
        yield LEASE.ok(f"{who}, and renewed it {max(0.0, age_s):.0f} s ago")


def _age_s(sight: Sight, at: Instant) -> float | None:
    return None if isinstance(sight.skew, Unread) else sight.skew.hub_at - at


def _look(sight: Sight) -> str:
    return (
        f"look at its Pods: kubectl -n {sight.home} get pods "
        "-l app.kubernetes.io/name=gate-watcher, and at their log"
    )
