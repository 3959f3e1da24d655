"""What does one spoke look like, down to its Applications?

A tree: the spoke, its gates, their addons, the Applications of each, and to each of them why it is
not where it should be and since when it is as it is. From what `/api/v1/spokes/NAME` answers.

Elsewhere: many spokes (spokes_screen.py); asking (explain.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from watcher.cli.looks import look, plain, short
from watcher.decide.reasons import TornDown
from watcher.facts import many
from watcher.serve import shapes

_TELL_NOT = frozenset({"Held", "Skipped", "Unknown"})
"""The states that an open gate may have and a closed one."""

_OPEN = frozenset({"Progressing", "Soaking", "Settled", "Degraded", "Stalled", "Ungated"})


def explain_screen(spoke: shapes.Explained, tier: str) -> RenderableType:
    """The spoke, or the one gate of `tier` where that is not empty."""
    tree = Tree(_head(spoke), guide_style="dim")
    for order in spoke.orders:
        tree.add(plain(f"order: {order.says}", "blue"))
    for gate in spoke.gates:
        if tier in ("", gate.tier):
            _add_gate(tree, gate)
    return tree


def _head(spoke: shapes.Explained) -> RenderableType:
    shard = "on no shard that is known" if spoke.shard is None else f"on shard {spoke.shard}"
    about = f"ring {spoke.ring}, {shard}, secret {spoke.namespace}/{short(spoke.secret)}"
    return Group(
        plain(short(spoke.name), "bold"),
        plain(f"{about}, decided {spoke.decided_at}", "dim"),
    )


def _add_gate(tree: Tree, gate: shapes.ExplainedGate) -> None:
    mark, style = look(gate.state)
    times = [_gate_is(gate)] if gate.state in _TELL_NOT else []
    times += [f"since {gate.since}"] if gate.since else []
    if gate.opened_at and gate.opened_at != gate.since:
        times.append(f"opened {gate.opened_at}")
    title = Text.assemble(
        plain(f"{gate.tier}  ", "bold"), plain(f"{mark} {gate.state}", style), (_also(times), "dim")
    )
    branch = tree.add(title)
    _add_reasons(branch, gate.own)
    if any(each.name == TornDown.__name__ for each in gate.own):
        branch.add(plain(_torn(gate), "bold"))
    for addon in gate.addons:
        _add_addon(branch, addon, is_open=gate.state in _OPEN)


def _gate_is(gate: shapes.ExplainedGate) -> str:
    if gate.open is None:
        return "open or closed"
    return "open" if gate.open else "closed"


def _torn(gate: shapes.ExplainedGate) -> str:
    """How far its teardown is."""
    apps = [app for addon in gate.addons for app in addon.applications]
    going = sum(app.deleting_since is not None for app in apps)
    if apps:
        left = f"{many(len(apps), 'Application')} left, {going or 'none'} of them being deleted"
        return f"the gate is {_gate_is(gate)}; {left}"
    if gate.open is False:
        return "the gate is closed, and none of its Applications is left: the teardown is done"
    return f"the gate is {_gate_is(gate)}; none of its Applications is left"


def _add_addon(tree: Tree, addon: shapes.Addon, *, is_open: bool) -> None:
    called = addon.application_set or "Applications of no ApplicationSet"
    branch = tree.add(plain(f"{called}{_number(addon, is_open=is_open)}"))
    _add_reasons(branch, addon.reasons)
    for app in addon.applications:
        _add_application(branch, app)


def _number(addon: shapes.Addon, *, is_open: bool) -> str:
    there, expected = len(addon.applications), addon.expected
    if addon.application_set is None or there == expected:
        return ""
    if expected is None:
        return f": {there}, of how many is not known"
    return f": {there} of {expected}" if is_open or there else f": {expected} with the gate open"


def _add_application(tree: Tree, app: shapes.Application) -> None:
    said = [app.sync, app.health]
    if app.operation not in (None, "Succeeded"):
        said.append(f"operation {app.operation}")
    mark, style = ("●", "green") if app.settled else ("◐", "yellow")
    since = [f"since {app.since}"] if app.since else []
    if app.deleting_since is not None:
        mark, style, since = "✕", "red", []
        said = [f"being deleted since {app.deleting_since}", *said]
    branch = tree.add(
        Text.assemble(
            (f"{mark} ", style),
            plain(f"{app.namespace}/{app.name}  "),
            plain(", ".join(said), style),
            (_also(since), "dim"),
        )
    )
    _add_reasons(branch, app.reasons)


def _add_reasons(tree: Tree, reasons: Iterable[shapes.Reason]) -> None:
    for reason in reasons:
        tree.add(plain(reason.says))


def _also(said: Iterable[str]) -> str:
    return "".join(f", {each}" for each in said)
