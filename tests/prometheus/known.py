"""Is what an expression asks for exported at all?

A name that is mistyped, in an alert or on a dashboard, asks for nothing and is silent for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from tests.prometheus.exported import exported
from tests.prometheus.expressions import asked, literals
from watcher.decide import Reason, State
from watcher.decide.reasons import Costs
from watcher.facts import Guard, Kind
from watcher.hub import Outcome

FOREIGN = {
    "argocd_app_info": frozenset(
        {"name", "project", "dest_server", "dest_namespace", "sync_status", "health_status"}
    )
}
"""Series of others that are asked for, with their labels (Argo CD, controller/metrics)."""

SET_BY_PROMETHEUS = frozenset({"job", "instance", "namespace", "pod", "container", "service"})
_VALUES: Mapping[str, frozenset[str]] = {
    "state": frozenset(State),
    "reason": frozenset(each.__name__ for each in get_args(Reason)),
    "result": frozenset(each.__name__.lower() for each in get_args(Outcome)),
    "blast_radius": frozenset(Costs),
    "guard": frozenset(Guard),
    "resource": frozenset(Kind),
    "kind": frozenset({"load", "later", "resync", "restart", "spoke"}),
}


def unknown(expression: str) -> Iterator[str]:
    """What `expression` asks for and nobody exports: metrics, labels, values of labels."""
    known = {**exported(), **FOREIGN}
    for each in asked(expression):
        labels = known.get(each.metric)
        if labels is None:
            yield each.metric
            continue
        allowed = labels | SET_BY_PROMETHEUS | {"le"}
        yield from (f"{each.metric}{{{key}}}" for key, _ in each.matchers if key not in allowed)
        for label, value in literals(each):
            if value not in _VALUES.get(label, {value}):
                yield f'{each.metric}{{{label}="{value}"}}'
