"""What people decided for the hub: YAML text in, a Policy or every Fault out."""

from watcher.policy.policy import (
    LEAST_SOAK_S,
    RESERVED,
    Accept,
    Budgets,
    Gates,
    Polarity,
    Policy,
    Tier,
)

__all__ = [
    "LEAST_SOAK_S",
    "RESERVED",
    "Accept",
    "Budgets",
    "Gates",
    "Polarity",
    "Policy",
    "Tier",
]
