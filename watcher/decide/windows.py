"""Do the windows let gates open now, and if not, when do they again?

Knows the windows of the policy. Not the clock: `now` is an argument. Nothing of gates either: a
window that closes interrupts nothing, and at one that opens the queue goes on as it stands, within
its budgets.

A window is open for its duration from each beginning of its schedule, in time that passes; the
moment of its end does not belong to it. A beginning that comes while it is open prolongs it. A ring
may open gates while no window denies it, and, where windows allow it, while one of those is open.

Each turn asks for each ring, so what a window does in one week is worked out once and kept: it is a
constant of the window and the week.

Elsewhere: how a schedule is read, and what it does where clocks change (policy/schedules.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from watcher.decide.timers import earliest
from watcher.facts import Instant
from watcher.policy import Window, WindowKind, beginnings

_WEEK_S = 7 * 24 * 3600.0

_AHEAD_S = 53 * _WEEK_S
"""How far is looked ahead from the week that `now` is in: a year, whichever day it begins on."""

_KEPT = 4096
"""Weeks of windows: a year ahead of 70 of them. One takes a few hundred bytes, or, where a window
opens many times a day, a few thousand."""


class Shut(Struct, frozen=True):
    """No gate of the ring may open."""

    windows: tuple[str, ...]
    """Those that deny it now; or, where none does, those that allow it at other times."""
    kind: WindowKind
    until: Instant | None
    """When gates may open again, whatever else ends in between; None: not within a year."""


class _Week(Struct, frozen=True):
    """What a window does in one week."""

    turns: tuple[Instant, ...]
    """When it opens, when it closes, and so on; what reaches beyond the week is cut at its ends."""
    next_at: Instant | None
    """The first beginning after the week."""


def shut(windows: Iterable[Window], ring: str, now: Instant) -> Shut | None:
    """What keeps the gates of `ring` from opening; None where they may open.

    The same from `now` until `turns_at`.
    """
    concerned = tuple(window for window in windows if window.concerns(ring))
    against = _against(concerned, now)
    if not against:
        return None
    until = _opens_at(concerned, now)
    return Shut(tuple(window.name for window in against), against[0].kind, until)


def turns_at(windows: Iterable[Window], ring: str, now: Instant) -> Instant | None:
    """The next moment at which `shut` may answer otherwise; None where it never will."""
    concerned = tuple(window for window in windows if window.concerns(ring))
    turns = [_turn_at(window, now) for window in concerned]
    if _against(concerned, now) and _opens_at(concerned, now) is None:
        turns.append(_end(_week_of(now)))
    return earliest(turns)


def _against(windows: tuple[Window, ...], at: Instant) -> tuple[Window, ...]:
    """The windows that deny; where none does, those that allow, if none of them is open."""
    denying = tuple(one for one in windows if one.kind is WindowKind.DENY and _is_open(one, at))
    if denying:
        return denying
    allowing = tuple(one for one in windows if one.kind is WindowKind.ALLOW)
    return () if any(_is_open(one, at) for one in allowing) else allowing


def _opens_at(windows: tuple[Window, ...], now: Instant) -> Instant | None:
    """The first moment from `now` on at which nothing is against it; None where it is too far."""
    this_week = _end(_week_of(now))
    found = _opens_between(windows, now, this_week)
    return found if found is not None else _opens_later(windows, _week_of(now))


@lru_cache(maxsize=_KEPT)
def _opens_later(windows: tuple[Window, ...], week: int) -> Instant | None:
    """The same from the end of that week on: for windows that never open together, a walk through a
    whole year, which is not to be made at every turn.
    """
    return _opens_between(windows, _end(week), _end(week) + _AHEAD_S)


def _opens_between(windows: tuple[Window, ...], begin: Instant, limit: Instant) -> Instant | None:
    at: Instant | None = begin
    while at is not None and at < limit:
        against = _against(windows, at)
        if not against:
            return at
        at = earliest(_turn_at(window, at) for window in against)
    return None


def _is_open(window: Window, at: Instant) -> bool:
    return bisect_right(_week(window, _week_of(at)).turns, at) % 2 == 1


def _turn_at(window: Window, at: Instant) -> Instant | None:
    """When the window next opens or closes; None where it never does.

    Of one that stays open: the end of what is looked at.
    """
    if not _is_open(window, at):
        week = _week(window, _week_of(at))
        place = bisect_right(week.turns, at)
        return week.turns[place] if place < len(week.turns) else week.next_at
    limit = at + _AHEAD_S
    while _is_open(window, at) and at < limit:
        turns = _week(window, _week_of(at)).turns
        at = turns[bisect_right(turns, at)]
    return at


@lru_cache(maxsize=_KEPT)
def _week(window: Window, number: int) -> _Week:
    """What `window` does in the week of that number, counted from the epoch."""
    start, end = _end(number - 1), _end(number)
    begins = beginnings(window.schedule, window.time_zone, after=start - window.duration_s)
    turns: list[Instant] = []
    next_at: Instant | None = None
    for at in begins:
        if at >= end:
            next_at = at
            break
        opens, closes = max(at, start), min(at + window.duration_s, end)
        if turns and opens <= turns[-1]:
            turns[-1] = closes
        else:
            turns += (opens, closes)
    return _Week(tuple(turns), next_at)


def _week_of(at: Instant) -> int:
    return int(at // _WEEK_S)


def _end(week: int) -> Instant:
    return (week + 1) * _WEEK_S
