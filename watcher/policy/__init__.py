"""What people decided for the hub: YAML text in, a Policy or every Fault out."""

from watcher.policy.durations import duration, say_duration
from watcher.policy.faults import Fault
from watcher.policy.policy import (
    DEFAULT_RING,
    LEAST_SOAK_S,
    RESERVED,
    Accept,
    Budgets,
    Gates,
    Memory,
    Pacing,
    Polarity,
    Policy,
    Prior,
    Recovery,
    Ring,
    StartWhen,
    StopWhen,
    Survive,
    Tier,
    Window,
    WindowKind,
)
from watcher.policy.reader import read_policy
from watcher.policy.schedules import beginnings
from watcher.policy.schema import KeyDoc, keys, schema

__all__ = [
    "DEFAULT_RING",
    "LEAST_SOAK_S",
    "RESERVED",
    "Accept",
    "Budgets",
    "Fault",
    "Gates",
    "KeyDoc",
    "Memory",
    "Pacing",
    "Polarity",
    "Policy",
    "Prior",
    "Recovery",
    "Ring",
    "StartWhen",
    "StopWhen",
    "Survive",
    "Tier",
    "Window",
    "WindowKind",
    "beginnings",
    "duration",
    "keys",
    "read_policy",
    "say_duration",
    "schema",
]
