"""What do the panels of every dashboard have in common?

A datasource that is a variable, an id that stays, a description, a unit; and the colours and
numbers of states, so that a state looks the same wherever it is shown.

Facts (Grafana, 11): a state timeline and a table show numbers through value mappings; a heat map
takes buckets as they are where the query's format is `heatmap`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias, TypeVar

from grafana_foundation_sdk.builders import common, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    ScaleDistribution,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DashboardSpecialValueMapOptions,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from watcher.decide import State

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
IN_STATE = 'state="STATE"'
"""A matcher of each state in turn (`state_numbers`)."""
PAGE = "${status_page}"
"""Where the watcher's status page is; a person puts it in once."""

COLOURS: dict[State, str] = {
    State.UNGATED: "#8e8e8e",
    State.SKIPPED: "#8e8e8e",
    State.SETTLED: "#56a64b",
    State.WAITING: "#8ab8ff",
    State.QUEUED: "#3274d9",
    State.SOAKING: "#96d98d",
    State.PROGRESSING: "#f2cc0c",
    State.HELD: "#a352cc",
    State.UNKNOWN: "#5c4a4a",
    State.UNADOPTED: "#ff9830",
    State.DEGRADED: "#fa6400",
    State.STALLED: "#e02f44",
    State.LOST: "#ad0317",
}
"""In the order of what a row shows where several hold: the last of them."""

NUMBERS = {state: number for number, state in enumerate(COLOURS)}


class _Shared(Protocol):
    """What a panel of any kind can be told."""

    def title(self, title: str) -> object: ...
    def description(self, description: str) -> object: ...
    def datasource(self, datasource: DataSourceRef) -> object: ...
    def height(self, h: int) -> object: ...
    def span(self, w: int) -> object: ...


P = TypeVar("P", bound=_Shared)
Query: TypeAlias = tuple[str, str]
"""An expression, and how what it gives is called."""


def panel(made: P, title: str, says: str, *, width: int, height: int = 8) -> P:
    """`made` with what every panel has; the whole width is 24."""
    made.title(title)
    made.description(says)
    made.datasource(SOURCE)
    made.span(width)
    made.height(height)
    return made


def series(name: str, *matchers: str) -> str:
    """A selector of the series `gate_watcher_NAME`."""
    return f"gate_watcher_{name}{{{','.join(matchers)}}}" if matchers else f"gate_watcher_{name}"


def increase(of: str, *by: str) -> str:
    """By how much a counter grew in each step that is shown, over all replicas."""
    return f"sum by ({', '.join(by)}) (increase({of}[$__rate_interval]))"


def query(expr: str, called: str = "", *, at: int = 0) -> Dataquery:
    """One query over the time that is shown."""
    return Dataquery().expr(expr).legend_format(called).ref_id("ABCDEFGHIJKLMNOP"[at]).range()


def now(expr: str, *, at: int = 0) -> Dataquery:
    """One query of this moment, as a table takes it."""
    made = Dataquery().expr(expr).ref_id("ABCDEFGHIJKLMNOP"[at]).instant()
    return made.format(PromQueryFormat.TABLE)


def lines(
    title: str, says: str, unit: str, queries: Sequence[Query], *, width: int = 12
) -> timeseries.Panel:
    """Lines over time, from nought."""
    made = panel(timeseries.Panel(), title, says, width=width).unit(unit).min(0)
    made.line_width(2).fill_opacity(5).show_points(VisibilityMode.NEVER)
    made.legend(
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    made.tooltip(
        common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING)
    )
    for at, (expr, called) in enumerate(queries):
        made.with_target(query(expr, called, at=at))
    return made


def stacked(
    title: str, says: str, unit: str, queries: Sequence[Query], *, width: int = 12
) -> timeseries.Panel:
    """Areas one on the other, in the colours of states where they are named so."""
    made = lines(title, says, unit, queries, width=width).fill_opacity(60).line_width(0)
    made.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    for state, colour in COLOURS.items():
        made.override_by_name(state.value, [DynamicConfigValue("color", _fixed(colour))])
    return made


def bars(
    title: str, says: str, unit: str, queries: Sequence[Query], *, width: int = 12
) -> timeseries.Panel:
    """Bars over time, for what happens now and then."""
    made = lines(title, says, unit, queries, width=width).decimals(0)  # what grew is extrapolated
    return made.draw_style(GraphDrawStyle.BARS).fill_opacity(80).line_width(0)


def number(title: str, says: str, unit: str, expr: str, *, width: int = 4) -> stat.Panel:
    """One number of this moment."""
    made = panel(stat.Panel(), title, says, width=width, height=4).unit(unit)
    return made.with_target(query(expr))


def heat(title: str, says: str, expr: str, *, width: int = 12) -> heatmap.Panel:
    """How many were how long, over time; `expr` gives buckets by `le`."""
    made = panel(heatmap.Panel(), title, says, width=width).unit("short")
    made.y_axis(heatmap.YAxisConfig().unit("s")).hide_y_histogram()
    made.color(
        heatmap.HeatmapColorOptions()
        .mode(HeatmapColorMode.SCHEME)
        .scheme("Oranges")
        .steps(32)
        .min(0)
    )
    made.scale_distribution(
        common.ScaleDistributionConfig().type(ScaleDistribution.LINEAR)
    ).show_legend().filter_values(heatmap.FilterValueRange().le(1e-9))
    return made.with_target(query(expr, "{{le}}").format(PromQueryFormat.HEATMAP))


def states(title: str, says: str, expr: str, *, width: int = 24) -> statetimeline.Panel:
    """One row for each tier, in the colour of its state; `expr` gives their numbers."""
    made = panel(statetimeline.Panel(), title, says, width=width, height=9).unit("short")
    made.mappings(state_mappings()).merge_values(True).show_value(VisibilityMode.NEVER)
    made.row_height(0.85).fill_opacity(90).line_width(0)
    return made.with_target(query(expr, "{{tier}}"))


def rows(
    title: str, says: str, labels: Sequence[str], of: str, *, width: int = 24, height: int = 10
) -> table.Panel:
    """A table of this moment: these labels of the series that `of` gives, in this order, without
    time and value.
    """
    made = panel(table.Panel(), title, says, width=width, height=height).unit("short")
    order = {label: at for at, label in enumerate(labels)}
    hidden = dict.fromkeys(("Time", "Value"), True)
    made.with_transformation(
        DataTransformerConfig("organize", options={"indexByName": order, "excludeByName": hidden})
    )
    return made.with_target(now(f"max by ({', '.join(labels)}) ({of})")).filterable(True)


def state_numbers(pattern: str, states: Iterable[State] = COLOURS) -> str:
    """An expression of each series' state as a number; `pattern` has STATE where one stands, and
    gives 1 where it holds.
    """
    numbered = [(NUMBERS[state], state) for state in COLOURS if state in set(states)]
    parts = [f"{number} * ({pattern.replace('STATE', state)})" for number, state in numbered]
    return " or ".join(reversed(parts))


def state_mappings() -> list[ValueMapping]:
    """What the numbers of states are called, and look like; without a series, a gate has passed."""
    options = {
        str(number): ValueMappingResult(text=state.value, color=COLOURS[state], index=number)
        for state, number in NUMBERS.items()
    }
    passed = ValueMappingResult(text="passed", color=COLOURS[State.SETTLED], index=len(options))
    return [
        ValueMap(options=options),
        SpecialValueMap(options=_special(passed)),
    ]


def link(title: str, url: str) -> build.DashboardLink:
    """A link in the head of a dashboard, with the time that is shown."""
    made = build.DashboardLink(title).url(url).type(DashboardLinkType.LINK)
    return made.keep_time(True).include_vars(False).icon("external link").target_blank(False)


def _fixed(colour: str) -> dict[str, str]:
    return {"mode": "fixed", "fixedColor": colour}


def _special(result: ValueMappingResult) -> DashboardSpecialValueMapOptions:
    return DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL_AND_NAN, result=result)
