"""Is the tests' clock one that the room hub can use?"""

from __future__ import annotations

from tests.hub.clock import HastyClock
from watcher.hub.clock import Clock


async def test_waiting_takes_the_time_it_says_and_no_other() -> None:
    clock: Clock = HastyClock(start=1000.0)
    began = clock.monotonic()
    await clock.sleep(2.5)
    await clock.sleep(0)
    assert clock.monotonic() - began == 2.5
    assert clock.now() == 1002.5
