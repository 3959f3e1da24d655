"""Chance depends on the seed and on what it is for, and on nothing else."""

from __future__ import annotations

from watcher.embedded_hub.chance import Chance


def test_a_draw_is_the_same_whatever_was_drawn_before() -> None:
    one, other = Chance(7), Chance(7)
    other.share("something", "else")
    assert one.share("pace", "a", 3) == other.share("pace", "a", 3)


def test_seeds_and_purposes_draw_apart() -> None:
    drawn = {Chance(seed).share("pace", name) for seed in range(20) for name in ("a", "b")}
    assert len(drawn) == 40


def test_draws_fill_their_span_evenly() -> None:
    drawn = [Chance(1).between(10.0, 20.0, number) for number in range(2000)]
    assert all(10.0 <= one < 20.0 for one in drawn)
    assert 14.7 < sum(drawn) / len(drawn) < 15.3


def test_every_option_is_picked_in_time() -> None:
    assert {Chance(3).pick("abc", number) for number in range(60)} == {"a", "b", "c"}
