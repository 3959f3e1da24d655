"""When is a decision made, and what is done with it?

A turn takes what the stores hold, decides, says what changed, and hands the patches on. The next
one comes when a fact has changed or when the decision said that time alone would change it; nothing
polls. Any number of facts that change meanwhile make one turn.

A turn holds up everything else in this process, so it is followed by a pause of four times its own
length: then turns take no more than a fifth of the time, however many events come, and on a small
hub nobody notices. A gate that was lost must not wait long, so the pause has its limit.

Elsewhere: what is decided (decide/); what becomes of patches (sending.py).
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from watcher.daemon.bell import Bell
from watcher.daemon.supervisor import Supervisor
from watcher.decide import Carried, Change, Decision, Snapshot, decide
from watcher.decide.changes import changes
from watcher.facts import Instant
from watcher.hub.clock import Clock
from watcher.policy import Policy

_PAUSE_TO_TURN = 4.0
_MOST_PAUSE_S = 0.5
"""Reached by turns of an eighth of a second: those in which every spoke of a large fleet is judged
anew, because an ApplicationSet or the policy changed."""

_LEAST_WAIT_S = 0.01
"""A clock may show a hair less than the time that was waited for; without this, a turn for it."""


class Turn(Struct, frozen=True):
    """What one turn came to."""

    decision: Decision
    changes: tuple[Change, ...]
    decide_s: float
    """How long the decision took."""
    turn_s: float
    """How long all of it took."""


class Desk(Protocol):
    """What turns need of the rest of the daemon."""

    def policy(self) -> Policy:
        """The policy in force."""

    def snapshot(self, carried: Carried) -> Snapshot:
        """What the stores hold."""

    def act(self, decision: Decision) -> None:
        """Send what was decided, or see to it that it is sent."""

    def said(self, turn: Turn) -> None:
        """A turn has ended."""


class Turns:
    """Makes one turn after the other."""

    def __init__(
        self, desk: Desk, *, supervisor: Supervisor, hub_time: Clock, own_time: Clock
    ) -> None:
        """`hub_time`: what the hub's stamps are compared with, and `wake_at` waited for in."""
        self._desk = desk
        self._hub_time = hub_time
        self._own_time = own_time
        self._bell = Bell(supervisor, hub_time)
        self._carried = Carried()
        self._before: Decision | None = None
        self._took_s = 0.0

    def wake(self) -> None:
        """A fact has changed."""
        self._bell.ring()

    def tell_anew(self) -> None:
        """The next turn speaks as the first one after a start does."""
        self._before = None
        self.wake()

    async def run(self) -> None:
        """Make turns until cancelled."""
        while True:
            self._bell.hush()
            decision = self.turn()
            await self._own_time.sleep(min(_PAUSE_TO_TURN * self._took_s, _MOST_PAUSE_S))
            await self._bell.wait(self._left_s(decision.wake_at))

    def turn(self) -> Decision:
        """Make one turn."""
        began = self._own_time.monotonic()
        snapshot = self._desk.snapshot(self._carried)
        self._carried = Carried()  # what a decision died of is not kept for the next
        decision = decide(snapshot, self._desk.policy(), self._hub_time.now())
        self._carried = decision.carried
        decided = self._own_time.monotonic()
        news = changes(self._before, decision)
        self._before = decision
        self._desk.act(decision)
        ended = self._own_time.monotonic()
        self._took_s = ended - began
        self._desk.said(Turn(decision, news, decided - began, self._took_s))
        return decision

    def _left_s(self, wake_at: Instant | None) -> float | None:
        return None if wake_at is None else max(wake_at - self._hub_time.now(), _LEAST_WAIT_S)
