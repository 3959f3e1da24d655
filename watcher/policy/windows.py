"""What does each window of a file mean, also with its rings, and what is wrong with that?

What one key alone cannot show: a schedule that never comes, a time zone that is none, a window that
comes again before it has ended and so never does, names that occur twice, rings that are not there.

Elsewhere: what is wrong with one key (reading.py); how a schedule is read (schedules.py); what the
windows do (decide/windows.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from watcher.policy.durations import say_duration
from watcher.policy.faults import near, quoted
from watcher.policy.names import named, note_each_unknown, places
from watcher.policy.reading import Reading
from watcher.policy.schedules import is_zone, longest_pause_s, unread


def note_windows(reading: Reading, read: list[Any], *, rings: Iterable[str]) -> None:
    """Note what is wrong with the windows as they were read."""
    places(reading, "windows", [named(window) for window in read])
    for index, window in enumerate(read):
        if not isinstance(window, dict):
            continue
        key = f"windows[{index}]"
        _note_schedule(reading, window, key)
        _note_zone(reading, window, key)
        note_each_unknown(reading, f"{key}.rings", window.get("rings"), known=rings, thing="ring")


def _note_schedule(reading: Reading, window: dict[str, Any], key: str) -> None:
    here, schedule = f"{key}.schedule", window.get("schedule")
    if not isinstance(schedule, str) or here in reading.faulty:
        return
    if field := unread(schedule):
        problem = f"the {field} of {quoted(schedule)} is none that cron knows"
        reading.fault(here, problem, 'write it as cron does, as "0 22 * * 5"')
        return
    pause_s = longest_pause_s(schedule)
    if pause_s is None:
        problem = f"{quoted(schedule)} never comes: no such day is in such a month"
        reading.fault(here, problem, "choose a day that its months have")
        return
    duration_s = window.get("duration_s")
    if isinstance(duration_s, float) and duration_s >= pause_s:
        problem = (
            f"a window of {say_duration(duration_s)} never ends, as it begins again after "
            f"{say_duration(pause_s)} at most"
        )
        reading.fault(f"{key}.duration", problem, f"make it shorter than {say_duration(pause_s)}")


def _note_zone(reading: Reading, window: dict[str, Any], key: str) -> None:
    here, name = f"{key}.timeZone", window.get("time_zone")
    if not isinstance(name, str) or here in reading.faulty or is_zone(name):
        return
    meant = near(name, available_timezones())
    remedy = f"did you mean {meant}?" if meant else "write its IANA name, as Europe/Berlin"
    reading.fault(here, f"there is no time zone {quoted(name)}", remedy)
