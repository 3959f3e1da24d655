"""How is a plan of adoption carried out?

Step by step, with a person's own credentials: all openings first, then one ApplicationSet after the
other. The hub is read again before each portion of steps, and what is left is planned anew, so that
what was proved is what is written: each write is refused where its object has changed since. What
somebody else wrote in between is simply planned for, a few times. Where an Application went since
the last look, everything stops.

What somebody keeps elsewhere is never changed here; it is left, and the plan that comes back says
so.

Facts (Argo CD, applicationset/controllers/clustereventhandler.go): each write to a cluster Secret
makes Argo CD look at every ApplicationSet with a clusters generator, hence the pace. When a gate
opened is compared with the hub's own stamps, so it goes by the hub's time.

Elsewhere: the plan and its proof (adopt/); what becomes of a patch (patching.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Raw

from watcher.adopt import Gating, Opening, Plan, gone, plan
from watcher.facts import Generator
from watcher.hub.clock import Clock
from watcher.hub.connection import Connection
from watcher.hub.examining import hub_time
from watcher.hub.generators import generators
from watcher.hub.pace import ORDINARY, Pace, taken, throttled, wait_s
from watcher.hub.patching import (
    Outcome,
    Patched,
    Refused,
    Throttled,
    change_set,
    patch_by_hand,
)
from watcher.hub.written import Writings, take_all
from watcher.lint import Inventory
from watcher.policy import Policy

LEAST_PORTION = 50
"""So many openings are written on one look at the hub: five seconds at the pace. On a hub that it
takes longer to look at, as many as are written in that time."""

WATCHES_S = 2.0
"""How long Argo CD is let go on after a change of a selector, before it is looked at what came of
it: a pass was measured to begin within tens of milliseconds."""

_TRIES = 5
"""So often in a row nothing may come of it because somebody else wrote, or the hub was busy."""


class Stopped(Exception):  # noqa: N818  (named after what happened)
    """It cannot go on, and why; what was done stays done."""


class Adoption:
    """The adoption of one hub."""

    def __init__(
        self,
        connection: Connection,
        policy: Policy | None,
        *,
        namespace: str,
        clock: Clock,
        found: bool = False,
        told: Callable[[Opening | Gating], None] = lambda _: None,
    ) -> None:
        """`namespace`: where Argo CD runs, where no policy says it. `found`: the policy is the one
        on the hub, and nobody gave it. `told` hears of each step.
        """
        self._connection = connection
        self._found = found
        self._policy = policy
        self._namespace = policy.namespace if policy else namespace
        self._clock = clock
        self._told = told
        self._pace: Pace = ORDINARY
        self._looked_at = 0.0
        self._now = clock.now

    async def look(self) -> Inventory:
        """The hub as it is now; raises `HubError`."""
        self._looked_at = self._clock.monotonic()
        writings = Writings(self._policy, namespace=self._namespace)
        namespaces = self._policy.application_namespaces if self._policy else (self._namespace,)
        self._now = await hub_time(self._connection, self._clock.now)
        await take_all(self._connection, writings, namespace=self._namespace, namespaces=namespaces)
        return writings.inventory(whole=True)

    def plan(self, inventory: Inventory, tiers: Mapping[str, str | None]) -> Plan:
        """What is left to be done there; `tiers` are the person's own, by ApplicationSet."""
        return plan(inventory, tiers, read=_read, now=self._now(), found=self._found)

    async def carry_out(self, tiers: Mapping[str, str | None]) -> Plan:
        """Does everything that can be done here, and gives what is left; raises `Stopped` or
        `HubError`.
        """
        hub, idle = await self.look(), 0
        while idle < _TRIES:
            made = self.plan(hub, tiers)
            if not (steps := _next(made, portion=self._portion())):
                return made
            if made.stops:
                raise Stopped("; ".join(each.why for each in made.stops))
            idle = 0 if await self._do(steps) else idle + 1
            now = await self.look()
            if lost := gone(hub, now):
                went = f"Application {', '.join(lost)} went meanwhile"
                raise Stopped(f"{went}: look why before you adopt again")
            hub = now
        raise Stopped("somebody else writes these objects all the time, or the hub is busy")

    def _portion(self) -> int:
        took_s = self._clock.monotonic() - self._looked_at
        return max(LEAST_PORTION, int(took_s * ORDINARY.most_per_s))

    async def _do(self, steps: Sequence[Opening] | Gating) -> bool:
        """Whether anything came of it."""
        if isinstance(steps, Gating):
            return await self._gate(steps)
        done = [await self._open(each) for each in steps]
        return any(done)

    async def _open(self, each: Opening) -> bool:
        await self._clock.sleep(wait_s(self._pace, self._clock.monotonic()))
        self._pace = taken(self._pace, self._clock.monotonic())
        outcome = await patch_by_hand(self._connection, each.patch)
        if self._came_about(outcome, each.spoke.key):
            self._told(each)
            return True
        return False

    async def _gate(self, each: Gating) -> bool:
        operations = [msgspec.to_builtins(one) for one in each.change.operations]
        outcome = await change_set(self._connection, each.set.set, operations)
        if self._came_about(outcome, each.set.key):
            self._told(each)
            await self._clock.sleep(WATCHES_S)
            return True
        return False

    def _came_about(self, outcome: Outcome, key: str) -> bool:
        """Raises `Stopped` where the hub will not have it."""
        if isinstance(outcome, Refused):
            raise Stopped(f"the hub refuses the patch of {key}: {outcome.message}")
        if isinstance(outcome, Throttled):
            now = self._clock.monotonic()
            self._pace = throttled(self._pace, now, outcome.retry_after_s)
        return isinstance(outcome, Patched)


def _next(made: Plan, *, portion: int) -> Sequence[Opening] | Gating:
    """What is to be done now: the next openings, else one ApplicationSet; empty: nothing."""
    if made.openings:
        return made.openings[:portion]
    return next((each for each in made.gatings if each.on_hub), ())


def _read(text: bytes) -> tuple[Generator, ...]:
    return generators(Raw(text))
