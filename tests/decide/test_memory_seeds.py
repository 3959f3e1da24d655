"""S7 on a hub that goes on by itself, whatever the watcher is told: at each admission what stands,
what is reserved and what is predicted stay under the high mark, by operands that are finite and
fresh. The whole campaign is `tests/run bench lying`.
"""

from __future__ import annotations

import pytest

from tests.bench.fleets import Fleet, sized
from tests.bench.lying import LIES, Lie, lied_to

TIGHT, ROOMY = sized("12-tight", 12, soft=False), sized("12", 12, soft=False)
SOFT = sized("12", 12, soft=True)


@pytest.mark.parametrize("lie", [pytest.param(lie, id=name) for name, lie in LIES.items()])
def test_whatever_it_is_told_it_admits_only_what_has_room(lie: Lie) -> None:
    lied_to(TIGHT, lie, seed=0)


@pytest.mark.parametrize("fleet", [ROOMY, SOFT], ids=["limit", "GOMEMLIMIT"])
def test_a_fleet_that_fits_is_brought_up_without_a_kill(fleet: Fleet) -> None:
    for seed in range(2):
        run = lied_to(fleet, LIES["none"], seed)
        assert (run.kills, run.settled) == (0, 12)
