"""Which story is about rings?

One: a canary goes first, and the fleet after it. When the canary has all of its tiers, and nobody
has done it until then, a person approves that the fleet starts: as an order is written, by hand.

Elsewhere: the fleet (fleet.py); the other stories (scenarios.py).
"""

from __future__ import annotations

import json
from functools import partial

from watcher.embedded_hub.fleet import PACE, TIERS, fleet_secret, lay_sets
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.embedded_hub.scenario import Scenario, Story, create_spoke, open_gates, when
from watcher.embedded_hub.stamps import stamp

ORDERS = "gate-watcher-orders"
"""The ConfigMap that holds orders, one a key."""

_LOOKS_AT_IT_S = 120.0
"""How long a person looks at a canary that is done before the fleet may follow."""


def _lay_canary_first(model: Model, spokes: int) -> Story:
    lay_sets(model)
    for number in range(spokes):
        create_spoke(model, fleet_secret(number))
    story = Story(over=False)
    canaries = sum(one.labels.get("ring") == "canary" for one in model.spokes.all())
    look = partial(model.agenda.after, _LOOKS_AT_IT_S, partial(_approve, model, story))
    when(model, lambda: open_gates(model, TIERS[-1].name) >= canaries, look)
    return story


def _approve(model: Model, story: Story) -> None:
    order = {
        "order": "approve",
        "target": {"ring": "fleet"},
        "by": "the demo",
        "at": stamp(model.clock.now()),
        "why": "the canary is well",
    }
    data = {"approve-by-the-demo": json.dumps(order)}
    if model.store.get(CONFIG_MAP, model.namespace, ORDERS) is None:
        metadata = {"name": ORDERS, "namespace": model.namespace}
        model.store.create(CONFIG_MAP, {"metadata": metadata, "data": data})
    else:
        patch = {"data": data}
        model.store.patch(CONFIG_MAP, model.namespace, ORDERS, patch, manager="kubectl-edit")
    story.over = True


RINGS = Scenario(
    name="rings",
    says="a canary goes first; the fleet waits for it, a minute longer, and for a person",
    tiers=TIERS,
    lay=_lay_canary_first,
    rules=PACE,
    policy={
        "rings": [
            {"name": "canary", "selector": "ring=canary"},
            {"name": "fleet", "startWhen": {"bake": "1m", "approval": True}},
        ]
    },
)
