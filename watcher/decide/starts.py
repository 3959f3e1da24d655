"""What does a restart take?

A start is watched until the controller has come to rest. One that was watched whole says what
starting takes; one that was killed, or not read from its beginning, only ever raises it.

Facts (measured on an Argo CD 3.5 controller): a restart loads every cluster at once and rests after
30 to 75 seconds; with 10, 20 and 30 spokes it peaked at 1.3 to 1.4 times what they kept then.

Elsewhere: what a restart is said to take (estimates.py).
"""

from __future__ import annotations

from msgspec.structs import replace

from watcher.decide.estimates import (
    TRUSTED,
    Learned,
    Start,
    Work,
    noted,
    restart_peak,
    standing,
)
from watcher.facts import Reading

_YOUNG_S = 20.0
"""A start whose first reading came within it was read from its beginning."""

_RESTLESS_S = 300.0
"""A start that has not come to rest by then is taken for over, and has proved nothing."""

_AT_REST = 3
"""Readings in a row with one collection at most."""

_MOST_FACTOR = 3.0
"""A restart that seems to take more has larger spokes than is thought."""

_UNSEEN = 1.1
"""The peak of a restart, in the highest of its many readings."""

_SHARE = 0.25
"""How far down one restart moves what they are said to take."""


def started(before: Learned, reading: Reading, work: Work) -> Start | None:
    """The start of a process that was not known; None where it is so old that it is over, or has
    nothing to load.
    """
    age_s = reading.at - reading.process_started_at
    if age_s > _RESTLESS_S or work.spokes <= 0:
        return None
    foretold = restart_peak(before, work.spokes)
    whole = age_s <= _YOUNG_S
    return Start(before.restart_factor, foretold, whole=whole, spokes=work.spokes)


def starting(known: Learned, start: Start, reading: Reading, work: Work) -> Learned:
    """A start: its peak, until it has come to rest."""
    hardly = reading.collections - known.collections <= 1.0 and reading.at > (
        reading.process_started_at + _YOUNG_S
    )
    start = replace(
        start,
        peak_bytes=max(start.peak_bytes, reading.live_bytes),
        calm=(*start.calm, reading.live_bytes) if hardly else (),
    )
    known = _restart_raised(replace(known, start=start), start.peak_bytes, work.spokes)
    if len(start.calm) >= _AT_REST:
        return _at_rest(replace(known, start=None), start, work.spokes)
    if reading.at - reading.process_started_at > _RESTLESS_S:
        return replace(known, start=None)
    return known


def _restart_raised(known: Learned, peak_bytes: float, spokes: int) -> Learned:
    if spokes <= 0 or peak_bytes <= restart_peak(known, spokes):
        return known
    factor = min(_MOST_FACTOR, peak_bytes / max(1.0, standing(known, spokes)))
    return replace(known, restart_factor=max(known.restart_factor, factor))


def _at_rest(known: Learned, start: Start, spokes: int) -> Learned:
    """A start that was watched from its beginning to its rest says what a restart takes. Where so
    little is loaded that one load more is what counts, it says nothing.
    """
    if not start.whole or spokes <= 0:
        return known
    known = noted(known, "restart", start.predicted_bytes, start.peak_bytes)
    rest = max(TRUSTED * standing(known, spokes), min(start.calm))
    if start.peak_bytes > start.predicted_bytes:
        factor = start.peak_bytes / max(1.0, rest)
        return replace(known, restart_factor=min(_MOST_FACTOR, max(start.factor, factor)))
    if start.predicted_bytes > start.factor * standing(known, spokes):
        return known
    factor = max(1.0, _UNSEEN * start.peak_bytes / max(1.0, rest))
    lower = start.factor - _SHARE * max(0.0, start.factor - factor)
    return replace(known, restart_factor=lower)
