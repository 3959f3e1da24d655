"""When does a schedule begin, and does it at all?

A schedule is a cron expression of five fields, read in a time zone by Debian cron's rules, as the
library cronsim has them. The tables of the time zones are on disk, or in the package tzdata, and
are read when a zone is first asked for. They are constants of the world, as the names of the months
are: the same question has the same answer, so what asks here stays pure.

Facts (Debian cron, cron(8), as cronsim has them): where clocks go forward, what begins at a fixed
time in the hour that is skipped begins at the end of it; where they go back, what begins at a fixed
time in the hour that comes twice begins in the first of the two. What has a star in its minute or
hour follows the time that passes: it has no beginning in an hour that is skipped, and begins in
both of those that are one.
Fact (Vixie cron): a day is one of the schedule where the day of the month *or* the day of the week
is, unless one of the two fields begins with a star; then both must be.

Elsewhere: what is wrong with a window of the file (windows.py); how long a window is open, and what
it then does (decide/windows.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from watcher.facts import Instant

_ANY = datetime(2024, 1, 1, tzinfo=UTC) - timedelta(seconds=1)
"""Just before a year with a 29 February, from which on a schedule is looked through."""

_LOOKED_THROUGH = timedelta(days=400)
"""More than a year, so that the turn of one lies within it."""


def beginnings(schedule: str, time_zone: str, *, after: Instant) -> Iterator[Instant]:
    """When `schedule` begins after `after`, one by one, for as long as they are asked for.

    It ends where there is none for 50 years. Raises CronSimError or ZoneInfoNotFoundError on what
    is no schedule or no zone: `read_policy` has found both.
    """
    begins = CronSim(schedule, datetime.fromtimestamp(after, ZoneInfo(time_zone)))
    return (at for at in (each.timestamp() for each in begins) if at > after)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def unread(schedule: str) -> str:
    """The field of `schedule`, a text of five fields, that cron cannot read; empty where none is.

    A day that is in no month, as 30 February, can be read.
    """
    minute, hour, day, month, weekday = schedule.split()
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", _ANY)
        CronSim(f"* * * {month} *", _ANY)
    except CronSimError as error:
        return str(error).removeprefix("Bad ").replace("-", " ")
    return ""


def longest_pause_s(schedule: str) -> float | None:
    """The longest time from one beginning to the next; None where it never begins.

    As it is where no clock changes, looked at over a year; infinite where it begins on less than
    two days of that.
    """
    minute, hour, *date = schedule.split()
    try:
        if next(CronSim(schedule, _ANY), None) is None:
            return None
    except CronSimError:
        return None
    begins = list(_until(CronSim(f"{minute} {hour} * * *", _ANY), timedelta(days=1)))
    days = list(_until(CronSim(f"0 0 {' '.join(date)}", _ANY), _LOOKED_THROUGH))
    overnight = begins[0] - begins[-1]
    pauses = [later - earlier for earlier, later in pairwise(begins)]
    pauses += [later - earlier + overnight for earlier, later in pairwise(days)]
    return max(pauses).total_seconds() if len(days) > 1 else inf


def _until(begins: CronSim, length: timedelta) -> Iterator[datetime]:
    for at in begins:
        if at > _ANY + length:
            return
        yield at
