"""What people decided for the hub: YAML text in, a Policy or every Fault out."""

from watcher.policy.durations import duration, say_duration
from watcher.policy.faults import Fault
from watcher.policy.policy import (
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
    Survive,
    Tier,
)
from watcher.policy.reader import read_policy
from watcher.policy.schema import KeyDoc, keys, schema

__all__ = [
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
    "Survive",
    "Tier",
    "duration",
    "keys",
    "read_policy",
    "say_duration",
    "schema",
]
