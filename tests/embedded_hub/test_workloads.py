"""What addons do: by rule, by seed, and each Application by itself."""

from __future__ import annotations

import pytest

from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.workloads import (
    Behaviour,
    Rule,
    Workloads,
    degrades,
    flaps,
    never_healthy,
    suspended,
    takes,
)


def phases(behaviour: Behaviour, *, until_s: float) -> list[tuple[float, str]]:
    """Every change of health, by asking when the next one comes."""
    at, seen = 0.0, [(0.0, behaviour.health_at(0.0))]
    while (later := behaviour.next_phase_s(at)) is not None and later <= until_s:
        at = later
        seen.append((at, behaviour.health_at(at)))
    return seen


@pytest.mark.parametrize(
    ("behaviour", "seen"),
    [
        (takes(20.0), [(0.0, "Progressing"), (20.0, "Healthy")]),
        (never_healthy(), [(0.0, "Progressing")]),
        (degrades(30.0), [(0.0, "Progressing"), (30.0, "Degraded")]),
        (suspended(), [(0.0, "Suspended")]),
        (
            flaps(healthy_after_s=5.0, healthy_s=10.0, unhealthy_s=3.0),
            [(0.0, "Progressing"), (5.0, "Healthy"), (15.0, "Progressing"), (18.0, "Progressing"),
             (23.0, "Healthy"), (33.0, "Progressing"), (36.0, "Progressing")],
        ),
    ],
)  # fmt: skip
def test_phases_follow_each_other(behaviour: Behaviour, seen: list[tuple[float, str]]) -> None:
    assert phases(behaviour, until_s=40.0) == seen


def test_the_last_rule_that_fits_decides() -> None:
    workloads = Workloads(
        Chance(0),
        [
            Rule(behaviour=takes(1.0)),
            Rule(addon="addon-x", behaviour=takes(2.0)),
            Rule(addon="addon-x", spoke="b*", behaviour=takes(3.0)),
        ],
    )

    def seconds(addon: str, spoke: str) -> float:
        behaviour = workloads.behaviour(addon=addon, spoke=spoke, application="any")
        return behaviour.phases[-1][0]

    assert (seconds("addon-y", "b1"), seconds("addon-x", "a1"), seconds("addon-x", "b1")) == (
        1,
        2,
        3,
    )


def test_a_spread_stretches_each_application_by_itself_and_within_bounds() -> None:
    workloads = Workloads(Chance(4), [Rule(behaviour=takes(60.0), spread=0.5)])
    drawn = {
        name: workloads.behaviour(addon="a", spoke="s", application=name).phases[-1][0]
        for name in map(str, range(200))
    }
    assert len(set(drawn.values())) == 200
    assert 40.0 <= min(drawn.values()) < 45.0
    assert 85.0 < max(drawn.values()) <= 90.0
    again = workloads.behaviour(addon="a", spoke="s", application="7").phases[-1][0]
    assert again == drawn["7"]


def test_without_any_rule_an_addon_takes_some_seconds() -> None:
    workloads = Workloads(Chance(0))
    behaviour = workloads.behaviour(addon="a", spoke="s", application="x")
    assert 5.0 <= behaviour.phases[-1][0] <= 40.0


def test_followers_hear_of_a_change() -> None:
    heard: list[str] = []
    workloads = Workloads(Chance(0))
    workloads.on_change(lambda: heard.append("changed"))
    workloads.change(Rule(behaviour=never_healthy()))
    assert heard == ["changed"]
    behaviour = workloads.behaviour(addon="a", spoke="s", application="x")
    assert behaviour == never_healthy()
