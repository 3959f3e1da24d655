"""Can Argo CD reach the spoke's cluster?

Two say so: the controller's own metrics, and a ComparisonError on an Application. A comparison
that fails because the wanted state cannot be made (a chart that does not render) says nothing of
the cluster.

Facts (Argo CD, controller/state.go): where the live state cannot be had, the condition begins with
"Failed to load live state"; where the wanted one cannot, with "Failed to load target state".
(controller/metrics/clustercollector.go): `argocd_cluster_connection_status` is 0 for a cluster
whose cache cannot be synced.

Elsewhere: what follows for budgets (admission.py) and rings (counted.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from watcher.facts import Application, Readings

_WANTED_STATE = "Failed to load target state"

OUT_OF_REACH = "its controller says so"


def unreachable(apps: Iterable[Application], *, disconnected: bool) -> str:
    """Why the cluster is out of reach, in words; empty where nothing says so."""
    for app in apps:
        for condition in app.conditions:
            if condition.type == "ComparisonError" and not condition.message.startswith(
                _WANTED_STATE
            ):
                return f"{app.key}: {condition.message}"
    return OUT_OF_REACH if disconnected else ""


def disconnected(before: Set[str], readings: Mapping[str, Readings]) -> Set[str]:
    """The addresses of the clusters whose controllers say that they are out of reach; `before`
    itself where they are the same.
    """
    found = {
        server
        for each in readings.values()
        if each.latest
        for server, cluster in each.latest[-1].clusters.items()
        if cluster.connected is False
    }
    return before if found == before else frozenset(found)
