"""The builders make what a hub would hold."""

from __future__ import annotations

from base64 import b64decode

from tests.embedded_hub.small_hub import START, look
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.scenario import (
    CANARY,
    create_set,
    create_spoke,
    gate,
    open_gates,
    plain_set,
    settle,
    spoke_secret,
    when,
)
from watcher.embedded_hub.workloads import Rule, takes


def test_a_secret_holds_the_canary_where_credentials_would_be() -> None:
    secret = spoke_secret("a", {"ring": "canary"})
    assert CANARY in b64decode(secret["data"]["config"]).decode()
    assert CANARY not in str(secret["metadata"])


async def test_gates_are_counted_by_spokes() -> None:
    model = Model(HandClock(START))
    create_spoke(model, spoke_secret("a", {gate("compute"): "open"}))
    create_spoke(model, spoke_secret("b", {gate("compute"): "open", gate("metrics"): "open"}))
    create_spoke(model, spoke_secret("c", {}))
    assert (open_gates(model, "compute"), open_gates(model, "metrics"), open_gates(model)) == (
        2,
        1,
        2,
    )


async def test_what_is_settled_rests_and_is_known_to_the_controller() -> None:
    clock = HandClock(START)
    model = Model(clock, rules=[Rule(behaviour=takes(30.0))])
    create_spoke(model, spoke_secret("a", {"on": "true"}))
    owner = create_set(model, plain_set("x", {"on": "true"}))
    settle(model, owner, hours_ago=5)
    (application,) = model.store.list(APPLICATION)
    before = look(application)
    assert (before.sync, before.health, before.phase) == ("Synced", "Healthy", "Succeeded")
    model.start()
    await clock.advance(400.0)
    (application,) = model.store.list(APPLICATION)
    assert look(application) == before  # looked at again, and nothing was found
    assert len(application["status"]["history"]) == 1
    await model.stop()


async def test_something_is_done_once_it_is_time() -> None:
    clock = HandClock(START)
    model = Model(clock)
    model.start()
    done: list[float] = []
    when(model, lambda: clock.now() > START + 12, lambda: done.append(clock.now() - START))
    await clock.advance(60.0)
    assert [round(one, 3) for one in done] == [15.9]
    await model.stop()
