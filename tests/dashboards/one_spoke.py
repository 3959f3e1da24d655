"""How is one spoke: its gates, its Applications, its shard?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder

from tests.dashboards.boards import asked, board
from tests.dashboards.panels import IN_STATE, PAGE, lines, link, rows, series, state_numbers, states
from watcher.decide.verdicts import URGENT

_SPOKE = 'spoke="$spoke"'
_INFO = series("spoke_info", _SPOKE)


def one_spoke() -> build.Dashboard:
    """The dashboard."""
    made = board(
        "spoke",
        "One spoke: its gates, its Applications, its shard.",
        asked("spoke_info", "spoke"),
        rows={"$spoke": _gates(), "In Argo CD": [_applications()], "Its shard": [_shard()]},
    )
    here = f"{PAGE}/?spoke=${{spoke:percentencode}}"  # no path may have every name in it
    return made.link(link("This spoke on the status page", here))


def _gates() -> Iterator[Builder[Any]]:
    yield rows(
        "Where it is",
        "Its server as Argo CD has it, and the shard that holds it.",
        ("spoke", "ring", "shard", "dest_server"),
        _INFO,
        height=4,
    )
    one = f"max by (tier) ({series('gate_state', _SPOKE, IN_STATE)})"
    yield states(
        "Gates",
        "The state of each gate that has not passed. Where nothing is shown it has, or there were "
        "too many for series of their own.",
        state_numbers(one, URGENT),
    )
    yield rows(
        "Why",
        "Each gate that has not passed, with the first of its reasons; the page has all of them.",
        ("tier", "state", "reason"),
        series("gate_state", _SPOKE),
        width=12,
    )
    opened = series("gate_opened_timestamp_seconds", _SPOKE)
    yield lines(
        "Open for",
        "How long the gates have been open that have not passed.",
        "s",
        [(f"time() - max by (tier) ({opened})", "{{tier}}")],
    ).height(10)


def _applications() -> Builder[Any]:
    here = f"max by (dest_server) ({_INFO})"
    return rows(
        "Applications",
        "What Argo CD's own metrics say of the Applications there.",
        ("name", "sync_status", "health_status"),
        f"argocd_app_info * on (dest_server) group_left () {here}",
    )


def _shard() -> Builder[Any]:
    here = f"max by (shard) ({_INFO})"
    return lines(
        "Memory of its shard",
        "What stands on it and what may come, as it counts against the limit; live heap and "
        "resident memory are what the controller says itself, whether it has a limit or not.",
        "bytes",
        [
            (
                f"max by (shard) ({series(f'shard_memory_{name}_bytes')}) and on (shard) {here}",
                f"{called}, shard {{{{shard}}}}",
            )
            for name, called in (
                ("limit", "limit"),
                ("filled_to", "filled to"),
                ("predicted", "predicted"),
                ("used", "used"),
                ("live", "live heap"),
                ("resident", "resident"),
            )
        ],
        width=24,
    )
