"""What is told to all who look at the fleet, as it changes?

One frame for all of them: it is made when somebody waits for it, in a thread, and encoded once. A
reader is nothing but the number of the last frame that it was given, so a slow one costs nobody
anything: what it has missed lies in one shared row of frames, and where that no longer reaches back
far enough, it is told to begin anew. Between two frames is a pause of many times what the last one
took, so that on a large fleet readers get fewer frames, and the watcher its time.

Nothing here is a task: whoever has waited first makes the next frame, and what goes wrong then is
that reader's trouble, never the watcher's.

Elsewhere: how the frames get to a browser (streaming.py); what they say (shapes.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from watcher.serve import shapes
from watcher.serve.grid import STATES, Difference, Known, difference
from watcher.serve.news import News, Noted
from watcher.serve.refused import decided
from watcher.serve.report import Decided, Report
from watcher.serve.shown import View, changed

BEGIN_ANEW = b"event: reload\ndata: {}\n\n"

_LEAST_PAUSE_S = 0.4
"""Faster than twice a second nobody reads."""
_PAUSE_TO_FRAME = 9.0
"""Then making frames takes no more than a tenth of the time."""
_MOST_PAUSE_S = 3.0
"""Nobody should have to ask whether it is live still."""

_KEPT = 32
"""Frames: a quarter of a minute at least."""

_CHANGES = 50
"""On a page, and in a frame."""


class Clock(Protocol):
    """What is to be known of time."""

    def monotonic(self) -> float:
        """Seconds since some moment."""

    async def sleep(self, seconds: float) -> None:
        """Return when so much time has passed."""


class _Shown(Struct, frozen=True):
    """What has been told so far."""

    decided: Decided
    rows: Mapping[str, Known]
    fields: Mapping[str, bytes]
    """Of the fleet, encoded."""
    changed: int
    """The number of the latest change."""
    latest: tuple[Noted, ...]


class Feed:
    """Frames, from whatever `report` says when one is made."""

    def __init__(self, report: Callable[[], Report], news: News, clock: Clock) -> None:
        self.news = news
        self._report = report
        self._clock = clock
        self._making = asyncio.Lock()
        self._shown: _Shown | None = None
        self._frames: deque[bytes] = deque(maxlen=_KEPT)
        self._grid: bytes | None = None
        self._made = 0
        self._made_at = 0.0
        self._took_s = 0.0

    async def grid(self) -> bytes:
        """Everything as of the last frame, or of now where that one is older than it deserves, as
        JSON; raises `Refused`.
        """
        decided(self._report())
        async with self._making:
            if self._shown is None or self._clock.monotonic() >= self._made_at + self._pause_s:
                await self._caught_up()
            if self._grid is None and self._shown is not None:
                self._grid = await asyncio.to_thread(_grid, self._shown, self._cursor)
            return self._grid or b""

    async def after(self, cursor: str) -> tuple[bytes, str]:
        """What follows on the frame of this cursor, as soon as there is something, and the cursor
        from then on; raises `Refused`.
        """
        decided(self._report())
        if self._behind(cursor) == 0:
            await self._something_new()
            async with self._making:
                if self._behind(cursor) == 0:
                    await self._caught_up()
        behind = self._behind(cursor)
        if behind is None:
            return BEGIN_ANEW, ""
        frames = tuple(self._frames)
        return b"".join(frames[len(frames) - behind :]), self._cursor

    @property
    def _cursor(self) -> str:
        return f"{self._before}{self._made}"

    @property
    def _before(self) -> str:
        """Tells this process' frames from those of the one before it."""
        return f"{self.news.began or 0.0:.3f}-"

    def _behind(self, cursor: str) -> int | None:
        """By how many frames; None where that is not to be made up for."""
        number = cursor.removeprefix(self._before)
        if self._shown is None or number == cursor:
            return None
        if not (number.isascii() and number.isdecimal() and len(number) < 16):
            return None
        behind = self._made - int(number)
        return behind if 0 <= behind <= len(self._frames) else None

    async def _something_new(self) -> None:
        """Until there is, and for as long as the last frame deserves."""
        if self._shown is not None and self._report().decided is self._shown.decided:
            await self.news.wait()
        await self._clock.sleep(self._pause_s)

    @property
    def _pause_s(self) -> float:
        return min(max(_LEAST_PAUSE_S, _PAUSE_TO_FRAME * self._took_s), _MOST_PAUSE_S)

    async def _caught_up(self) -> None:
        """Make the next frame, where there is something to tell; the first one is for nobody."""
        report, before = self._report(), self._shown
        now = decided(report)
        if before is not None and before.decided is now:
            return
        changed, latest = self.news.number, self.news.after(0, _CHANGES)
        began = self._clock.monotonic()
        spoken = await asyncio.to_thread(_fields, report, now)
        differs = await asyncio.to_thread(difference, {} if before is None else before.rows, now)
        rows = _applied({} if before is None else before.rows, differs)
        shown = _Shown(now, rows, spoken, changed, tuple(latest))
        if before is not None:
            cursor = f"{self._before}{self._made + 1}"
            frame = await asyncio.to_thread(_frame, before, shown, differs, cursor)
            self._frames.append(frame)
            self._made += 1
        self._made_at = self._clock.monotonic()
        self._took_s = self._made_at - began
        self._shown, self._grid = shown, None


def _applied(rows: Mapping[str, Known], differs: Difference) -> Mapping[str, Known]:
    made = {**rows, **differs.came}
    for uid in differs.left:
        del made[uid]
    return made


def _fields(report: Report, now: Decided) -> dict[str, bytes]:
    fleet = View(now).fleet(leader=report.leader, troubles=report.troubles, guards=report.guards)
    return {
        field.encode_name: msgspec.json.encode(getattr(fleet, field.name))
        for field in msgspec.structs.fields(fleet)
    }


def _grid(shown: _Shown, cursor: str) -> bytes:
    fleet: Any = {name: msgspec.Raw(value) for name, value in shown.fields.items()}
    return msgspec.json.encode(
        shapes.Grid(
            cursor,
            STATES,
            tuple(known.row for known in shown.rows.values()),
            fleet,
            _changes(shown.latest),
        )
    )


def _frame(before: _Shown, after: _Shown, differs: Difference, cursor: str) -> bytes:
    """As an event of a stream."""
    frame = shapes.Frame(
        cursor,
        spokes=differs.rows,
        gone=differs.gone(before.rows),
        fleet={
            name: msgspec.Raw(value)
            for name, value in after.fields.items()
            if before.fields[name] != value
        },
        changes=_changes(each for each in after.latest if each.number > before.changed),
    )
    return b"id: %b\ndata: %b\n\n" % (cursor.encode(), msgspec.json.encode(frame))


def _changes(noted: Iterable[Noted]) -> tuple[shapes.Change, ...]:
    return tuple(changed(each.change, number=each.number, at=each.at) for each in noted)
