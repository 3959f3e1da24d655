"""What does an addon do on a spoke, once it is told to be there?

By a list of rules, the last one that fits decides. How long things take is drawn by the seed for
each Application on its own, so that no two spokes behave alike and every run behaves the same.

Facts (Argo CD, gitops-engine/pkg/health; recorded in tests/captured/streams/odd-applications):
Progressing, Healthy, Degraded and Suspended are the words for a Deployment; an Application without
resources is Healthy at once; one whose PostSync hook never ends is Synced and Healthy while its
operation runs; one that names a kind which the spoke lacks fails its sync, again and again.

Elsewhere: what of it stands on the spoke at some moment (live.py), and what Argo CD makes of that
(applications.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

from watcher.embedded_hub.chance import Chance

Phases: TypeAlias = tuple[tuple[float, str], ...]
"""Seconds since the rollout, and the Deployment's health from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one addon does on one spoke."""

    phases: Phases = ((0.0, "Progressing"), (20.0, "Healthy"))
    again_every_s: float | None = None
    """The phases start anew after so long; None: the last one stays."""
    config_maps: int = 2
    deployment: bool = True
    readable: bool = True
    """Whether its manifests can be rendered at all."""
    sync_error: str = ""
    """What its sync fails with; empty when it does not."""
    hook: bool = False
    """It has a PostSync Job that never ends."""
    removal_s: float = 0.35
    """How long its resources take to go."""

    def health_at(self, since_s: float) -> str:
        """The Deployment's health `since_s` after its rollout."""
        at = since_s if self.again_every_s is None else since_s % self.again_every_s
        return next(health for begins_s, health in reversed(self.phases) if begins_s <= at)

    def next_phase_s(self, since_s: float) -> float | None:
        """When, in seconds after the rollout, the health changes next; None: never again."""
        cycle = self.again_every_s
        begun = 0.0 if cycle is None else since_s - since_s % cycle
        later = [begun + begins_s for begins_s, _ in self.phases if begun + begins_s > since_s]
        return later[0] if later else None if cycle is None else begun + cycle

    def stretched(self, factor: float) -> Behaviour:
        """The same, each phase `factor` times as long."""
        again_every_s = None if self.again_every_s is None else self.again_every_s * factor
        phases = tuple((begins_s * factor, health) for begins_s, health in self.phases)
        return replace(self, phases=phases, again_every_s=again_every_s)


def takes(seconds: float) -> Behaviour:
    """Healthy after `seconds`."""
    return Behaviour(phases=((0.0, "Progressing"), (seconds, "Healthy")))


def never_healthy() -> Behaviour:
    """Progressing for ever."""
    return Behaviour(phases=((0.0, "Progressing"),))


def degrades(after_s: float) -> Behaviour:
    """Never available: Degraded when its Deployment exceeds its deadline."""
    return Behaviour(phases=((0.0, "Progressing"), (after_s, "Degraded")))


def flaps(*, healthy_after_s: float, healthy_s: float, unhealthy_s: float) -> Behaviour:
    """Healthy, then Progressing again, over and over."""
    healthy = (healthy_after_s, "Healthy")
    unhealthy = (healthy_after_s + healthy_s, "Progressing")
    cycle_s = healthy_after_s + healthy_s + unhealthy_s
    return Behaviour(phases=((0.0, "Progressing"), healthy, unhealthy), again_every_s=cycle_s)


def suspended() -> Behaviour:
    """A paused Deployment."""
    return Behaviour(phases=((0.0, "Suspended"),))


def nothing() -> Behaviour:
    """No resources at all."""
    return Behaviour(config_maps=0, deployment=False)


def fails_to_sync() -> Behaviour:
    """Names a kind that the spoke does not have."""
    return Behaviour(
        sync_error="one or more synchronization tasks are not valid: failed to discover server"
        " resources for group version example.invalid/v1: the server could not find the requested"
        " resource"
    )


def hangs_in_hook() -> Behaviour:
    """A PostSync hook that never ends."""
    return Behaviour(config_maps=1, deployment=False, hook=True)


def cannot_be_read() -> Behaviour:
    """Its path does not exist in the repository."""
    return Behaviour(readable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What addons of this name do on spokes of this name."""

    behaviour: Behaviour
    addon: str = "*"
    """A pattern for the name of the ApplicationSet, or of an Application that has none."""
    spoke: str = "*"
    """A pattern for `data.name`."""
    spread: float = 0.0
    """0.5: between two thirds of the phases' times and one and a half times them."""


class Workloads:
    """What every addon does on every spoke."""

    def __init__(self, chance: Chance, rules: Iterable[Rule] = ()) -> None:
        self.unreachable: set[str] = set()
        """Names of spokes whose API server does not answer."""
        self._chance = chance
        self._rules = list(rules)
        self._followers: list[Callable[[], None]] = []

    def behaviour(self, *, addon: str, spoke: str, application: str) -> Behaviour:
        """What the addon does there, with this Application's own times."""
        for rule in reversed(self._rules):
            if fnmatchcase(addon, rule.addon) and fnmatchcase(spoke, rule.spoke):
                lowest, highest = 1 / (1 + rule.spread), 1 + rule.spread
                factor = self._chance.between(lowest, highest, "pace", spoke, application)
                return rule.behaviour.stretched(factor) if rule.spread else rule.behaviour
        return takes(self._chance.between(5.0, 40.0, "pace", spoke, application))

    def change(self, rule: Rule) -> None:
        """From now on `rule` decides where it fits, also for what stands there already."""
        self._rules.append(rule)
        for follower in self._followers:
            follower()

    def on_change(self, follower: Callable[[], None]) -> None:
        """Call `follower` after each change."""
        self._followers.append(follower)
