"""A clock for drivers that wait between requests: every wait is over at once, and is remembered."""

from __future__ import annotations

import asyncio


class HastyClock:
    """Time passes only by waiting, and waiting takes no time."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.started_at = start
        self.passed_s = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.started_at + self.passed_s

    def monotonic(self) -> float:
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.waits.append(seconds)
            self.passed_s += seconds
        turned = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(turned.set_result, None)
        await turned
