from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from tests.serve.test_feed import feed
from watcher.serve import Report
from watcher.serve.meters import Meters
from watcher.serve.site import serve, site

PLACES = [
    "/",
    "/spokes/a",
    "/spokes/a/compute",
    "/spokes/secret/a/compute",
    "/tiers/x",
    "/shards/0",
]
REFERENCE = re.compile(r'(?:href|src)="([^"]*)"')


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    def report() -> Report:
        return Report(None, leading=False, lease="gate-watcher")

    served = await serve(site(report, Meters("1"), feed(report)), host="127.0.0.1", port=0)
    async with aiohttp.ClientSession(served.url) as session:
        yield session
    await served.close()


async def page(client: aiohttp.ClientSession, place: str) -> str:
    async with client.get(URL(place, encoded=True)) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        return await answer.text()


@pytest.mark.parametrize("place", PLACES)
async def test_wherever_the_page_stands_what_it_is_made_of_is_found(
    client: aiohttp.ClientSession, place: str
) -> None:
    references = REFERENCE.findall(await page(client, place))
    relative = [each for each in references if not each.startswith("#")]
    assert len(relative) > 5
    for prefix in ("", "/api/v1/namespaces/argocd/services/gate-watcher/proxy"):
        here = URL(f"http://hub{prefix}{place}")
        reached = {here.join(URL(each)).path for each in relative}
        assert reached >= {f"{prefix}/", f"{prefix}/page/page.js", f"{prefix}/page/page.css"}


async def test_nothing_of_the_page_is_loaded_from_elsewhere_or_stands_in_its_markup(
    client: aiohttp.ClientSession,
) -> None:
    text = await page(client, "/")
    assert not re.search(r"https?://|<style|style=|\son\w+=|<script(?! type=\"module\" src)", text)


@pytest.mark.parametrize(
    ("file", "kind"),
    [("page.js", "text/javascript"), ("page.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
async def test_each_file_has_its_kind(client: aiohttp.ClientSession, file: str, kind: str) -> None:
    async with client.get(f"/page/{file}") as answer:
        assert (answer.status, answer.content_type) == (200, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("file", ["index.html", "none.js", "..%2Fsite.py", "%2e%2e%2fapi.py", "x"])
async def test_there_is_no_other_file(client: aiohttp.ClientSession, file: str) -> None:
    async with client.get(URL(f"/page/{file}", encoded=True)) as answer:
        assert answer.status == 404


async def test_a_name_in_the_path_never_reaches_the_markup(client: aiohttp.ClientSession) -> None:
    assert await page(client, "/spokes/%3Cscript%3E") == await page(client, "/spokes/a")


async def test_what_a_browser_may_do_is_next_to_nothing(client: aiohttp.ClientSession) -> None:
    async with client.get("/") as answer:
        allowed = answer.headers["Content-Security-Policy"].split("; ")
        assert "Set-Cookie" not in answer.headers
    assert allowed == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
