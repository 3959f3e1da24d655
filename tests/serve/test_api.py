from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace
from yarl import URL

from tests.builders import NOW, spoke
from tests.serve.test_feed import feed
from tests.serve.test_shown import POLICY, SHARD, begun, decision
from watcher.decide.changes import AdmissionStopped, SpokeLeft, changes
from watcher.decide.reasons import NoController
from watcher.serve import Decided, Report
from watcher.serve.meters import Meters
from watcher.serve.site import serve, site

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script>",
    "\u202egnp.exe",
    'a"b\\c',
    "a/b?state=Lost#c%2Fd",
    "..",
    "x" * 2000,
]


class House:
    """A site, and the report that it shows."""

    def __init__(self) -> None:
        self.report = report(begun("a"), spoke("b"))
        self.feed = feed(lambda: self.report)


def report(*spokes: Any) -> Report:
    made = replace(decision(*spokes), shards={SHARD.pod: SHARD})
    decided = Decided(made, POLICY, NOW)
    return Report(decided, leading=True, lease="gate-watcher", leader="pod-1_c0ffee")


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    made = site(lambda: house.report, Meters("1.2.3"), house.feed)
    served = await serve(made, host="127.0.0.1", port=0)
    async with aiohttp.ClientSession(served.url) as session:
        yield session
    await served.close()


async def get(client: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with client.get(URL(f"/api/v1/{path}", encoded=True)) as answer:
        assert answer.content_type == "application/json"
        return answer.status, json.loads(await answer.read())


async def refused(client: aiohttp.ClientSession, path: str) -> tuple[int, str, str]:
    status, said = await get(client, path)
    assert (said["kind"], said["status"], said["code"]) == ("Status", "Failure", status)
    return status, said["reason"], said["message"]


async def test_rings_and_orders(client: aiohttp.ClientSession) -> None:
    status, said = await get(client, "rings")
    assert (status, said["rings"]) == (200, ["default"])
    assert [each["tier"] for each in said["tiers"]] == ["compute", "mesh"]
    assert await get(client, "orders") == (200, {"orders": []})


async def test_spokes_of_a_ring_or_with_labels(client: aiohttp.ClientSession) -> None:
    _, said = await get(client, "spokes?ring=default&selector=env%21%3Dprod")
    assert (said["matching"], said["spokes"][0]["ring"]) == (2, "default")
    _, said = await get(client, "spokes?selector=env%3Dprod")
    assert said["matching"] == 0
    assert (await refused(client, "spokes?ring=defalt"))[2] == (
        "there is no ring 'defalt' (did you mean 'default'?); there is default"
    )
    assert (await refused(client, "spokes?selector=%2C"))[2] == (
        "selector is a label selector, as kubectl -l takes it, not ','"
    )


async def test_the_fleet_at_a_glance(client: aiohttp.ClientSession) -> None:
    status, said = await get(client, "fleet")
    assert status == 200
    assert said["decidedAt"] == "2026-03-02T09:00:00Z"
    assert said["leader"] == "pod-1_c0ffee"
    assert said["spokes"] == 2
    assert [tier["name"] for tier in said["tiers"]] == ["compute", "mesh"]
    assert [shard["name"] for shard in said["shards"]] == ["0"]


async def test_tiers_and_shards_alone(client: aiohttp.ClientSession) -> None:
    _, fleet = await get(client, "fleet")
    assert await get(client, "tiers") == (200, {"tiers": fleet["tiers"]})
    assert await get(client, "shards") == (200, {"shards": fleet["shards"]})


async def test_spokes_come_in_pages_and_as_they_are_asked_for(
    client: aiohttp.ClientSession,
) -> None:
    _, first = await get(client, "spokes?limit=1")
    assert [each["name"] for each in first["spokes"]] == ["a"]
    assert (first["matching"], first["next"]) == (2, "a")
    _, rest = await get(client, "spokes?limit=1&after=a")
    assert ([each["name"] for each in rest["spokes"]], rest["next"]) == (["b"], None)
    _, found = await get(client, "spokes?state=Stalled&state=Lost&tier=compute")
    assert [each["name"] for each in found["spokes"]] == ["a"]


async def test_one_spoke_by_its_name(client: aiohttp.ClientSession) -> None:
    status, said = await get(client, "spokes/a")
    assert (status, said["name"]) == (200, "a")
    assert [gate["state"] for gate in said["gates"]] == ["Stalled", "Waiting"]


async def test_spokes_by_their_names(client: aiohttp.ClientSession) -> None:
    _, said = await get(client, "spokes?name=b&name=nobody&name=b")
    assert ([each["name"] for each in said["spokes"]], said["matching"]) == (["b"], 1)


async def test_what_has_changed_of_late(house: House, client: aiohttp.ClientSession) -> None:
    assert await get(client, "changes") == (
        200,
        {"changes": [], "since": None, "began": None},
    )
    decided = house.report.decided
    assert decided is not None
    house.feed.news.take(changes(None, decided.decision), NOW)
    house.feed.news.take((SpokeLeft("uid-z", "z"), AdmissionStopped(NoController("x"))), NOW + 1)
    _, said = await get(client, "changes")
    stopped, left, stalled = said["changes"]
    assert said["since"] == "2026-03-02T09:00:00Z"
    assert (stopped["kind"], stopped["reasons"][0]["name"]) == ("AdmissionStopped", "NoController")
    assert (left["kind"], left["spoke"], left["number"]) == ("SpokeLeft", "z", 2)
    assert (stalled["kind"], stalled["tier"], stalled["after"]) == (
        "GateChanged",
        "compute",
        "Stalled",
    )
    assert (await get(client, "changes?spoke=z"))[1]["changes"] == [left]
    assert (await get(client, "changes?after=2"))[1]["changes"] == [stopped]
    assert (await get(client, "changes?limit=1"))[1]["changes"] == [stopped]
    assert (await get(client, "changes?tier=compute&state=Stalled"))[1]["changes"] == [stalled]
    assert (await get(client, "changes?state=Lost"))[1]["changes"] == []
    assert (await get(client, "changes?ring=default"))[1]["changes"] == [stalled]
    assert (await get(client, "changes?selector=env"))[1]["changes"] == []


async def test_a_spoke_that_is_not_there_is_said_with_what_is_near(
    house: House, client: aiohttp.ClientSession
) -> None:
    house.report = report(spoke("prod-eu-1"))
    assert await refused(client, "spokes/prod-eu-2") == (
        404,
        "NoSuchSpoke",
        "there is no spoke 'prod-eu-2' (did you mean 'prod-eu-1'?)",
    )


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_stays_text(
    house: House, client: aiohttp.ClientSession, name: str
) -> None:
    house.report = report(replace(spoke("a"), name=name))
    _, page = await get(client, "spokes")
    assert [each["name"] for each in page["spokes"]] == [name]
    quoted = name.encode()
    path = "".join(f"%{byte:02X}" for byte in quoted)
    status, said = await get(client, f"spokes/{path}")
    assert (status, said["name"]) == (200, name)
    async with client.get("/api/v1/spokes") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("spokes?state=Stuck", "there is no state 'Stuck'"),
        ("spokes?state=Setled", "there is no state 'Setled' (did you mean 'Settled'?)"),
        (
            "spokes?tier=mes",
            "there is no tier 'mes' (did you mean 'mesh'?); there is compute, mesh",
        ),
        ("spokes?stat=Lost", "there is no parameter 'stat' (did you mean 'state'?)"),
        ("fleet?tier=mesh", "there is no parameter 'tier'; there is none"),
        ("changes?after=x", "after is the number of a change, not 'x'"),
        ("changes?tier=mes", "there is no tier 'mes' (did you mean 'mesh'?)"),
        ("changes?name=a", "there is no parameter 'name'"),
        ("spokes?limit=0", "limit is a number from 1 to 1000, not '0'"),
        ("spokes?limit=1001", "limit is a number from 1 to 1000, not '1001'"),
        ("spokes?limit=-1", "limit is a number from 1 to 1000, not '-1'"),
        ("spokes?limit=%D9%A3", "limit is a number from 1 to 1000, not '٣'"),
        (f"spokes?limit={'9' * 5000}", "limit is a number from 1 to 1000, not '999"),
    ],
)
async def test_a_slip_is_refused_and_not_passed_over(
    client: aiohttp.ClientSession, path: str, says: str
) -> None:
    status, reason, message = await refused(client, path)
    assert (status, reason) == (400, "BadQuestion")
    assert message.startswith(says)


PATHS = ["fleet", "spokes", "spokes/a", "tiers", "shards", "changes", "grid"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_replica_that_follows_says_who_leads(
    house: House, client: aiohttp.ClientSession, path: str
) -> None:
    house.report = replace(house.report, leading=False)
    assert await refused(client, path) == (
        503,
        "NotLeader",
        "this replica follows, and pod-1_c0ffee leads",
    )
    house.report = replace(house.report, leader="")
    *_, message = await refused(client, path)
    assert message == "this replica follows, and nobody is known to lead"


@pytest.mark.parametrize("path", PATHS)
async def test_before_anything_was_decided_it_says_why(
    house: House, client: aiohttp.ClientSession, path: str
) -> None:
    house.report = Report(None, leading=True, lease="", not_ready=("secrets are not listed",))
    assert await refused(client, path) == (
        503,
        "NotDecided",
        "nothing was decided yet: secrets are not listed",
    )


async def test_what_is_shown_follows_what_is_decided(
    house: House, client: aiohttp.ClientSession
) -> None:
    assert (await get(client, "fleet"))[1]["spokes"] == 2
    house.report = report(spoke("a"))
    assert (await get(client, "fleet"))[1]["spokes"] == 1


async def test_it_is_described_whoever_leads(house: House, client: aiohttp.ClientSession) -> None:
    house.report = Report(None, leading=False, lease="gate-watcher")
    status, said = await get(client, "openapi.json")
    assert (status, said["openapi"]) == (200, "3.1.0")


async def test_a_path_that_there_is_not_is_refused_as_all_else(
    client: aiohttp.ClientSession,
) -> None:
    status, reason, message = await refused(client, "nosuch")
    assert (status, reason) == (404, "NotFound")
    assert "/api/v1/fleet" in message


@pytest.mark.parametrize("path", [*PATHS, "stream", "openapi.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_there_is_nothing_to_write_to(
    client: aiohttp.ClientSession, path: str, method: str
) -> None:
    async with client.request(method, f"/api/v1/{path}") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
        assert (await answer.json())["reason"] == "MethodNotAllowed"
