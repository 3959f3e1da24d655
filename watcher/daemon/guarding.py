"""How do the guards stand, and who is told when that changes?

They are read once a minute: nobody changes an admission policy often, and what rests on one rests
on its having been there for longer. What was read is believed until the next reading and not a
moment longer: what cannot be read any more is unknown.

That a guard is not in force is said, and fails nothing: most of what the watcher does needs none.

Elsewhere: how they are read and compared (hub/guarding.py); what is not done without one (decide/).
"""

from __future__ import annotations

from collections.abc import Callable

from watcher.daemon.logs import Log, LogLevel
from watcher.facts import UNREAD, Force, Guard, Guards, Standing
from watcher.hub import Clock, Connection, HubError, own_account, read_guards
from watcher.policy import Polarity, Policy
from watcher.policy.policy import Recovery

EVERY_S = 60.0

_OPTIONAL = (Guard.C, Guard.D)
"""Off by default: that they are not there is no news, but that they are there and do nothing is."""


class Guarding:
    """Reads the guards, and knows how they stand."""

    def __init__(
        self,
        connection: Connection,
        *,
        policy: Callable[[], Policy],
        clock: Clock,
        log: Log,
        wake: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._policy = policy
        self._clock = clock
        self._log = log
        self._wake = wake
        self.guards: Guards = {}
        """How each stands, as last read."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(EVERY_S)

    async def look(self) -> None:
        """Read them all, and say what changed."""
        policy = self._policy()
        account = await self._account()
        before, self.guards = (
            self.guards,
            await read_guards(self._connection, policy, account=account),
        )
        for guard, now in self.guards.items():
            if now != before.get(guard, UNREAD):
                self._say(guard, before.get(guard, UNREAD), now, policy)
        if self.guards != before:
            self._wake()

    async def _account(self) -> str:
        try:
            return await own_account(self._connection)
        except HubError as error:
            self._log.debug("hub does not say which account this is", because=str(error))
            return ""

    def _say(self, guard: Guard, before: Standing, now: Standing, policy: Policy) -> None:
        level = _level(guard, before, now, policy)
        getattr(self._log, level)(
            f"guard is {now.force}", guard=guard.value, because=now.why or None
        )


def _level(guard: Guard, before: Standing, now: Standing, policy: Policy) -> LogLevel:
    if now.force is Force.IN_FORCE:
        return LogLevel.INFO
    if before.force is Force.IN_FORCE or now.there or _rests_on(guard, policy):
        return LogLevel.WARNING
    return LogLevel.DEBUG if guard in _OPTIONAL else LogLevel.INFO


def _rests_on(guard: Guard, policy: Policy) -> bool:
    """Whether something that this policy asks for is not done without the guard."""
    if guard is Guard.A:
        return policy.gates.polarity is Polarity.BLOCK
    return guard is Guard.E and policy.recovery is Recovery.PARK
