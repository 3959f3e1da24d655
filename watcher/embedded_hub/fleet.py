"""Which fleet do most of the stories have?

Eight addons in four tiers, as recorded in tests/captured/streams, and how long each takes to get
healthy.

Elsewhere: what happens to it (scenarios.py, short_of_memory.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import FrozenDict, Object
from watcher.embedded_hub.scenario import (
    Tier,
    create_set,
    enable,
    gate,
    plain_set,
    spoke_name,
    spoke_secret,
)
from watcher.embedded_hub.workloads import Rule, takes

ADDONS: Mapping[str, tuple[str, ...]] = {
    "compute": ("vpc-cni", "karpenter"),
    "metrics": ("metrics-server",),
    "security": ("external-secrets", "cert-manager"),
    "platform": ("ingress-nginx", "keda", "argo-rollouts"),
}
"""The fleet's tiers, each after the one before it, and the addons in them."""

TIERS = tuple(Tier(name) for name in ADDONS)

_SPREAD = 0.6
_PACE_S = {
    "vpc-cni": 12, "karpenter": 30, "metrics-server": 20, "external-secrets": 22,
    "cert-manager": 35, "ingress-nginx": 40, "keda": 25, "argo-rollouts": 18,
}  # fmt: skip
PACE = tuple(
    Rule(addon=f"addon-{addon}*", behaviour=takes(seconds), spread=_SPREAD)
    for addon, seconds in _PACE_S.items()
)
"""How long each addon takes to get healthy."""


def fleet_secret(
    number: int,
    *,
    shard: int | None = None,
    labels: Mapping[str, str] = FrozenDict(),  # it is frozen
) -> Object:
    """One of its spokes, pinned to `shard`. Every tenth one lacks the addon of the second tier:
    that tier is ungated there.
    """
    addons = [addon for tier in ADDONS.values() for addon in tier]
    without = "metrics-server" if number % 10 == 9 else None  # the last of each ten
    enabled = {enable(addon): str(addon != without).lower() for addon in addons}
    ring = "canary" if number % 20 == 0 else "fleet"
    environment = ("dev", "staging", "prod")[number % 3]
    told = {**enabled, "ring": ring, "environment": environment, **labels}
    return spoke_secret(spoke_name(number), told, shard=shard)


def lay_sets(model: Model, **spec: Any) -> list[Object]:
    """Its ApplicationSets, each with its gate."""
    return [
        create_set(model, plain_set(addon, {enable(addon): "true", gate(tier): "open"}, **spec))
        for tier, addons in ADDONS.items()
        for addon in addons
    ]
