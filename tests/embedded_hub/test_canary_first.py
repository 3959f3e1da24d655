"""The story of the canary and the fleet: a person approves once the canary is done."""

from __future__ import annotations

import json

from tests.embedded_hub.telling import Told
from watcher.embedded_hub.canary_first import ORDERS, RINGS
from watcher.embedded_hub.resources import CONFIG_MAP


async def test_a_person_approves_once_the_canary_is_done_and_not_before() -> None:
    told = Told(RINGS, spokes=4)
    await told.run(20.0)
    assert told.model.store.get(CONFIG_MAP, "argocd", ORDERS) is None
    assert not told.over()
    await told.run_to_its_end()
    written = told.model.store.get(CONFIG_MAP, "argocd", ORDERS)
    assert written is not None
    (order,) = map(json.loads, written["data"].values())
    assert (order["order"], order["target"]) == ("approve", {"ring": "fleet"})
    await told.end()


async def test_what_others_ordered_stays() -> None:
    told = Told(RINGS, spokes=4)
    metadata = {"name": ORDERS, "namespace": "argocd"}
    told.model.store.create(CONFIG_MAP, {"metadata": metadata, "data": {"mine": "{}"}})
    await told.run_to_its_end()
    written = told.model.store.get(CONFIG_MAP, "argocd", ORDERS)
    assert written is not None
    assert set(written["data"]) == {"mine", "approve-by-the-demo"}
    await told.end()
