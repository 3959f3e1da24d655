from __future__ import annotations

import pytest

from watcher.cli.memory_bar import amounts, bar

MIB = 2.0**20


def drawn(used: float, reserved: float, filled_to: float | None, limit: float = 100.0) -> str:
    return bar(used=used, reserved=reserved, filled_to=filled_to, limit=limit, width=10).plain


@pytest.mark.parametrize(
    ("used", "reserved", "filled_to", "picture"),
    [
        (30, 20, None, "███▓▓░░░░░"),
        (30, 20, 85, "███▓▓░░░│░"),
        (90, 0, 85, "████████│░"),
        (0, 0, None, "░░░░░░░░░░"),
        (100, 0, None, "██████████"),
        (80, 40, None, "████████▓▶"),
        (500, 0, 99, "█████████▶"),
        (30, 0, 100, "███░░░░░░░"),
    ],
)
def test_a_bar_is_as_long_as_the_limit(
    used: float, reserved: float, filled_to: float | None, picture: str
) -> None:
    assert drawn(used, reserved, filled_to) == picture


def test_a_limit_of_nothing_is_full() -> None:
    assert drawn(0, 0, None, limit=0) == "██████████"


def test_the_same_is_said_in_words() -> None:
    said = amounts(used=310 * MIB, reserved=150 * MIB, filled_to=765 * MIB, limit=900 * MIB)
    assert said == "310 MiB + 150 MiB set aside of 900 MiB, filled to 765 MiB"
    bare = amounts(used=3072 * MIB, reserved=0, filled_to=None, limit=4096 * MIB)
    assert bare == "3.0 GiB of 4.0 GiB"
