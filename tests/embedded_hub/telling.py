"""A story under way, with a gatekeeper who opens gates in order and does no harm."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.embedded_hub.small_hub import START, look
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.judge import MANAGER
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.ownership import owner_of
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.scenario import Scenario, Story, gate
from watcher.embedded_hub.store import Event

SPOKES = 10
STEP_S = 4.0
QUIET_S = 40.0
LIMIT_S = 3000.0


class Told:
    """A scenario under way, with a gatekeeper who knows no budget and no doubt."""

    def __init__(
        self, scenario: Scenario, *, spokes: int = SPOKES, seed: int = 1, at_once: int = 10_000
    ) -> None:
        """`at_once`: how many spokes he lets be in progress."""
        self.scenario = scenario
        self.clock = HandClock(START)
        self.at_once = at_once
        setup = scenario.controllers.of(spokes)
        self.model = Model(self.clock, seed=seed, rules=scenario.rules, controllers=setup)
        self.model.application_sets.files = scenario.files
        self.deleted: list[str] = []
        self.model.store.subscribe(self._note)
        self.story: Story = scenario.lay(self.model, spokes)
        self.model.start()

    def _note(self, event: Event) -> None:
        if event.resource is APPLICATION and event.type == "DELETED":
            self.deleted.append(event.object["metadata"]["name"])

    async def run(self, for_s: float) -> None:
        until = self.clock.now() + for_s
        while self.clock.now() < until:
            await self.clock.advance(STEP_S)
            self._open_gates()
        assert self.model.judge.violations == []

    async def run_to_its_end(self) -> None:
        """Until the story is over and all that it brought is well, and has been for a while."""
        well_for_s = 0.0
        while well_for_s < QUIET_S:
            await self.run(STEP_S)
            done = self.story.over and all(map(well, self.applications()))
            well_for_s = well_for_s + STEP_S if done else 0.0
            assert self.clock.now() < START + LIMIT_S

    def over(self) -> bool:
        return self.story.over

    async def end(self) -> None:
        await self.model.stop()

    def _open_gates(self) -> None:
        behind = self._behind_gates()
        unwell = {uid for (uid, _), there in behind.items() if not all(map(well, there))}
        begun = [one for one in self.model.spokes.all() if self._open(one.labels)]
        places = self.at_once - sum(
            one.uid in unwell or self._open(one.labels) < len(self.scenario.tiers) for one in begun
        )
        for spoke in self.model.spokes.all():
            if spoke not in begun:
                if places <= 0:
                    continue
                places -= 1
            due = [
                gate(tier)
                for tier in self._due(spoke.uid, spoke.labels, behind)
                if gate(tier) not in spoke.labels
            ]
            if due:
                patch = {"metadata": {"labels": dict.fromkeys(due, "open")}}
                self.model.store.patch(SECRET, "argocd", spoke.secret, patch, manager=MANAGER)

    def _open(self, labels: Mapping[str, str]) -> int:
        return sum(gate(tier.name) in labels for tier in self.scenario.tiers)

    def _due(
        self, uid: str, labels: Mapping[str, str], behind: dict[tuple[str, str], list[Any]]
    ) -> Iterator[str]:
        before: tuple[str, ...] = ()
        done: set[str] = set()
        for tier in self.scenario.tiers:
            needed = before if tier.depends_on is None else tier.depends_on
            if done.issuperset(needed):
                yield tier.name
            there = behind.get((uid, tier.name), [])
            if gate(tier.name) in labels and all(map(well, there)):
                done.add(tier.name)
            before = (tier.name,)

    def _behind_gates(self) -> dict[tuple[str, str], list[Any]]:
        """Applications by spoke and tier."""
        tiers = {
            one["metadata"]["name"]: tier.name
            for one in self.model.store.list(APPLICATION_SET)
            for tier in self.scenario.tiers
            if gate(tier.name) in json.dumps(one["spec"]["generators"])
        }
        found: dict[tuple[str, str], list[Any]] = {}
        for application in self.model.store.list(APPLICATION):
            spoke = self.model.shared.spoke(application)
            tier_name = tiers.get(owner_of(application) or "")
            if spoke is not None and tier_name is not None:
                found.setdefault((spoke.uid, tier_name), []).append(application)
        return found

    def applications(self) -> list[dict[str, Any]]:
        return self.model.store.list(APPLICATION)


def well(application: Mapping[str, Any]) -> bool:
    seen = look(application)
    return seen.sync == "Synced" and seen.health == "Healthy" and not seen.operation
