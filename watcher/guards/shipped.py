"""What is shipped for a hub of this shape?

One source for the manifests, for what is printed for other hubs, and for what the watcher compares
the hub with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from watcher.facts import Guard
from watcher.guards.applications import removals_are_named, watcher_refreshes_only
from watcher.guards.documents import Shipped
from watcher.guards.secrets import (
    gated_secrets_stay,
    open_gates_stay_open,
    watcher_writes_gates_only,
)
from watcher.guards.shape import Shape

_MADE: Mapping[Guard, Callable[[Shape], Shipped]] = {
    Guard.A: open_gates_stay_open,
    Guard.B: watcher_writes_gates_only,
    Guard.C: removals_are_named,
    Guard.D: gated_secrets_stay,
    Guard.E: watcher_refreshes_only,
}


def shipped(shape: Shape) -> Mapping[Guard, Shipped]:
    """Every guard."""
    return {guard: made(shape) for guard, made in _MADE.items()}
