from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.builders import DAY, MINUTE, NOW
from watcher.decide.kills import Kills, kills
from watcher.facts import Ended, Instant, Pod

KEY = "argocd/argocd-application-controller-0"


def pod(**fields: Any) -> Pod:
    made = Pod(
        uid="uid-0",
        namespace="argocd",
        name="argocd-application-controller-0",
        resource_version="1",
        phase="Running",
        ready=True,
        number=0,
    )
    return replace(made, **fields)


def killed(at: Instant | None, *, restarts: int = 1, **fields: Any) -> Pod:
    return pod(ended=Ended("OOMKilled", 137, at), restarts=restarts, **fields)


def seen(*looks: tuple[Instant, Pod | None]) -> Kills:
    """What is known of the one Pod after it was looked at so."""
    known: dict[str, Kills] = {}
    for at, shown in looks:
        known = kills(known, {} if shown is None else {KEY: shown}, at)
    return known.get(KEY, Kills())


def test_what_never_ended_was_never_killed() -> None:
    assert seen((NOW, pod())).at == ()
    assert seen((NOW, pod())).count == 0


def test_each_end_for_memory_is_a_kill() -> None:
    first, second = NOW + 20, NOW + 45
    known = seen(
        (NOW, pod()),
        (NOW + 21, killed(first, restarts=0)),
        (NOW + 46, killed(second, restarts=1)),
    )
    assert known.at == (first, second)
    assert known.count == 2
    assert known.last_at == second


def test_the_start_that_follows_an_end_is_no_other_end() -> None:
    known = seen(
        (NOW, pod()),
        (NOW + 21, killed(NOW + 20, restarts=0, ready=False)),
        (NOW + 23, killed(NOW + 20, restarts=1)),
        (NOW + 23, killed(NOW + 20, restarts=1, ready=False)),
    )
    assert known.at == (NOW + 20,)


def test_an_end_for_another_reason_is_no_kill() -> None:
    known = seen((NOW, pod()), (NOW + 5, pod(ended=Ended("Error", 1, NOW + 4), restarts=1)))
    assert known.at == ()


def test_a_kill_whose_reason_the_kubelet_did_not_see_is_one_by_its_exit_code() -> None:
    known = seen((NOW, pod()), (NOW + 5, pod(ended=Ended("Error", 137, NOW + 4), restarts=1)))
    assert known.at == (NOW + 4,)


def test_a_kill_counts_for_ten_minutes_and_is_remembered_as_the_last() -> None:
    known = seen((NOW, pod()), (NOW + 1, killed(NOW + 1)), (NOW + 1 + 10 * MINUTE, killed(NOW + 1)))
    assert known.at == ()
    assert known.count == 1
    assert known.last_at == NOW + 1


def test_after_a_start_the_last_end_counts() -> None:
    assert seen((NOW, killed(NOW - MINUTE, restarts=7))).at == (NOW - MINUTE,)


def test_after_a_start_an_end_of_long_ago_does_not() -> None:
    assert seen((NOW, killed(NOW - DAY, restarts=7))).at == ()


def test_after_a_start_a_controller_that_is_backed_off_was_killed_twice() -> None:
    shown = killed(NOW - MINUTE, restarts=2, waiting="CrashLoopBackOff", ready=False)
    assert seen((NOW, shown)).at == (NOW - MINUTE, NOW - MINUTE)


def test_a_first_back_off_may_follow_a_first_kill() -> None:
    shown = killed(NOW - MINUTE, restarts=1, waiting="CrashLoopBackOff", ready=False)
    assert seen((NOW, shown)).at == (NOW - MINUTE,)


def test_what_was_watched_is_counted_and_not_guessed() -> None:
    backed_off = killed(NOW + 20, restarts=5, waiting="CrashLoopBackOff", ready=False)
    assert seen((NOW, pod(restarts=5)), (NOW + 21, backed_off)).at == (NOW + 20,)


def test_an_end_without_a_time_counts_when_the_number_of_starts_rises() -> None:
    known = seen((NOW, pod()), (NOW + 5, killed(None, restarts=1)), (NOW + 9, killed(None)))
    assert known.at == (NOW + 5,)


def test_an_end_without_a_time_that_was_there_at_the_start_may_be_of_any_day() -> None:
    assert seen((NOW, killed(None, restarts=3))).at == ()


def test_a_node_whose_clock_is_ahead_kills_nobody_in_the_future() -> None:
    known = seen((NOW, pod()), (NOW + 5, killed(NOW + MINUTE)), (NOW + 9, killed(NOW + MINUTE)))
    assert known.at == (NOW + 5,)


def test_the_next_pod_of_that_name_carries_the_kills_on() -> None:
    known = seen(
        (NOW, pod()),
        (NOW + 20, killed(NOW + 20)),
        (NOW + 25, None),
        (NOW + 30, pod(uid="uid-1")),
        (NOW + 50, killed(NOW + 49, uid="uid-1", restarts=0)),
    )
    assert known.at == (NOW + 20, NOW + 49)


def test_a_pod_that_is_gone_is_forgotten_with_its_last_kill() -> None:
    assert seen((NOW, pod()), (NOW + 1, None)) == Kills()
    looks = ((NOW, pod()), (NOW + 1, killed(NOW + 1)), (NOW + 2 + 10 * MINUTE, None))
    assert seen(*looks) == Kills()


def test_looking_again_is_no_news() -> None:
    shown = {KEY: killed(NOW + 1)}
    known = kills(kills({}, {KEY: pod()}, NOW), shown, NOW + 2)
    assert kills(known, shown, NOW + 3)[KEY] is known[KEY]
