"""Is a running watcher asked how the fleet stands, or is the hub itself looked at?

Elsewhere: asking (asking_watcher.py); looking (looking_at_hub.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Protocol, TypeVar

import rich_click as click
from msgspec import Struct

from watcher.cli.asking_watcher import WatcherFlags, watcher_flags
from watcher.cli.policy_flag import policy_flag

T = TypeVar("T")


class Asked(Protocol):
    """Somebody who can be asked how the fleet stands."""

    every_s: float
    """How often may be asked again and again."""
    unled: str
    """How an answer that names no leader came about."""

    async def get(self, path: str, kind: type[T], *, query: Iterable[tuple[str, str]] = ()) -> T:
        """What is answered under `/api/v1`.

        Raises `HubError` where nobody answers, `NoSuchSpoke` and `Slip` where there is not what was
        asked for.
        """


class Whom(Struct, frozen=True):
    """Whom to ask."""

    watcher: WatcherFlags
    from_hub: bool
    config: Path | None
    """The policy that the hub is looked at by."""

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Asked]:
        """Whoever is to be asked; raises `ConnectionFault`."""
        if not self.from_hub:
            async with self.watcher.asked() as watcher:
                yield watcher
            return
        from watcher.cli.looking_at_hub import LookedAt

        hub = self.watcher.hub
        async with hub.connected() as connection:
            yield LookedAt(connection, self.config, hub.named)


def whom_flags(verb: Callable[..., None]) -> Callable[..., None]:
    """The flags that say who is asked, given to the verb as its argument `whom`."""

    @wraps(verb)
    def called(*, watcher: WatcherFlags, from_hub: bool, config: Path | None, **given: Any) -> None:
        if from_hub and watcher.server is not None:
            raise click.UsageError("--from-hub asks no watcher; leave --server out")
        if config is not None and not from_hub:
            raise click.UsageError("--config is for --from-hub; a watcher has a policy of its own")
        verb(**given, whom=Whom(watcher, from_hub, config))

    flags = (
        click.option(
            "--from-hub",
            is_flag=True,
            help="Ask no watcher; look at the hub itself, with your own right to list what is "
            "there, Secrets among it.",
        ),
        policy_flag(
            "With --from-hub: the policy file; else the one on the hub, in the ConfigMap "
            "gate-watcher-policy."
        ),
    )
    for flag in reversed(flags):
        flag(called)
    return watcher_flags(called)
