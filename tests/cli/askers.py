"""Somebody who answers how the fleet stands, without a wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from watcher.hub import Cause
from watcher.hub.errors import AskFailed

T = TypeVar("T")


class Asker:
    """Answers by `answer`, from the path and the query; what that raises is raised."""

    every_s = 2.0
    unled = "by hand"

    def __init__(self, answer: Callable[[str, dict[str, list[str]]], Any]) -> None:
        self._answer = answer

    async def get(self, path: str, kind: type[T], *, query: Iterable[tuple[str, str]] = ()) -> T:
        """The answer."""
        asked: dict[str, list[str]] = {}
        for name, value in query:
            asked.setdefault(name, []).append(value)
        return cast(T, self._answer(path, asked))


class NoPause:
    """A clock on which no time passes in waiting."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        """Always the same."""
        return 0.0

    def monotonic(self) -> float:
        """What was slept."""
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        """At once."""
        self.slept.append(seconds)


def away(why: str = "nobody is there") -> AskFailed:
    """Nobody answers."""
    return AskFailed(Cause.UNREACHABLE, what=why, where="the watcher")
