"""Coroutines that never end, for as long as a test needs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def running(*forever: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """They run while the block does; what they raise, the block raises."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in forever]
        yield
        for task in tasks:
            task.cancel()


async def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Lets everything else run until it holds."""
    async with asyncio.timeout(within_s):
        while not holds():
            turned = asyncio.Event()
            asyncio.get_running_loop().call_later(0.001, turned.set)
            await turned.wait()
