from __future__ import annotations

import pytest

from tests.builders import policy
from tests.check.sights import GUARDED, levels, said
from tests.lint.written import inventory, secret
from watcher.check import Level
from watcher.facts import Force, Guard, Standing
from watcher.policy import Gates, Polarity, Policy, Recovery

MISSING = Standing(Force.NOT_IN_FORCE, "policy x is not on the hub; apply the component guards")
UNKNOWN = Standing(Force.UNKNOWN, "policy x may not be read (403); apply the component guards")


def by(manager: str) -> str:
    fields = f", resourceVersion: '7', managedFields: [{{manager: {manager}, operation: Update}}]"
    return secret("a", metadata=fields)


def test_what_is_in_force_is_named_and_what_nobody_asks_for_too() -> None:
    assert said("guards") == [
        (Level.OK, "A, B in force; C, D, E, which nothing here asks for, not")
    ]


def test_a_guard_that_is_missing_is_a_warning_with_what_to_apply() -> None:
    guards = {**GUARDED, Guard.A: MISSING}
    assert said("guards", guards=guards)[0] == (
        Level.WARNING,
        "A is not in force: policy x is not on the hub; apply the component guards",
    )


@pytest.mark.parametrize("guard", [Guard.C, Guard.D, Guard.E])
def test_a_guard_that_nobody_asks_for_and_that_is_there_must_be_as_shipped(guard: Guard) -> None:
    """C is bound in Argo CD's namespace alone, say, and Applications are elsewhere."""
    other = Standing(Force.NOT_IN_FORCE, "policy x is not what was shipped; apply y", there=True)
    first, second = said("guards", guards={**GUARDED, guard: other})
    assert first == (
        Level.WARNING,
        f"{guard} is not in force: policy x is not what was shipped; apply y",
    )
    rest = ", ".join(each for each in "CDE" if each != guard)
    assert second == (Level.OK, f"A, B in force; {rest}, which nothing here asks for, not")
    assert levels("guards", guards={**GUARDED, guard: other}, before=True) == [Level.OK, Level.OK]


def test_of_guard_c_it_is_said_that_it_may_go_by_old_names() -> None:
    ((_, held), (level, text)) = said("guards", guards=dict.fromkeys(Guard, GUARDED[Guard.A]))
    assert held == "A, B, C, D, E in force"
    assert level is Level.OK, "nothing is known to be wrong"
    assert text.startswith("whether C reads gate-watcher-removals cannot be seen")


def test_what_may_not_be_read_is_not_known_and_never_in_force() -> None:
    ((level, text), _) = said("guards", guards={**GUARDED, Guard.B: UNKNOWN})
    assert level is Level.WARNING
    assert text.startswith("B is not known to be in force: policy x may not be read (403)")
    assert "ask for the right to get validatingadmissionpolicies" in text, "as a person needs it"


def test_under_block_nothing_is_written_without_guard_a_which_is_a_fault() -> None:
    block = Policy(policy("crds").tiers, gates=Gates(polarity=Polarity.BLOCK))
    found = levels("guards", policy=block, guards={Guard.A: MISSING, Guard.B: MISSING})
    assert found == [Level.FAULT, Level.WARNING]
    old = levels("guards", policy=block, guards={Guard.A: MISSING}, kubernetes="v1.29.0")
    assert old[0] is Level.FAULT


def test_recovery_asks_for_guard_e() -> None:
    parks = Policy(policy("crds").tiers, recovery=Recovery.PARK)
    guards = {**GUARDED, Guard.E: MISSING}
    assert levels("guards", policy=parks, guards=guards) == [Level.WARNING, Level.OK]
    assert levels("guards", guards=guards) == [Level.OK]


def test_a_hub_that_is_too_old_for_guards_is_told_once() -> None:
    assert levels("guards", guards={}, kubernetes="v1.29.0") == []
    assert levels("kubernetes", guards={}, kubernetes="v1.29.0") == [Level.WARNING]


@pytest.mark.parametrize(
    ("manager", "expected"),
    [
        ("HashiCorp", [Level.WARNING]),
        ("argocd-server", [Level.WARNING]),
        ("something-else", [Level.OK, Level.OK]),
        ("gate-watcher", [Level.OK]),
    ],
)
def test_who_else_writes_is_judged_as_lint_does(manager: str, expected: list[Level]) -> None:
    spokes = inventory(by(manager), policy("crds"), whole=True)
    assert levels("label-owners", spokes=spokes) == expected


def test_a_writer_is_said_with_its_code_of_lint() -> None:
    spokes = inventory(by("HashiCorp"), policy("crds"), whole=True)
    ((_, text),) = said("label-owners", spokes=spokes)
    assert text.startswith("GW060 Secret argocd/cluster-a: HashiCorp has written it; Set `ignore_")


def test_terraform_beside_block_is_a_fault() -> None:
    block = Policy(policy("crds").tiers, gates=Gates(polarity=Polarity.BLOCK))
    spokes = inventory(by("HashiCorp"), block, whole=True)
    assert levels("label-owners", policy=block, spokes=spokes) == [Level.FAULT]
