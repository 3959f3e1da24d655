from __future__ import annotations

import click
import pytest

from watcher.cli.untils import until
from watcher.facts import instant

NOW = instant("2026-11-24T17:00:00Z") or 0.0


@pytest.mark.parametrize(
    ("text", "after_s"),
    [
        ("90m", 5400.0),
        ("1h30m", 5400.0),
        ("48h", 172_800.0),
        ("2026-11-24T18:00:00Z", 3600.0),
        ("2026-11-24T18:00Z", 3600.0),
        ("2026-11-24 19:00+01:00", 3600.0),
    ],
)
def test_a_moment_or_a_length_of_time(text: str, after_s: float) -> None:
    assert until(text, NOW) == NOW + after_s


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "18:00",
        "2026-11-24",
        "2026-11-24T18:00:00",
        "2d",
        "-1h",
        "2026-13-24T18:00Z",
    ],
)
def test_what_could_mean_two_moments_or_none_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="nor a length of time"):
        until(text, NOW)


@pytest.mark.parametrize("text", ["0s", "2026-11-24T17:00:00Z", "2020-01-01T00:00Z"])
def test_what_is_over_already_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="over already"):
        until(text, NOW)
