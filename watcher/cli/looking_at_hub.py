"""How does the fleet stand, by a look at the hub itself?

Answers as a watcher would, and asks none: lists what there is with the caller's own credentials,
decides once, and writes nothing. What was seen serves for ten seconds, since each look lists
everything.

Elsewhere: the look (daemon/looking.py); the answers (serve/answers.py); what a watcher told on the
hub (hub/told.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from multidict import MultiDict

from watcher.cli.asking_watcher import NO_SUCH_SPOKE, NoSuchSpoke
from watcher.cli.ending import Slip
from watcher.cli.hub_flags import ARGO_CD
from watcher.daemon.clock import SystemClock
from watcher.daemon.looking import CannotLook, Look, look_once, policy_for
from watcher.facts import rfc3339
from watcher.hub import Cause, Clock, Connection
from watcher.hub.errors import AskFailed
from watcher.hub.told import ToldEvent, told
from watcher.policy import Policy
from watcher.serve import shapes
from watcher.serve.answers import ANSWERS, Asked
from watcher.serve.news import News
from watcher.serve.refused import Refused
from watcher.serve.report import Report
from watcher.serve.shown import View

T = TypeVar("T")

_SPOKES = "/spokes/"


class LookedAt:
    """A hub that is looked at."""

    every_s = 10.0
    unled = "read from the hub"

    def __init__(
        self,
        connection: Connection,
        config: Path | None,
        namespace: str | None,
        clock: Clock | None = None,
    ) -> None:
        self._connection = connection
        self._config = config
        self._namespace = namespace
        self._clock = clock or SystemClock()
        self._policy: Policy | None = None
        self._seen: tuple[float, Look, View] | None = None

    async def get(self, path: str, kind: type[T], *, query: Iterable[tuple[str, str]] = ()) -> T:
        """What a watcher would answer."""
        if path == "/changes":
            return cast(T, await self._told(MultiDict(query)))
        look, view = await self._looked()
        report = Report(
            look.decided, leading=True, lease="", not_ready=look.troubles, guards=look.guards
        )
        name = path.removeprefix(_SPOKES) if path.startswith(_SPOKES) else ""
        answer = ANSWERS[f"{_SPOKES}{{name}}" if name else path]
        try:
            made = answer(Asked(MultiDict(query), report, view, News(), name))
        except Refused as refused:
            status = refused.status
            slip = NoSuchSpoke if status.reason == NO_SUCH_SPOKE else Slip
            raise slip(status.message) from None
        return cast(T, made if kind is type(made) else msgspec.to_builtins(made))

    async def _told(self, query: MultiDict[str]) -> shapes.Changes:
        """The Events that watchers wrote. An Event that happens again comes again."""
        namespace, after = self._namespace or ARGO_CD, int(query.get("after", "0"))
        secrets = query.getall("spoke", [])
        found = [
            _change(each)
            for each in await told(self._connection, namespace)
            if (not secrets or each.secret in secrets) and _number(each) > after
        ]
        return shapes.Changes(tuple(reversed(found)), None)

    async def _looked(self) -> tuple[Look, View]:
        at = self._clock.monotonic()
        if self._seen is None or at >= self._seen[0] + self.every_s:
            before = None if self._seen is None else self._seen[1]
            look = await self._look(before)
            self._seen = (at, look, View(look.decided))
        return self._seen[1:]

    async def _look(self, before: Look | None) -> Look:
        """One more look. What fails at the first is for a person to mend; later it may pass."""
        try:
            if self._policy is None:
                self._policy, _ = await policy_for(
                    self._connection, file=self._config, namespace=self._namespace
                )
            now = self._clock.now
            return await look_once(self._connection, self._policy, now=now, before=before)
        except CannotLook as cannot:
            if before is None:
                raise Slip(*cannot.problems) from None
            what = "; ".join(cannot.problems)
            raise AskFailed(Cause.REFUSED, what=what, where="the hub") from None


def _number(event: ToldEvent) -> int:
    """One that happens later has a higher one."""
    return int(event.last_at * 1e6)


def _change(event: ToldEvent) -> shapes.Change:
    again = f" ({event.count} times)" if event.count > 1 else ""
    return shapes.Change(
        number=_number(event),
        at=rfc3339(event.last_at),
        kind=event.reason,
        spoke=event.secret,
        reasons=(shapes.Reason(event.reason, f"{event.note}{again}"),),
    )
