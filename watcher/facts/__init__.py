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
from watcher.facts.guards import (
    UNREAD,
    Force,
    Guard,
    Guards,
    Standing,
    in_force,
    standing_of,
)
from watcher.facts.instants import Instant, instant, moment, rfc3339
from watcher.facts.numbers import many, some
from watcher.facts.orders import (
    BadOrder,
    Command,
    Forgiven,
    Order,
    Orders,
    Target,
    Through,
    order,
    order_text,
)
from watcher.facts.pod import Ended, Pod
from watcher.facts.quantities import go_bytes, go_text, quantity, spoken
from watcher.facts.reading import Cluster, Reading, Readings
from watcher.facts.selectors import Expression, Selector, holds_for, matches, selector
from watcher.facts.sources import Kind, Refusal, Source, Write
from watcher.facts.spoke import Spoke

__all__ = [
    "UNREAD",
    "Application",
    "ApplicationSet",
    "BadOrder",
    "Cluster",
    "Clusters",
    "Command",
    "Condition",
    "Elements",
    "Ended",
    "Expression",
    "Force",
    "Foreign",
    "Forgiven",
    "Generator",
    "Guard",
    "Guards",
    "Hydration",
    "Instant",
    "Kind",
    "Matrix",
    "Merge",
    "Operation",
    "Order",
    "Orders",
    "Owner",
    "Pod",
    "Reading",
    "Readings",
    "Refusal",
    "Selector",
    "SetCondition",
    "Source",
    "Spoke",
    "Standing",
    "Target",
    "Through",
    "Write",
    "go_bytes",
    "go_text",
    "holds_for",
    "in_force",
    "instant",
    "many",
    "matches",
    "moment",
    "order",
    "order_text",
    "quantity",
    "rfc3339",
    "selector",
    "some",
    "spoken",
    "standing_of",
]
