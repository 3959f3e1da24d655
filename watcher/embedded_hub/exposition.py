"""What does an application controller say of itself at `/metrics`?

Text as a real one shows it, in the same order and with the same numbers' notation, for the series
that concern memory, processors, clusters and Applications; histograms and what counts requests and
queues are left out.

Facts (recorded from Argo CD 3.5.1 with Go 1.26; Prometheus' text format):
- Numbers from a million on are written with an exponent. Without GOMEMLIMIT the series is the
  largest 64-bit number; GOGC off is the largest unsigned one.
- Live heap and processor time are as of the last collection.
- `argocd_app_info` is shown for the Applications of the process's own shard, and for those whose
  destination means no spoke by every process.

Elsewhere: what of it is true (controllers.py, heap.py); who may have it (metrics_server.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from watcher.embedded_hub.controllers import Cached, Controller
from watcher.embedded_hub.heap import Shown, Traits
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.parts import NOTHING, part
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.statuses import sources

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

_NO_SOFT_LIMIT = float(2**63)
_GOGC_OFF = float(2**64)
_OBJECTS = 108
"""In the cache of the spoke that was recorded."""
_KINDS = 54
_VERSION = "v1.35.0"
_CLUSTER_FAMILIES = {
    "argocd_cluster_api_resource_objects": "Number of k8s resource objects in the cache.",
    "argocd_cluster_api_resources": "Number of monitored kubernetes API resources.",
    "argocd_cluster_cache_age_seconds": "Cluster cache age in seconds.",
    "argocd_cluster_connection_status": "The k8s cluster current connection status.",
    "argocd_cluster_info": "Information about cluster.",
}

_Samples: TypeAlias = dict[str, tuple[Mapping[str, str], float]]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric."""

    name: str
    type: str
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]

    def lines(self) -> Iterator[str]:
        """As text."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.type}"
        for labels, value in self.samples:
            yield f"{self.name}{_spelled(labels)} {number(value)}"


def exposition(model: Model, controller: Controller) -> str:
    """The text of a controller that is up."""
    now = model.clock.now()
    heap = model.controllers.heap_at(controller, now)
    families = [
        *_of_applications(model, controller),
        *_of_clusters(model, controller, now),
        *_of_memory(heap.shown(), heap.traits, started_at=heap.started_at),
    ]
    said = sorted(families, key=lambda one: one.name)
    return "\n".join(line for family in said for line in family.lines()) + "\n"


def number(value: float) -> str:
    """As Go's shortest notation has it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    digits = Decimal(repr(value)).normalize()
    exponent = digits.adjusted()
    if -5 < exponent < 6:
        return f"{digits:f}"
    mantissa = digits.scaleb(-exponent)
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


# Applications


def _of_applications(model: Model, controller: Controller) -> Iterator[Family]:
    shown = tuple(
        (_application_labels(one), 1.0)
        for one in model.store.list(APPLICATION)
        if _is_shown(model, controller, one)
    )
    if shown:
        said = "Information about application."
        yield Family("argocd_app_info", "gauge", said, shown)


def _is_shown(model: Model, controller: Controller, application: Object) -> bool:
    spoke = model.shared.spoke(application)
    return spoke is None or model.controllers.owner(spoke) is controller


def _application_labels(application: Object) -> Mapping[str, str]:
    spec, status = part(application, "spec"), part(application, "status")
    destination = part(spec, "destination")
    deleting = "deletionTimestamp" in application["metadata"]
    syncing = "operation" in application
    return {
        "autosync_enabled": str(bool(part(spec, "syncPolicy").get("automated"))).lower(),
        "dest_namespace": str(destination.get("namespace", "")),
        "dest_server": str(destination.get("server", "")),
        "health_status": str(part(status, "health").get("status", "Unknown")),
        "name": application["metadata"]["name"],
        "namespace": application["metadata"]["namespace"],
        "operation": "delete" if deleting else "sync" if syncing else "",
        "project": str(spec.get("project", "")),
        "repo": str(sources(spec)[0].get("repoURL", "")),
        "sync_status": str(part(status, "sync").get("status", "Unknown")),
    }


# Clusters


def _of_clusters(model: Model, controller: Controller, now: float) -> Iterator[Family]:
    shown = sorted(controller.shown(now), key=lambda one: one.spoke.server)
    if not shown:
        return
    rows = [_cluster(model, controller, one, now) for one in shown]
    for name, said in _CLUSTER_FAMILIES.items():
        yield _gauge(name, said, [row[name] for row in rows])


def _cluster(model: Model, controller: Controller, cached: Cached, now: float) -> _Samples:
    """One sample of each family."""
    spoke = cached.spoke
    up = spoke.name not in model.workloads.unreachable
    there = up and controller.loaded(spoke.server)
    server = {"server": spoke.server}
    version = {**server, "k8s_version": _VERSION if up else ""}
    age_s = float(int(now - cached.at)) if there else -1.0
    return {
        "argocd_cluster_api_resource_objects": (server, _OBJECTS * cached.size * there),
        "argocd_cluster_api_resources": (server, float(_KINDS * there)),
        "argocd_cluster_cache_age_seconds": (server, age_s),
        "argocd_cluster_connection_status": (version, float(up)),
        "argocd_cluster_info": ({**version, "name": spoke.name}, 1.0),
    }


# Memory


def _of_memory(shown: Shown, traits: Traits, *, started_at: float) -> Iterator[Family]:
    cores = 2.0 if traits.cores == math.inf else traits.cores
    total_s = max(shown.counted_at - started_at, 0.0) * cores
    used_s = shown.collecting_cpu_s + shown.working_cpu_s
    soft = _NO_SOFT_LIMIT if traits.soft_limit_bytes is None else float(traits.soft_limit_bytes)
    gogc = _GOGC_OFF if traits.gogc_percent is None else traits.gogc_percent
    unused = shown.committed_bytes - shown.heap_bytes
    gauges = {
        "go_gc_gogc_percent": (gogc, "Heap growth between collections, in percent."),
        "go_gc_gomemlimit_bytes": (soft, "The runtime's soft limit of memory."),
        "go_gc_heap_goal_bytes": (shown.goal_bytes, "Size of the heap at the next collection."),
        "go_gc_heap_live_bytes": (shown.live_bytes, "Heap that the last collection left."),
        "go_memory_classes_heap_free_bytes": (unused, "Heap that is free and not given back."),
        "go_memory_classes_heap_objects_bytes": (shown.heap_bytes, "Objects, dead ones included."),
        "go_memory_classes_heap_released_bytes": (0.0, "Heap that was given back."),
        "go_memory_classes_other_bytes": (traits.runtime_bytes, "The runtime's own."),
        "go_memory_classes_total_bytes": (
            traits.runtime_bytes + shown.committed_bytes,
            "All that the runtime has mapped.",
        ),
        "go_memstats_heap_inuse_bytes": (shown.heap_bytes, "Heap in use."),
        "go_memstats_next_gc_bytes": (shown.goal_bytes, "Size of the heap at the next collection."),
        "go_sched_gomaxprocs_threads": (cores, "Threads that run Go code at once."),
        "process_resident_memory_bytes": (
            shown.resident_bytes,
            "Resident memory size in bytes.",
        ),
        "process_start_time_seconds": (
            started_at,
            "Start time of the process since unix epoch in seconds.",
        ),
    }
    counters = {
        "go_cpu_classes_gc_total_cpu_seconds_total": (
            shown.collecting_cpu_s,
            "Processor time spent collecting.",
        ),
        "go_cpu_classes_idle_cpu_seconds_total": (
            max(total_s - used_s, 0.0),
            "Processor time that was not used.",
        ),
        "go_cpu_classes_scavenge_total_cpu_seconds_total": (
            0.0,
            "Processor time spent giving memory back.",
        ),
        "go_cpu_classes_total_cpu_seconds_total": (
            max(total_s, used_s),
            "Processor time that there was.",
        ),
        "go_cpu_classes_user_cpu_seconds_total": (
            shown.working_cpu_s,
            "Processor time spent running Go code.",
        ),
        "go_gc_cycles_total_gc_cycles_total": (float(shown.collections), "Collections so far."),
        "process_cpu_seconds_total": (used_s, "Total user and system CPU time spent in seconds."),
    }
    for name, (value, said) in gauges.items():
        yield _gauge(name, said, [({}, value)])
    for name, (value, said) in counters.items():
        yield Family(name, "counter", said, ((NOTHING, value),))
    go = Family("go_info", "gauge", "Of the Go environment.", (({"version": "go1.26.8"}, 1.0),))
    yield go


def _gauge(name: str, said: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> Family:
    return Family(name, "gauge", said, tuple(samples))


def _spelled(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escaped = (
        f'{name}="{value}"'
        for name, value in (
            (name, labels[name].replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))
            for name in sorted(labels)
        )
    )
    return "{" + ",".join(escaped) + "}"
