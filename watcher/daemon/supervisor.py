"""Who sees to it that no task dies unnoticed?

Every task of the daemon is started here and has a name. It ends in one of three ways: cancelled,
finished, or dead of an exception; a cancellation that nobody asked for is one like any other. A
death is counted and logged with what the task was about; a task that is kept is started again after
a back-off, one that is done once is not.

A task that keeps dying makes the process unfit: at the third death within five minutes `failing`
names it, /livez fails, and whoever runs the process starts it anew. That is safe at any moment,
since nothing is remembered here that the hub does not say.

What the hub does is no death: whoever asks it deals with its errors.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeAlias

from watcher.daemon.logs import Log
from watcher.hub.clock import Clock

DEATHS_TO_FAIL = 3
WINDOW_S = 300.0
"""Deaths further apart than this have nothing to do with each other."""

_PAUSES_S = (1.0, 5.0, 25.0)
"""Before a task is started again, by how often it has died within the window."""

Work: TypeAlias = Callable[[], Awaitable[None]]


class Supervisor:
    """Starts every task, and starts it again."""

    def __init__(self, *, clock: Clock, log: Log, died: Callable[[str], None]) -> None:
        """`died` is told the name of a task at each of its deaths."""
        self._clock = clock
        self._log = log
        self._died = died
        self._deaths: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=DEATHS_TO_FAIL)
        )
        self._running: set[asyncio.Task[None]] = set()

    def keep(self, name: str, work: Work, *, about: str = "") -> asyncio.Task[None]:
        """Run `work` until it finishes or is cancelled; start it again whenever it dies."""
        return self._start(self._kept(name, work, about), name, about)

    def once(self, name: str, work: Work, *, about: str = "") -> asyncio.Task[None]:
        """Run `work`, and leave it dead if it dies."""
        return self._start(self._once(name, work, about), name, about)

    def failing(self) -> tuple[str, ...]:
        """The tasks that keep dying."""
        since = self._clock.monotonic() - WINDOW_S
        return tuple(
            sorted(
                name
                for name, deaths in self._deaths.items()
                if len(deaths) == DEATHS_TO_FAIL and deaths[0] >= since
            )
        )

    async def cancel(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Cancel these, and return when they are done."""
        ending = tuple(tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def cancel_all(self) -> None:
        """Cancel everything that was started here, and return when it is done."""
        while self._running:
            await self.cancel(self._running)

    def _start(self, work: Coroutine[Any, Any, None], name: str, about: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"{name} {about}".rstrip())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _kept(self, name: str, work: Work, about: str) -> None:
        while not await self._survives(name, work, about):
            since = self._clock.monotonic() - WINDOW_S
            deaths = sum(at >= since for at in self._deaths[name])
            await self._clock.sleep(_PAUSES_S[deaths - 1])

    async def _once(self, name: str, work: Work, about: str) -> None:
        await self._survives(name, work, about)

    async def _survives(self, name: str, work: Work, about: str) -> bool:
        """Run `work` to its end; whether it finished."""
        try:
            await work()
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            return self._has_died(name, about, error)
        except Exception as error:  # noqa: BLE001  (whatever it was, it must not be lost)
            return self._has_died(name, about, error)
        return True

    def _has_died(self, name: str, about: str, error: BaseException) -> bool:
        """Count it and say it; False, since it did not survive."""
        self._deaths[name].append(self._clock.monotonic())
        self._died(name)
        self._log.error("task died", task=name, about=about or None, exc_info=error)
        return False


def is_cancelled() -> bool:
    """Whether somebody asked this task to end.

    A CancelledError alone does not tell: awaiting a future that was cancelled raises it, too.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
