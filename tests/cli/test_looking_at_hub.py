from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_fleet_screen import printed
from tests.daemon.standing import House, standing
from tests.hub.kubeconfigs import connected
from watcher.cli.asking_watcher import NoSuchSpoke
from watcher.cli.ending import Slip
from watcher.cli.fleet_screen import fleet_screen
from watcher.cli.looking_at_hub import LookedAt
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.users import User
from watcher.hub import HubError
from watcher.serve import shapes

NOBODY = User("nobody", "no-bodys-token")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with standing(tmp_path, spokes=2) as made:
        yield made


@pytest.fixture
async def looked(house: House, tmp_path: Path) -> AsyncIterator[LookedAt]:
    async with connected(tmp_path, house.hub.url) as connection:
        yield LookedAt(connection, house.policy, None, house.clock)


async def test_it_answers_as_a_watcher_would(looked: LookedAt) -> None:
    fleet = await looked.get("/fleet", shapes.Fleet)
    assert (fleet.spokes, fleet.leader) == (2, "")
    drawn = printed(fleet_screen(fleet, width=160, unled=looked.unled), 160)
    assert drawn.startswith(f"2 spokes, 6 gates  decided {fleet.decided_at}, read from the hub\n")
    assert fleet.gates == {"Queued": 2, "Waiting": 4}
    one = await looked.get("/spokes/spoke-001", shapes.Explained)
    assert [each.addons[0].application_set for each in one.gates] == [
        "argocd/addon-compute",
        "argocd/addon-mesh",
        "argocd/addon-apps",
    ]
    query = (("state", "Queued"), ("limit", "1"))
    page = await looked.get("/spokes", shapes.Spokes, query=query)
    assert (page.matching, page.next) == (2, "spoke-000")
    as_it_is = await looked.get("/tiers", dict[str, Any])
    assert [each["name"] for each in as_it_is["tiers"]] == ["compute", "mesh", "apps"]


async def test_and_refuses_as_one(looked: LookedAt) -> None:
    with pytest.raises(NoSuchSpoke, match="did you mean 'spoke-001'"):
        await looked.get("/spokes/spoke-01", shapes.Explained)
    with pytest.raises(Slip, match="there is no ring 'canary'"):
        await looked.get("/spokes", shapes.Spokes, query=(("ring", "canary"),))


async def test_what_was_seen_serves_for_a_while(house: House, looked: LookedAt) -> None:
    await looked.get("/fleet", shapes.Fleet)
    asked = len(house.hub.api.requests)
    await looked.get("/fleet", shapes.Fleet)
    assert len(house.hub.api.requests) == asked
    await house.clock.advance(looked.every_s)
    await looked.get("/fleet", shapes.Fleet)
    assert len(house.hub.api.requests) > asked


async def test_what_fails_at_first_is_for_a_person_and_later_it_may_pass(
    house: House, looked: LookedAt
) -> None:
    house.hub.api.faults.plan(On(path="/api", times=5), Answer(503))
    with pytest.raises(Slip, match="503"):
        await looked.get("/fleet", shapes.Fleet)
    house.hub.api.faults.clear()
    await looked.get("/fleet", shapes.Fleet)
    house.hub.api.faults.plan(On(path="/api", times=None), Answer(503))
    await house.clock.advance(looked.every_s)
    with pytest.raises(HubError, match="503"):
        await looked.get("/fleet", shapes.Fleet)


async def test_every_right_that_is_wanting_is_said(house: House, tmp_path: Path) -> None:
    house.hub.api.grant(NOBODY)
    async with connected(tmp_path, house.hub.url, token=NOBODY.token) as connection:
        with pytest.raises(Slip) as slip:
            await LookedAt(connection, house.policy, None, house.clock).get("/fleet", shapes.Fleet)
    assert len(slip.value.problems) > 1
    assert all(each.startswith("you may not list ") for each in slip.value.problems)


async def test_what_watchers_told_on_the_hub_is_what_has_changed(
    house: House, looked: LookedAt
) -> None:
    run = house.start()
    await house.until(lambda: bool(run.logged("gate is Progressing")))
    await house.pass_s(5.0)
    changes = await looked.get("/changes", shapes.Changes)
    latest = changes.changes[0]
    assert {each.kind for each in changes.changes} == {"GateOpened"}
    assert latest.reasons[0].says.startswith("opened the gate of tier compute")
    query = (("after", str(latest.number)), ("spoke", "spoke-000"))
    assert (await looked.get("/changes", shapes.Changes, query=query)).changes == ()
    others = await looked.get("/changes", shapes.Changes, query=(("spoke", "spoke-001"),))
    assert {each.spoke for each in others.changes} == {"spoke-001"}
