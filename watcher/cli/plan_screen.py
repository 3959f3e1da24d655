"""What does a plan look like in a terminal?

A section for each place where a gate can stand, in the order in which things will happen; in each a
line for all that wait alike, with the first of their spokes by name, so that a thousand spokes fit
on a screen.

Elsewhere: what stands where (planned.py); asking (plan.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace
from rich.console import Group as Stack
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from watcher.cli.looks import LOOKS, plain
from watcher.cli.planned import Act, Group, Next, Plan
from watcher.decide import State
from watcher.facts import many
from watcher.serve.shapes import Reason

_MOST_ROWS = 8
"""Of one section; all of it is in `-o json`."""

_NAMED = 5
"""Spokes that are named of many that wait alike."""

_TIERS_SHARE = 6
"""Of the width, at most one so many-th is for the tiers' names; more of them are folded."""

_DOES = {
    "opens": "opens",
    "closes": "closes",
    "parks": "is parked",
    "unparks": "comes back",
    "unmarks": "is no longer marked",
}


class _Row(Struct, frozen=True):
    """Gates that wait alike."""

    gates: int
    how: Text
    tiers: str
    because: str
    spokes: tuple[str, ...]


def plan_screen(plan: Plan, *, width: int) -> RenderableType:
    """The plan, in so many columns."""
    parts: list[RenderableType] = [_head(plan)]
    parts += [plain(f"nothing is admitted: {each.says}", "bold red") for each in plan.stops]
    parts += [plain(f"not known: {each}", "yellow") for each in plan.unknown]
    sections = (
        ("Now", _acts(plan.now)),
        ("Under way", _groups(plan.under_way)),
        ("In line", _line(plan.in_line)),
        ("Kept back", _together(_groups(plan.kept_back))),
        ("Waits for another tier", _together(_groups(plan.waits))),
        ("Needs somebody", _together(_groups(plan.needs_somebody))),
        ("Torn down, and nothing is left", _together(_groups(plan.torn_down))),
    )
    shown = [(title, rows) for title, rows in sections if rows]
    widest = max((len(row.tiers) for _, rows in shown for row in rows), default=0)
    tiers_wide = min(widest, width // _TIERS_SHARE)
    for title, rows in shown:
        parts += ["", Text(title, style="bold"), _table(rows, tiers_wide)]
    if not shown:
        parts += ["", "Nothing is to be done: every gate has passed."]
    elif [title for title, _ in shown] == [sections[-1][0]]:
        parts += ["", "Nothing is to be done: every other gate has passed."]
    return Stack(*parts)


def _head(plan: Plan) -> Text:
    gates = sum(plan.gates.values())
    counted = f"{many(plan.spokes, 'spoke')}, {many(gates, 'gate')}"
    return Text.assemble(
        (counted, "bold"), plain(f"  planned {plan.planned_at} by {plan.policy_from}")
    )


def _together(rows: Iterable[_Row]) -> list[_Row]:
    """Those of the same spokes that wait for the same, whichever tiers they are of."""
    alike: dict[tuple[str, str, tuple[str, ...]], _Row] = {}
    for each in rows:
        key = (each.how.plain, each.because, each.spokes)
        if (known := alike.get(key)) is not None:
            each = replace(
                known, gates=known.gates + each.gates, tiers=f"{known.tiers}, {each.tiers}"
            )
        alike[key] = each
    return list(alike.values())


def _table(rows: Sequence[_Row], tiers_wide: int) -> Table:
    table = Table(box=None, pad_edge=False, expand=True, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(justify="right", min_width=5)
    table.add_column(no_wrap=True, min_width=13)
    table.add_column(overflow="fold", width=tiers_wide)
    table.add_column(ratio=1)
    for row in rows[:_MOST_ROWS]:
        said = [plain(row.because)] if row.because else []
        table.add_row(str(row.gates), row.how, plain(row.tiers), Stack(*said, _spokes(row.spokes)))
    if more := sum(row.gates for row in rows[_MOST_ROWS:]):
        table.add_row(str(more), "", "", Text("more, for other reasons (-o json)", style="dim"))
    return table


def _spokes(names: tuple[str, ...]) -> Text:
    more = len(names) - _NAMED
    named = plain(", ".join(names[:_NAMED]), "dim")
    return named.append(f" and {more} more" if more > 0 else "", "dim")


def _acts(acts: Iterable[Act]) -> list[_Row]:
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in acts:
        key = (_DOES.get(each.does, each.does), each.tier or "", _because(each.reasons))
        alike.setdefault(key, []).append(each.spoke)
    return [
        _Row(len(spokes), plain(does, "bold green"), tier, because, tuple(spokes))
        for (does, tier, because), spokes in alike.items()
    ]


def _line(line: Iterable[Next]) -> list[_Row]:
    alike: dict[tuple[str, str], list[Next]] = {}
    for each in line:
        tier = "comes back" if each.tier is None else each.tier
        alike.setdefault((tier, _because(each.reasons)), []).append(each)
    return [
        _Row(len(gates), _places(gates), tier, because, tuple(each.spoke for each in gates))
        for (tier, because), gates in alike.items()
    ]


def _places(gates: Sequence[Next]) -> Text:
    """From which place to which, or from which on, where others stand between them."""
    first, last = gates[0].place, gates[-1].place
    if first == last:
        return Text(f"place {first}")
    together = last - first + 1 == len(gates)
    return Text(f"{first} to {last}" if together else f"from place {first}")


def _groups(groups: Iterable[Group]) -> list[_Row]:
    return [
        _Row(len(each.spokes), _state(each.state), each.tier, _of_group(each), each.spokes)
        for each in groups
    ]


def _state(state: str) -> Text:
    mark, style = LOOKS[State(state)]
    return Text(f"{mark} {state}", style=style)


def _of_group(group: Group) -> str:
    said, more = _because(group.reasons), len(group.spokes) - 1
    return said if group.alike else f"{said}; {more} more like it"


def _because(reasons: Iterable[Reason]) -> str:
    return "; ".join(each.says for each in reasons)
