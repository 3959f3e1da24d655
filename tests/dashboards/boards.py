"""Which dashboards are there, and what do all of them have?

`dashboards/NAME.json` is what comes of each; a person imports it, or lets a sidecar do so. Their
uids are fixed, since the alerts lead to them.

Only the replica that leads exports gates and shards, so their sums are right however many there
are; the histograms and counters of a process add up over those that have led.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from tests.dashboards.panels import PAGE, SOURCE, link

TITLES = {
    "fleet": "Gate watcher / Fleet",
    "memory": "Gate watcher / Memory",
    "spoke": "Gate watcher / One spoke",
}

Rows: TypeAlias = Mapping[str, Iterable[Builder[Any]]]
"""The panels under each heading."""


def board(name: str, says: str, *asked: build.QueryVariable, rows: Rows) -> build.Dashboard:
    """A dashboard: where its data is, what it asks for, where it leads, what it shows."""
    made = build.Dashboard(TITLES[name]).uid(f"gate-watcher-{name}").description(says)
    made.tags(["gate-watcher"]).timezone("browser").refresh("30s").time("now-6h", "now")
    made.tooltip(DashboardCursorSync.CROSSHAIR).editable()
    for variable in (*_everywhere(), *asked):
        made.with_variable(variable)
    for other, title in TITLES.items():
        if other != name:
            made.link(link(title, f"/d/gate-watcher-{other}"))
    made.link(link("Status page", f"{PAGE}/"))
    for heading, panels in rows.items():
        made.with_row(build.Row(heading))
        for panel in panels:
            made.with_panel(panel)
    return made


def asked(metric: str, label: str, *, every: bool = False) -> build.QueryVariable:
    """A variable of all values that the label has; with `every`, several of them or all."""
    made = build.QueryVariable(label).label(label.capitalize()).datasource(SOURCE)
    made.query(f"label_values(gate_watcher_{metric}, {label})")
    made.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.NATURAL_ASC)
    if every:
        made.include_all(True).multi(True).all_value(".*")
        made.current(VariableOption(selected=True, text="All", value="$__all"))
    return made


def written(made: build.Dashboard) -> str:
    """The text of its file."""
    return JSONEncoder(sort_keys=True, indent=2).encode(made.build()) + "\n"


def _everywhere() -> tuple[Builder[Any], ...]:
    return (
        build.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        build.TextBoxVariable("status_page")
        .label("Status page")
        .description("Where the watcher shows its page, without a slash at the end.")
        .default_value("https://gate-watcher.example.invalid"),
    )
