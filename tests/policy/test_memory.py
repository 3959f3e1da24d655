from __future__ import annotations

import pytest

from tests.policy.policies import GOOD
from watcher.policy import Policy, read_policy


def faults(memory: str) -> list[str]:
    """What is wrong with a policy whose memory is that, without file and line."""
    read = read_policy(f"{GOOD['the least']}memory: {{{memory}}}\n", file="p")
    return [] if isinstance(read, Policy) else [str(fault).removeprefix("p:4: ") for fault in read]


@pytest.mark.parametrize(
    "memory",
    [
        "",
        "high: 0.71",
        "low: 84%",
        "high: 0.5, low: 0.4",
        "scrapeEvery: 29s",
        "staleAfter: 6s",
        "limit: 110Mi",
        "limit: 110Mi, high: 0.9",
    ],
)
def test_keys_that_go_together_are_read(memory: str) -> None:
    assert faults(memory) == []


@pytest.mark.parametrize(
    ("memory", "key"), [("high: 0.7", "high"), ("low: 0.85", "low"), ("high: 0.3, low: 0.4", "low")]
)
def test_the_low_mark_is_under_the_high_one(memory: str, key: str) -> None:
    (fault,) = faults(memory)
    assert fault.startswith(f"memory.{key}: the low mark is 0.")
    assert fault.endswith("so no shard would be full; make low less than high, as 0.7 and 0.85")


@pytest.mark.parametrize(
    ("memory", "key"),
    [
        ("scrapeEvery: 30s", "scrapeEvery"),
        ("staleAfter: 5s", "staleAfter"),
        ("scrapeEvery: 1m, staleAfter: 50s", "staleAfter"),
    ],
)
def test_a_reading_is_not_stale_before_the_next(memory: str, key: str) -> None:
    (fault,) = faults(memory)
    assert fault.startswith(f"memory.{key}: a reading is stale after ")


@pytest.mark.parametrize(
    ("memory", "limit"),
    [
        ("limit: 50Mi", "50Mi"),
        ("limit: 58Mi", "58Mi"),
        ("limit: 1Gi, overhead: 900Mi", "1Gi"),
        ("limit: 1Mi, low: 1%", "1Mi"),
    ],
)
def test_a_limit_has_room_for_more_than_the_overhead(memory: str, limit: str) -> None:
    (fault,) = faults(memory)
    assert fault.startswith(f"memory.limit: of {limit} ")
    assert fault.endswith("write the limit that the Pods have, as 4Gi")


@pytest.mark.parametrize(
    "memory",
    [
        *("high: 7, low: 0.9", "low: x, high: 0.1", "staleAfter: 5", "limit: 4GB", "overhead: 9"),
        *("scrapeEvery: ~", "limit: ~", "high: [0.1]"),
    ],
)
def test_what_is_wrong_by_itself_is_not_wrong_with_another_too(memory: str) -> None:
    assert len(faults(memory)) == 1
