from __future__ import annotations

from typing import Any

import pytest

from watcher.decide.findings import NoLimit, NoSoftLimit, NotRestartable, findings, tell
from watcher.decide.shards import Shard
from watcher.policy import Pacing

MIB = float(2**20)


def shard(**fields: Any) -> Shard:
    """One that has nothing to be found."""
    whole: dict[str, Any] = {
        "limit_bytes": 780 * MIB,
        "pod_limit_bytes": 900 * MIB,
        "soft_limit_bytes": 780 * MIB,
        "survives_restart": True,
    }
    return Shard("0", "argocd/controller-0", **{**whole, **fields})


def test_a_shard_with_both_limits_that_could_start_again_has_none() -> None:
    assert findings(shard(), Pacing()) == ()


def test_a_shard_of_which_nothing_is_known_yet_is_not_said_to_be_unable_to_start() -> None:
    assert findings(shard(survives_restart=None), Pacing()) == ()


def test_without_a_soft_limit_the_value_to_set_is_named() -> None:
    (found,) = findings(shard(soft_limit_bytes=None, limit_bytes=900 * MIB), Pacing())
    assert found == NoSoftLimit("0", 900 * MIB, 0.87 * 900 * MIB)
    assert "a limit of 900 MiB and no GOMEMLIMIT; set GOMEMLIMIT=783MiB" in tell(found)


def test_without_any_limit_the_fixed_window_is_named() -> None:
    bare = shard(limit_bytes=None, pod_limit_bytes=None, soft_limit_bytes=None)
    assert findings(bare, Pacing(without_limit=6)) == (NoLimit("0", 6),)
    assert "a fixed window of 6 spokes is in progress on it" in tell(NoLimit("0", 6))
    assert "a fixed window of 1 spoke is in progress on it" in tell(NoLimit("0", 1))


def test_a_soft_limit_alone_is_a_limit() -> None:
    assert findings(shard(pod_limit_bytes=None), Pacing()) == ()


def test_what_could_not_start_again_comes_first() -> None:
    full = shard(survives_restart=False, restart_bytes=1000 * MIB, soft_limit_bytes=None)
    first, second = findings(full, Pacing())
    assert first == NotRestartable("0", 1000 * MIB, 780 * MIB)
    assert isinstance(second, NoSoftLimit)
    assert "would not survive a restart, which would take 1000 MiB of 780 MiB; " in tell(first)


@pytest.mark.parametrize("missing", [(None, 1.0), (1.0, None)])
def test_amounts_that_are_not_known_are_left_out(missing: tuple[float, float]) -> None:
    assert "would not survive a restart; give" in tell(NotRestartable("0", *missing))
