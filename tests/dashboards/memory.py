"""What do the application controllers take, and what may still come?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder

from tests.dashboards.boards import asked, board
from tests.dashboards.panels import bars, increase, lines, rows, series

_SHARD = 'shard=~"$shard"'
_CALLED = "shard {{shard}}"
"""Shards are numbers: a legend that says 0 says nothing."""
_BYTES = {
    "memory_limit": "limit",
    "memory_filled_to": "filled to",
    "restart": "restart",
    "memory_predicted": "predicted",
    "memory_used": "used",
    "memory_reserved": "reserved",
    "memory_live": "live heap",
    "memory_resident": "resident",
}


def memory() -> build.Dashboard:
    """The dashboard."""
    return board(
        "memory",
        "What the application controllers take, and what may still come.",
        asked("shard_spokes", "shard", every=True),
        rows={"Now": _now(), "Over time": [_taken(), *_course()]},
    )


def _each(name: str, *by: str) -> str:
    return f"max by ({', '.join(('shard', *by))}) ({series(name, _SHARD)})"


def _now() -> Iterator[Builder[Any]]:
    yield rows(
        "Nothing is admitted on a shard",
        "The reasons for it, of now; none is good.",
        ("shard", "reason"),
        series("shard_stopped", _SHARD),
        width=12,
        height=6,
    )
    yield lines(
        "More spokes that fit",
        "How many more spokes fit on the shard, by what is known of it.",
        "short",
        [(_each("shard_fits_spokes"), _CALLED)],
    ).height(6)


def _taken() -> Builder[Any]:
    """One for each shard: eight lines of one controller are read, eighty of ten are not."""
    return (
        lines(
            "Memory of shard $shard",
            "As it counts against the limit: what stands (used), what is in progress may take on "
            "top (reserved), both together (predicted), what starting again would take (restart). "
            "Live heap and resident memory are what the controller says itself.",
            "bytes",
            [(_each(f"shard_{name}_bytes"), called) for name, called in _BYTES.items()],
            width=24,
        )
        .height(11)
        .repeat("shard")
    )


def _course() -> Iterator[Builder[Any]]:
    yield lines(
        "Spokes",
        "Spokes with something open or running, parked ones aside.",
        "short",
        [(_each("shard_spokes"), _CALLED)],
        width=6,
    )
    yield lines(
        "Collecting",
        "The share of its CPU that the controller spent collecting of late.",
        "percentunit",
        [(_each("shard_collecting_ratio"), _CALLED)],
        width=6,
    )
    yield bars(
        "Kills",
        "Times that it was killed for its memory.",
        "short",
        [(increase(series("shard_kills_total", _SHARD), "shard"), _CALLED)],
        width=6,
    )
    yield lines(
        "Predictor",
        "How far the predictor was off of late, as a share, by what it predicts.",
        "percentunit",
        [(_each("predictor_error_ratio", "kind"), f"{{{{kind}}}} on {_CALLED}")],
        width=6,
    )
