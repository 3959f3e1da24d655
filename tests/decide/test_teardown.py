from __future__ import annotations

import pytest

from tests.builders import policy
from watcher.decide import Reason
from watcher.decide.reasons import Closes, TeardownWaits
from watcher.decide.teardown import closing, torn_tiers
from watcher.policy import Tier

CHAIN = policy("crds", "compute", "apps")
DIAMOND = policy(
    "crds", Tier("compute", ("crds",)), Tier("mesh", ("crds",)), Tier("apps", ("compute", "mesh"))
)


@pytest.mark.parametrize(
    ("named", "torn"),
    [
        (["compute"], ["compute"]),
        (["*"], ["crds", "compute", "apps"]),
        (["*", "compute"], ["crds", "compute", "apps"]),
        (["unheard of"], []),
        ([], []),
    ],
    ids=str,
)
def test_the_annotation_names_tiers_or_all_of_them(named: list[str], torn: list[str]) -> None:
    assert torn_tiers(frozenset(named), CHAIN) == frozenset(torn)


def closes(torn: str, open_tiers: str, **applications: int) -> dict[str, Reason]:
    return dict(
        closing(
            frozenset(torn.split()),
            open_tiers=frozenset(open_tiers.split()),
            applications=applications,
            policy=CHAIN,
        )
    )


def test_the_deepest_of_those_that_are_named_closes_first() -> None:
    assert closes("crds compute apps", "crds compute apps") == {
        "apps": Closes(),
        "compute": TeardownWaits("apps", 0),
        "crds": TeardownWaits("apps", 0),
    }


def test_the_next_waits_until_the_applications_of_the_one_before_are_gone() -> None:
    assert closes("compute apps", "compute", apps=2) == {"compute": TeardownWaits("apps", 2)}
    assert closes("compute apps", "compute", apps=0) == {"compute": Closes()}


def test_a_tier_that_is_not_named_is_not_waited_for() -> None:
    assert closes("crds", "crds compute", compute=1) == {"crds": Closes()}


def test_its_own_applications_are_what_it_is_closed_for() -> None:
    assert closes("apps", "apps", apps=3) == {"apps": Closes()}


def test_what_is_closed_already_is_not_closed_again() -> None:
    assert closes("crds compute", "") == {}


def test_tiers_side_by_side_close_together() -> None:
    named = frozenset({"compute", "mesh", "crds"})
    answer = closing(named, open_tiers=named, applications={}, policy=DIAMOND)
    assert answer == {
        "compute": Closes(),
        "mesh": Closes(),
        "crds": TeardownWaits("mesh", 0),
    }
