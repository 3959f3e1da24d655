from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.daemon.standing import TIERS, standing
from watcher.decide import State


async def test_gates_open_in_order_each_after_the_one_before_has_settled(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=3) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        for spoke in ("spoke-000", "spoke-001", "spoke-002"):
            mine = [(at, tier) for at, name, tier in house.opened if name == spoke]
            assert [tier for _, tier in mine] == list(TIERS)
            times = [at for at, _ in mine]
            gaps = [after - before for before, after in pairwise(times)]
            assert all(gap > 29.0 for gap in gaps), "20 s to be healthy, 10 s of soak"
        assert len(house.patches()) == 9
        assert house.closed == []
        assert run.logged("task died") == []
