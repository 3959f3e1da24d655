"""What waits, what moves and what needs a person, over all spokes?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from tests.dashboards.boards import asked, board
from tests.dashboards.panels import (
    IN_STATE,
    PAGE,
    bars,
    heat,
    increase,
    lines,
    number,
    rows,
    series,
    stacked,
    state_numbers,
    states,
)

_TIER = 'tier=~"$tier"'
_URGENT = "Lost|Stalled|Degraded|Unadopted"


def fleet() -> build.Dashboard:
    """The dashboard."""
    return board(
        "fleet",
        "Every tier over all spokes: what waits, what moves, what needs a person.",
        asked("gates", "tier", every=True),
        rows={
            "Now": [*_numbers(), _tiers(), _urgent()],
            "How it goes": _course(),
            "What goes wrong": _wrong(),
            "The watcher itself": _itself(),
        },
    )


def _gates(*states: str) -> str:
    return f"sum({series('gates', _TIER, _among(states))})"


def _among(states: tuple[str, ...]) -> str:
    any_of = "|".join(states)
    return f'state=~"{any_of}"'


def _numbers() -> Iterator[Builder[Any]]:
    passed, every = _gates("Settled", "Ungated", "Skipped"), f"sum({series('gates', _TIER)})"
    leaders = 'sum(leader_election_master_status{name="gate-watcher"})'
    for title, says, unit, expr in (
        ("Spokes", "Cluster Secrets on the hub.", "short", f"sum({series('spokes')})"),
        (
            "Passed",
            "The share of gates that are settled, ungated or skipped.",
            "percentunit",
            f"{passed} / {every}",
        ),
        (
            "Waiting",
            "Gates that wait for a tier, or for their turn.",
            "short",
            _gates("Waiting", "Queued"),
        ),
        (
            "In progress",
            "Open gates that have not settled yet.",
            "short",
            _gates("Progressing", "Soaking"),
        ),
        (
            "Need a person",
            "Gates that are lost, stalled, degraded or unadopted.",
            "short",
            _gates(*_URGENT.split("|")),
        ),
        ("Leaders", "Replicas that hold the lease: one, or none.", "short", leaders),
    ):
        yield number(title, says, unit, expr)


def _tiers() -> Builder[Any]:
    any_gate = f"{series('gates', _TIER, IN_STATE)} > bool 0"
    return states(
        "Tiers",
        "The state of each tier: of all its gates the one that most needs a person.",
        f"max by (tier) ({state_numbers(any_gate)})",
    )


def _urgent() -> table.Panel:
    shown = series("gate_state", _TIER, f'state=~"{_URGENT}|Held"')
    made = rows(
        "What needs a person",
        "The gates that do not pass by themselves, with the first of their reasons.",
        ("spoke", "tier", "state", "reason"),
        shown,
    )
    links = [
        {"title": "Its dashboard", "url": "/d/gate-watcher-spoke?var-spoke=${__value.text}"},
        {"title": "Its page", "url": f"{PAGE}/spokes/${{__value.text}}"},
    ]
    return made.override_by_name("spoke", [DynamicConfigValue("links", links)])


def _course() -> Iterator[Builder[Any]]:
    yield stacked(
        "Gates by state",
        "All gates of the chosen tiers.",
        "short",
        [(f"sum by (state) ({series('gates', _TIER)})", "{{state}}")],
    )
    yield bars(
        "Admissions",
        "Gates that were opened.",
        "short",
        [(increase(series("admissions_total", _TIER), "tier"), "{{tier}}")],
    )
    yield heat(
        "Waits",
        "How long gates that were opened could have been open already.",
        increase(series("admission_wait_seconds_bucket", _TIER), "le"),
    )
    yield heat(
        "Settling",
        "How long gates took to settle for the first time.",
        increase(series("settle_duration_seconds_bucket", _TIER), "le"),
    )


def _wrong() -> Iterator[Builder[Any]]:
    yield bars(
        "Lost gates",
        "Open gates whose label went, by what that deletes.",
        "short",
        [(increase(series("gates_lost_total"), "blast_radius"), "{{blast_radius}}")],
        width=8,
    )
    yield lines(
        "Something new behind open gates",
        "Gates that were open already when something new began behind them.",
        "short",
        [(f"sum by (tier) ({series('gates_rushed', _TIER)})", "{{tier}}")],
        width=8,
    )
    yield lines(
        "Nothing is admitted",
        "The reasons for which nothing is admitted on the whole hub.",
        "short",
        [(f"max by (reason) ({series('admission_stopped')})", "{{reason}}")],
        width=8,
    )


def _itself() -> Iterator[Builder[Any]]:
    heard = series("watch_last_event_timestamp_seconds")
    yield lines(
        "Since the hub was heard",
        "How old what is known of each kind is, by the replica that knows least.",
        "s",
        [(f"max by (resource) (time() - {heard})", "{{resource}}")],
        width=8,
    )
    yield bars(
        "Patches",
        "Patches of Secrets, by what became of them.",
        "short",
        [(increase(series("patches_total"), "result"), "{{result}}")],
        width=8,
    )
    yield lines(
        "Turns",
        "How long 99 of 100 decisions and whole turns took.",
        "s",
        [
            (_slowest(series(f"{each}_duration_seconds_bucket")), each)
            for each in ("decide", "turn")
        ],
        width=8,
    )


def _slowest(buckets: str) -> str:
    return f"histogram_quantile(0.99, sum by (le) (rate({buckets}[$__rate_interval])))"
