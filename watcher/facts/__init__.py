"""What the hub reported, as frozen structs; no opinions, no I/O, no clock."""

from watcher.facts.application import Application, Condition, Hydration, Operation, Owner
from watcher.facts.application_set import (
    ApplicationSet,
    Clusters,
    Elements,
    Foreign,
    Generator,
    Matrix,
    Merge,
    SetCondition,
)
from watcher.facts.instants import Instant, instant, rfc3339
from watcher.facts.pod import Ended, Pod
from watcher.facts.quantities import go_bytes, quantity
from watcher.facts.reading import Cluster, Reading, Readings
from watcher.facts.selectors import Expression, Selector, holds_for, matches
from watcher.facts.sources import Kind, Refusal, Source, Write
from watcher.facts.spoke import Spoke

__all__ = [
    "Application",
    "ApplicationSet",
    "Cluster",
    "Clusters",
    "Condition",
    "Elements",
    "Ended",
    "Expression",
    "Foreign",
    "Generator",
    "Hydration",
    "Instant",
    "Kind",
    "Matrix",
    "Merge",
    "Operation",
    "Owner",
    "Pod",
    "Reading",
    "Readings",
    "Refusal",
    "Selector",
    "SetCondition",
    "Source",
    "Spoke",
    "Write",
    "go_bytes",
    "holds_for",
    "instant",
    "matches",
    "quantity",
    "rfc3339",
]
