"""A container that dies comes back, later each time."""

from __future__ import annotations

from watcher.embedded_hub.containers import Container
from watcher.embedded_hub.stamps import stamp

START = 1_800_000_000.0


def dies_again_and_again(lives_s: float, times: int) -> list[float]:
    container = Container("c", "image", START)
    waits: list[float] = []
    at = START
    for _ in range(times):
        back_at = container.die(at + lives_s, for_memory=True)
        waits.append(back_at - at - lives_s)
        container.start(back_at)
        at = back_at
    return waits


def test_it_waits_longer_each_time_up_to_five_minutes() -> None:
    assert dies_again_and_again(15.0, 7) == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]


def test_ten_minutes_of_life_are_forgiven() -> None:
    assert dies_again_and_again(600.0, 3) == [10.0, 10.0, 10.0]
    assert dies_again_and_again(599.0, 2) == [10.0, 20.0]


def test_its_pod_says_that_it_runs() -> None:
    status = Container("c", "image", START).status("127.0.0.2")
    assert status["podIP"] == "127.0.0.2"
    (told,) = status["containerStatuses"]
    assert told["state"] == {"running": {"startedAt": stamp(START)}}
    assert (told["restartCount"], told["ready"], told["lastState"]) == (0, True, {})


def test_its_pod_says_that_it_was_killed_and_waits() -> None:
    container = Container("c", "image", START)
    back_at = container.die(START + 20.0, for_memory=True)
    status = container.status("127.0.0.1")
    (told,) = status["containerStatuses"]
    assert told["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert "back-off 10s" in told["state"]["waiting"]["message"]
    ended = told["lastState"]["terminated"]
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)
    assert ended["finishedAt"] == stamp(START + 20.0)
    assert {one["type"]: one["status"] for one in status["conditions"]}["Ready"] == "False"
    container.start(back_at)
    (told,) = container.status("127.0.0.1")["containerStatuses"]
    assert (told["restartCount"], told["ready"]) == (1, True)
    assert told["lastState"]["terminated"] == ended


def test_another_end_is_no_kill_for_memory() -> None:
    container = Container("c", "image", START)
    container.die(START + 1.0, for_memory=False)
    (told,) = container.status("")["containerStatuses"]
    assert told["lastState"]["terminated"]["reason"] == "Error"
