"""Which stories can a hub tell?

Eleven, by name. All but the last have the same fleet (fleet.py), so that they differ in what
happens and in nothing else. Three are about the controllers' memory (short_of_memory.py), one is
about rings (canary_first.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from watcher.embedded_hub.canary_first import RINGS
from watcher.embedded_hub.fleet import ADDONS, PACE, TIERS, fleet_secret, lay_sets
from watcher.embedded_hub.gitops_bridge import GITOPS_BRIDGE
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import FrozenDict, Object, with_parts
from watcher.embedded_hub.resources import APPLICATION_SET, SECRET
from watcher.embedded_hub.scenario import (
    PREFIX,
    Scenario,
    Story,
    create_set,
    create_spoke,
    enable,
    gate,
    open_gates,
    plain_set,
    settle,
    spoke_name,
    when,
)
from watcher.embedded_hub.short_of_memory import FULL_SHARD, OUT_OF_MEMORY, STAMPEDE
from watcher.embedded_hub.workloads import Rule, degrades, takes

_JOIN_EVERY_S = 20.0
_BROKEN_SPOKE = 2


# The fleet


def _lay_fleet(model: Model, spokes: int) -> Story:
    """Three of four spokes are there at the start, the others join one after the other."""
    lay_sets(model)
    story = Story()
    latecomers = [number for number in range(spokes) if number % 4 == 3]
    for number in range(spokes):
        if number not in latecomers:
            create_spoke(model, fleet_secret(number))
    for place, number in enumerate(latecomers, start=1):
        story.over = False
        join = partial(_join, model, story, number, last=place == len(latecomers))
        model.agenda.after(_JOIN_EVERY_S * place, join)
    return story


def _join(model: Model, story: Story, number: int, *, last: bool) -> None:
    create_spoke(model, fleet_secret(number))
    story.over = story.over or last


def _lay_all_at_once(model: Model, spokes: int) -> Story:
    lay_sets(model)
    for number in range(spokes):
        create_spoke(model, fleet_secret(number))
    return Story()


# What happens to it


def _then(ready: Callable[[Model, int], bool], act: Callable[[Model], None]) -> Any:
    """A fleet that is there from the start, to which `act` is done once `ready` says so."""

    def lay(model: Model, spokes: int) -> Story:
        _lay_all_at_once(model, spokes)
        story = Story(over=False)

        def do() -> None:
            act(model)
            story.over = True

        when(model, lambda: ready(model, spokes), do)
        return story

    return lay


def _half_begun(model: Model, spokes: int) -> bool:
    return open_gates(model, "metrics") * 2 >= spokes


def _lose_labels(model: Model) -> None:
    """Somebody writes every other begun spoke from a copy that he took before gates opened.

    As `argocd cluster set` does it: labels replaced whole, no precondition. Every fourth such
    writer restores the annotations too, so that only the watcher's memory knows of the gates.
    """
    begun = [one for one in model.spokes.all() if any(key.startswith(PREFIX) for key in one.labels)]
    for place, spoke in enumerate(begun[::2]):
        secret = model.store.get(SECRET, model.namespace, spoke.secret)
        if secret is None:
            continue
        metadata = secret["metadata"]
        parts = (
            ("labels", "annotations") if place % 4 == 3 else ("labels",)
        )  # the last of each four
        stale = {part: _before_gates(metadata.get(part) or FrozenDict()) for part in parts}
        unconditional = with_parts(metadata, resourceVersion=None, **stale)
        after = with_parts(secret, metadata=unconditional)
        model.store.replace(SECRET, after, manager="argocd-server", user="system:admin")


def _before_gates(pairs: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in pairs.items() if not key.startswith(PREFIX)}


def _half_secured(model: Model, spokes: int) -> bool:
    return open_gates(model, "security") * 2 >= spokes


def _add_addon(model: Model) -> None:
    """An addon that nobody had comes into a tier whose gates are open: it starts at once there."""
    selector = {"ring": "fleet", gate("security"): "open"}
    create_set(model, plain_set("trivy-operator", selector))


# Brown field


def _lay_brown_field(model: Model, spokes: int) -> Story:
    """A hub without gates, whose owner has just put the gates into the selectors.

    He has done what one has to do first: the ApplicationSet controller is down, for its next pass
    would delete every addon whose gate label is not there. He starts it again when every
    Application is selected again. The first tier he did in another way: its ApplicationSets may not
    delete.
    """
    model.application_sets.pause()
    for number in range(spokes):
        create_spoke(model, fleet_secret(number))
    for tier, addons in ADDONS.items():
        policy = {"syncPolicy": {"applicationsSync": "create-update"}} if tier == "compute" else {}
        for addon in addons:
            _gate_what_runs(model, tier, plain_set(addon, {enable(addon): "true"}, **policy))
    story = Story(over=False)

    def start() -> None:
        model.application_sets.resume()
        story.over = True

    when(model, lambda: not model.application_sets.would_delete(), start)
    return story


def _gate_what_runs(model: Model, tier: str, ungated: Object) -> None:
    owner = create_set(model, ungated)
    settle(model, owner, hours_ago=72)
    selector = {"clusters": {"selector": {"matchLabels": {gate(tier): "open"}}}}
    (generator,) = owner["spec"]["generators"]
    labels = generator["clusters"]["selector"]["matchLabels"]
    selector["clusters"]["selector"]["matchLabels"] |= labels
    patch = {"spec": {"generators": [selector]}}
    model.store.patch(
        APPLICATION_SET, model.namespace, owner["metadata"]["name"], patch, manager="kubectl-edit"
    )


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="fleet",
            says="eight addons in four tiers on every spoke; spokes join while it runs",
            tiers=TIERS,
            lay=_lay_fleet,
            rules=PACE,
        ),
        Scenario(
            name="slow-addon",
            says="cert-manager takes six minutes and more everywhere; what depends on it waits",
            tiers=TIERS,
            lay=_lay_all_at_once,
            rules=(*PACE, Rule(addon="addon-cert-manager", behaviour=takes(360), spread=0.3)),
        ),
        Scenario(
            name="broken-addon",
            says=f"cert-manager never gets healthy on {spoke_name(_BROKEN_SPOKE)}; its gate stalls",
            tiers=TIERS,
            lay=_lay_all_at_once,
            rules=(
                *PACE,
                Rule(
                    addon="addon-cert-manager",
                    spoke=spoke_name(_BROKEN_SPOKE),
                    behaviour=degrades(after_s=300),
                ),
            ),
        ),
        Scenario(
            name="labels-lost",
            says="in mid-course a stale writer wipes the gate labels of half the begun spokes",
            tiers=TIERS,
            lay=_then(_half_begun, _lose_labels),
            rules=PACE,
        ),
        Scenario(
            name="brown-field",
            says="addons run already; their ApplicationSets have just got gates, all closed",
            tiers=TIERS,
            lay=_lay_brown_field,
            rules=PACE,
        ),
        Scenario(
            name="late-addon",
            says="an addon joins a tier whose gates are open, and starts everywhere at once",
            tiers=TIERS,
            lay=_then(_half_secured, _add_addon),
            rules=PACE,
        ),
        RINGS,
        STAMPEDE,
        FULL_SHARD,
        OUT_OF_MEMORY,
        GITOPS_BRIDGE,
    )
}
"""By name; the first is the default."""
