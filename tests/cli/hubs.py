"""Hubs in values, each to show one thing in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    application,
    application_set,
    order,
    policy,
    settled_since,
    snapshot,
    spoke,
)
from watcher.decide import Snapshot, decide
from watcher.facts import Application, Command, Spoke, selector
from watcher.policy import Budgets, Policy, Ring, StartWhen, Window, WindowKind
from watcher.serve import Decided

TIERS = ("compute", "metrics", "apps")
SETS = (
    application_set("karpenter", "compute"),
    application_set("prometheus", "metrics"),
    application_set("argo-rollouts", "apps"),
)
AT_ONCE_4 = policy(*TIERS, budgets=Budgets(spokes_in_progress=4))
RINGS = (
    Ring("canary", selector("ring=canary")),
    Ring("fleet", start=StartWhen(approval=True)),
)


def decided(snapshot: Snapshot, by: Policy) -> Decided:
    """What is decided at `NOW`."""
    return Decided(decide(snapshot, by, NOW), by, NOW)


def rollout(*, of: int, settled: int, begun: int) -> Decided:
    """So many spokes: the first have settled in every tier, the next have begun, the others wait
    since they were made, one a minute.
    """
    return decided(snapshot(*_rollout(of, settled, begun)), AT_ONCE_4)


def held() -> Decided:
    """A canary that has settled, a fleet that nobody has approved, and one spoke on hold."""
    spokes, sets, apps = _rollout(6, 0, 0)
    labelled = [_labelled(each, ring="canary") for each in spokes[:2]]
    hold = order(Command.HOLD, at=NOW - MINUTE, spoke="spoke-001", why="it is being mended")
    shut = Window("freeze", WindowKind.DENY, "0 8 * * *", 2 * HOUR, rings=frozenset({"fleet"}))
    by = policy(*TIERS, rings=RINGS, windows=(shut,))
    return decided(snapshot([*labelled, *spokes[2:]], sets, apps, orders=(hold,)), by)


def troubled() -> Decided:
    """A gate that is lost, one that is stalled, and one that Argo CD would not open safely."""
    lost = spoke("lost", opened='{"compute":"2026-03-02T08:00:00Z"}')
    stalled = spoke("stalled", opened={"compute": NOW - HOUR})
    torn = spoke("torn", opened={"compute": NOW - HOUR}, teardown="compute")
    apps = (
        settled_since(NOW - HOUR, "karpenter", "lost"),
        application(
            "karpenter", "stalled", healthy=False, health_since=NOW - HOUR, deployed_at=None
        ),
    )
    return decided(snapshot([lost, stalled, torn], SETS, apps), AT_ONCE_4)


def torn() -> Decided:
    """A spoke whose teardown is done, and one where it goes on."""
    done, goes_on = spoke("done", teardown="compute,apps"), spoke("goes-on", teardown="compute")
    apps = (application("karpenter", "goes-on", deleting_since=NOW - MINUTE),)
    return decided(snapshot([done, goes_on], SETS, apps), AT_ONCE_4)


def unlisted() -> Decided:
    """A hub of whose controllers nothing is known."""
    spokes, sets, apps = _rollout(3, 0, 0)
    return decided(snapshot(spokes, sets, apps, pods=()), AT_ONCE_4)


def _rollout(
    of: int, settled: int, begun: int
) -> tuple[list[Spoke], tuple[Any, ...], list[Application]]:
    names = [f"spoke-{number:03d}" for number in range(of)]
    spokes = [
        spoke(name, opened=_opened(number, settled, begun), created_at=NOW - DAY + number * MINUTE)
        for number, name in enumerate(names)
    ]
    return spokes, SETS, list(_applications(names, settled, begun))


def _opened(number: int, settled: int, begun: int) -> dict[str, float]:
    if number < settled:
        return dict.fromkeys(TIERS, NOW - HOUR)
    return {"compute": NOW - MINUTE} if number < settled + begun else {}


def _applications(names: list[str], settled: int, begun: int) -> Iterator[Application]:
    for name in names[:settled]:
        for each in SETS:
            yield settled_since(NOW - HOUR + 5, each.name, name)
    for name in names[settled : settled + begun]:
        yield application(
            "karpenter",
            name,
            healthy=False,
            created_at=NOW - MINUTE,
            health_since=NOW - MINUTE + 1,
            reconciled_at=NOW,
        )


def _labelled(of: Spoke, **labels: str) -> Spoke:
    return spoke(of.name, labels=labels, created_at=of.created_at)
