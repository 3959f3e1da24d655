from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.serve.test_feed import feed
from watcher.facts import Force, Guard, Standing
from watcher.serve import Report
from watcher.serve.meters import Meters
from watcher.serve.site import Site, serve, site


class House:
    """A site, and the report that it shows."""

    def __init__(self) -> None:
        self.report = Report(None, leading=True, lease="")
        self.meters = Meters("1.2.3")
        self.made = site(lambda: self.report, self.meters, feed(lambda: self.report))


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    served = await serve(house.made, host="127.0.0.1", port=0)
    async with aiohttp.ClientSession(served.url) as session:
        yield session
    await served.close()


async def get(client: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with client.get(path) as answer:
        return answer.status, await answer.text()


async def test_a_process_that_is_well_says_so(client: aiohttp.ClientSession) -> None:
    assert await get(client, "/livez") == (200, "alive\n")
    assert await get(client, "/readyz") == (200, "ready\n")


async def test_what_is_wrong_is_named(house: House, client: aiohttp.ClientSession) -> None:
    house.report = Report(
        None,
        leading=True,
        lease="",
        not_alive=("task turns keeps dying",),
        not_ready=("secrets have not been listed yet", "nothing was decided yet"),
    )
    assert await get(client, "/livez") == (503, "not alive\n- task turns keeps dying\n")
    assert await get(client, "/readyz") == (
        503,
        "not ready\n- secrets have not been listed yet\n- nothing was decided yet\n",
    )


async def test_how_the_guards_stand_and_what_else_is_unknown_is_said_and_fails_nothing(
    house: House, client: aiohttp.ClientSession
) -> None:
    guards = {
        Guard.B: Standing(Force.NOT_IN_FORCE, "it is not on the hub"),
        Guard.A: Standing(Force.IN_FORCE),
        Guard.E: Standing(Force.UNKNOWN, "it may not be read"),
    }
    lines = (
        "- guard A is in force\n"
        "- guard B is not in force: it is not on the hub\n"
        "- guard E is unknown: it may not be read\n"
    )
    house.report = Report(None, leading=True, lease="", guards=guards)
    assert await get(client, "/readyz") == (200, f"ready\n{lines}")
    mends = Report(None, leading=True, lease="", guards=guards, unknown=("what it says now",))
    house.report = mends
    assert await get(client, "/readyz") == (200, f"ready\n{lines}! not known: what it says now\n")
    house.report = Report(None, leading=True, lease="", guards=guards, not_ready=("it stops",))
    assert await get(client, "/readyz") == (503, f"not ready\n- it stops\n{lines}")


async def test_metrics_show_what_was_counted_and_what_is_so_now(
    house: House, client: aiohttp.ClientSession
) -> None:
    house.meters.reload_failures.inc()
    house.report = Report(None, leading=False, lease="gate-watcher")
    status, text = await get(client, "/metrics")
    assert status == 200
    assert "gate_watcher_config_reload_failures_total 1.0\n" in text
    assert 'leader_election_master_status{name="gate-watcher"} 0.0\n' in text
    assert "process_resident_memory_bytes" in text


async def test_metrics_are_given_in_the_form_that_is_asked_for(
    client: aiohttp.ClientSession,
) -> None:
    async with client.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with client.get("/metrics", headers=accept) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await answer.text()).endswith("# EOF\n")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_there_is_nothing_to_write_to(
    client: aiohttp.ClientSession, path: str, method: str
) -> None:
    async with client.request(method, path) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/nothing"])
async def test_every_answer_forbids_to_guess_frame_or_keep_it(
    client: aiohttp.ClientSession, path: str
) -> None:
    async with client.get(path) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "gate-watcher"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_head_is_answered_as_a_get_without_its_body(client: aiohttp.ClientSession) -> None:
    async with client.head("/livez") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_an_address_that_is_taken_cannot_be_had(house: House) -> None:
    first = await serve(house.made, host="127.0.0.1", port=0)
    port = int(first.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await serve(House().made, host="127.0.0.1", port=port)
    await first.close()


async def test_where_it_is_served_can_be_typed(house: House) -> None:
    try:
        served: Site = await serve(house.made, host="::1", port=0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert served.url.startswith("http://[::1]:")
    await served.close()
