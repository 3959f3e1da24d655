"""What is to be shown of something that goes on?

Asks again and again, as often as whoever is asked bears it. Who does not answer for a while is
asked on, and that is told once, with since when; Ctrl-C ends it.

Elsewhere: what is asked, and how it is shown (status.py, events.py, wait.py).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from watcher.hub import Clock, HubError

T = TypeVar("T")


async def following(
    ask: Callable[[], Awaitable[T]],
    *,
    every_s: float,
    clock: Clock,
    unanswered: Callable[[HubError], None],
) -> AsyncGenerator[T, None]:
    """Each answer, one after the other, without an end.

    Raises `HubError` where the first question is not answered; later that is told to `unanswered`,
    once for each time that the answers stop, or stop for another reason.
    """
    answered, said = False, ""
    while True:
        try:
            answer = await ask()
        except HubError as error:
            if not answered:
                raise
            if str(error) != said:
                unanswered(error)
            said = str(error)
        else:
            answered, said = True, ""
            yield answer
        await clock.sleep(every_s)
