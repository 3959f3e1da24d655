from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import MIB, NOW, controller, policy
from tests.decide.test_rooms import LARGE, SOFT, seen
from watcher.decide.capacity import Shards, fits, said_of
from watcher.decide.estimates import Work
from watcher.decide.findings import SOFT_LIMIT_SHARE
from watcher.decide.judgement import Stage
from watcher.decide.kills import Kills
from watcher.decide.reasons import Binds
from watcher.decide.rooms import Room, against, with_one
from watcher.decide.shards import Help, Remedy, Shard
from watcher.policy import Memory, Survive


def filled(here: Room) -> int:
    """How many spokes the rule itself admits, one after the other, each settled before the next."""
    for more in range(1000):
        work = Work(here.work.spokes + more)
        if against(replace(here, begun=0), work, Stage.NOTHING) is not None:
            return more
    return 1000


def helped(**fields: Any) -> dict[Remedy, Help]:
    here = replace(seen(**fields), waiting=100)
    return {each.remedy: each for each in said_of(here).helps}


@pytest.mark.parametrize("standing", [0, 5, 17, 40])
@pytest.mark.parametrize("survive", Survive)
def test_as_many_fit_as_the_rule_would_admit_one_after_the_other(
    standing: int, survive: Survive
) -> None:
    here = seen(of=policy("crds", memory=Memory(survive=survive)), standing=standing)
    assert fits(here)[0] == filled(here)


def test_which_capacity_would_be_used_up_first_is_said() -> None:
    assert fits(seen())[1] is Binds.RUNNING
    assert fits(seen(pod=LARGE))[1] is Binds.RESTART


def test_what_helps_comes_with_the_spokes_it_gains_the_first_thing_to_do_first() -> None:
    helps = helped(standing=15)
    assert list(helps) == [Remedy.SOFT_LIMIT, Remedy.LIMIT, Remedy.SHARD]
    assert helps[Remedy.SOFT_LIMIT].bytes == pytest.approx(SOFT_LIMIT_SHARE * 900 * MIB)
    assert helps[Remedy.SOFT_LIMIT].spokes > 10
    assert helps[Remedy.LIMIT].spokes == 100 - fits(seen(standing=15))[0]
    assert helps[Remedy.SHARD].spokes == fits(seen())[0]


def test_the_limit_that_is_named_is_enough() -> None:
    limit = helped(standing=15)[Remedy.LIMIT].bytes
    assert limit % (256 * MIB) == 0
    enough = seen(pod=controller(limit_bytes=int(limit)), standing=15)
    assert fits(enough)[0] >= 100
    short = seen(pod=controller(limit_bytes=int(limit) - 257 * MIB), standing=15)
    assert fits(short)[0] < 100


def test_one_that_has_gomemlimit_is_not_told_to_set_it() -> None:
    here = replace(seen(standing=15), waiting=100)
    assert here.measured is not None
    soft = said_of(_softly(here))
    assert Remedy.SOFT_LIMIT not in {each.remedy for each in soft.helps}
    assert soft.fits is not None
    assert soft.limit_bytes == SOFT["soft_limit_bytes"]


def _softly(here: Room) -> Room:
    assert here.gauge is not None
    return replace(
        here,
        gauge=replace(
            here.gauge,
            limit_bytes=SOFT["soft_limit_bytes"],
            overhead_bytes=0.0,
            factor=1.0,
            soft=True,
        ),
    )


def test_where_all_that_wait_fit_nothing_need_be_done() -> None:
    assert said_of(replace(seen(), waiting=2)).helps == ()


def test_a_shard_without_a_limit_has_no_capacity_that_anybody_knows() -> None:
    shard = said_of(seen(pod=controller(), loads=1))
    assert (shard.fits, shard.limit_bytes, shard.pod_limit_bytes) == (None, None, None)
    assert (shard.spokes, shard.loading) == (1, 1)
    assert shard.live_bytes == 8 * MIB


def test_what_is_said_adds_up() -> None:
    shard = said_of(seen(standing=10, loads=1))
    assert shard.used_bytes is not None
    assert shard.reserved_bytes is not None
    assert shard.restart_bytes is not None
    assert shard.filled_to_bytes == 0.85 * 900 * MIB
    assert shard.used_bytes + shard.reserved_bytes < shard.filled_to_bytes
    assert shard.used_bytes < shard.restart_bytes
    assert (shard.spokes, shard.loading, shard.survives_restart) == (11, 1, True)


def test_one_that_could_not_start_again_says_so() -> None:
    assert said_of(seen(standing=30)).survives_restart is False
    assert said_of(seen()).survives_restart is True


def test_one_that_is_killed_again_and_again_has_room_for_nothing() -> None:
    here = replace(seen(), kills=Kills(at=(NOW - 60, NOW - 20), count=2, last_at=NOW - 20))
    shard = said_of(here)
    assert (shard.fits, shard.binds, shard.survives_restart) == (0, Binds.RESTART, False)


def test_shards_are_worked_out_when_somebody_asks() -> None:
    here = seen(standing=3)
    shards = Shards({here.pod.key: here}, {})
    assert list(shards) == [here.pod.key]
    shard = shards[here.pod.key]
    assert isinstance(shard, Shard)
    assert shards[here.pod.key] is shard
    assert shards == Shards({here.pod.key: here}, {})
    assert shards != Shards({}, {})


def test_room_after_room_is_taken_as_it_is_counted() -> None:
    here, work, more = seen(), Work(), 0
    while against(here, work, Stage.NOTHING) is None:
        work = with_one(work, Stage.NOTHING)
        more += 1
        work = Work(work.spokes)  # it has settled
    assert more == fits(here)[0]
