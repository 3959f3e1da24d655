"""A page that is served, and a browser that looks at it.

The site and the browser's driver share the test's loop. What stands on the page is waited for by
the browser itself, never by the clock. Whatever the browser complains of while a test looks, a
script that failed, a policy that was broken, a request to elsewhere, fails that test.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from msgspec.structs import replace
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright, expect
from yarl import URL

from tests.builders import NOW, application_set, policy, snapshot
from tests.serve.test_feed import Clock
from watcher.decide import Decision, decide
from watcher.decide.changes import changes
from watcher.decide.shards import Shard
from watcher.facts import Application, Force, Guard, Guards, Orders, Spoke, Standing
from watcher.policy import Policy
from watcher.serve import Decided, Report
from watcher.serve.feed import Feed
from watcher.serve.meters import Meters
from watcher.serve.news import News
from watcher.serve.site import serve, site

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_PATIENCE_MS = 20_000
"""A machine that has other things to do; on a quiet one nothing takes a second."""
expect.set_options(timeout=_PATIENCE_MS)

_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""

GUARDS: Guards = {
    Guard.A: Standing(Force.IN_FORCE),
    Guard.B: Standing(Force.NOT_IN_FORCE, "it is not on the hub"),
}


def chromium() -> str | None:
    """Where the browser is; None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


class House:
    """A fleet that is shown."""

    def __init__(self, *tiers: str) -> None:
        self.policy: Policy = policy(*(tiers or ("compute", "mesh")))
        self.sets = [application_set(f"set-{tier.name}", tier.name) for tier in self.policy.order]
        self.shards: tuple[Shard, ...] = ()
        self.guards: Guards = GUARDS
        self.orders = Orders()
        self.news = News()
        self.report = Report(None, leading=True, lease="gate-watcher")
        self.feed = Feed(lambda: self.report, self.news, Clock())
        self._before: Decision | None = None

    def decides(self, spokes: Iterable[Spoke], apps: Iterable[Application] = ()) -> None:
        """The hub is like this now."""
        carried = None if self._before is None else self._before.carried
        hub = replace(snapshot(spokes, self.sets, apps, carried=carried), orders=self.orders)
        made = decide(hub, self.policy, NOW)
        told = changes(self._before, made)
        self._before = made
        self.shows(made)
        self.news.take(told, NOW)

    def shows(self, made: Decision) -> None:
        """Show a decision, with the shards as they are here."""
        if self.shards:
            made = replace(made, shards={each.pod: each for each in self.shards})
        decided = Decided(made, self.policy, NOW)
        self.report = Report(
            decided, leading=True, lease="gate-watcher", leader="pod-1", guards=self.guards
        )

    def follows(self, leader: str) -> None:
        """Another replica leads from now on."""
        self.report = Report(None, leading=False, lease="gate-watcher", leader=leader)
        self.news.take((), NOW)


@dataclass
class Looking:
    """A browser's window, and all that went wrong in it."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    async def at(self, place: str = "/") -> None:
        """Go there, and wait until the fleet is shown."""
        await self.page.goto(f"{self.url}{place}")
        await self.page.locator("#pulse[data-is=live]").wait_for()

    async def tell(self) -> list[str]:
        """What went wrong so far."""
        return self.wrong + list(await self.page.evaluate("window.violations"))


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    async with async_playwright() as driver:
        # As root, which CI is, Chromium starts without its sandbox only; it looks at us alone.
        started = await driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        await started.close()


@asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """Where the house is shown."""
    made = site(lambda: house.report, Meters("1"), house.feed)
    shown = await serve(made, host="127.0.0.1", port=0)
    yield shown.url
    await shown.close()


@asynccontextmanager
async def looking(
    browser: Browser, url: str, *, width: int = 1400, height: int = 1000, **options: Any
) -> AsyncIterator[Looking]:
    """A window; nothing may have gone wrong in it when it is closed."""
    context = await browser.new_context(viewport={"width": width, "height": height}, **options)
    try:
        look = await _look(context, url)
        yield look
        assert await look.tell() == []
    finally:
        await context.close()


async def _look(context: BrowserContext, url: str) -> Looking:
    await context.add_init_script(_VIOLATIONS)
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    look = Looking(page, url)
    host = URL(url).authority

    def asked(request: Request) -> None:
        if URL(request.url).authority != host or request.method != "GET":
            look.wrong.append(f"{request.method} {request.url}")

    page.on("request", asked)
    page.on("pageerror", lambda error: look.wrong.append(f"script: {error}"))
    page.on("dialog", lambda dialog: look.wrong.append(f"dialog: {dialog.message}"))
    page.on(
        "console",
        lambda said: (
            look.wrong.append(f"{said.type}: {said.text}")
            if said.type in ("error", "warning")
            else None
        ),
    )
    return look


@asynccontextmanager
async def behind(
    url: str, prefix: str, *, hides: Callable[[str], bool] = lambda _: False
) -> AsyncIterator[str]:
    """Where a proxy shows the same under a prefix, which it takes off; what it `hides`, it never
    gets done answering.
    """

    async def passed(request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path.removeprefix(prefix)
        place = URL(f"{url}{path}", encoded=True).with_query(request.rel_url.query)
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.get(place, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            shown = web.StreamResponse(status=answer.status)
            shown.content_type = answer.content_type
            shown.headers["Content-Security-Policy"] = answer.headers["Content-Security-Policy"]
            if hides(path):
                with contextlib.suppress(aiohttp.ClientError):
                    await answer.read()
            await shown.prepare(request)
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                async for part in answer.content.iter_any():
                    await shown.write(part)
            return shown

    made = web.Application()
    made.router.add_get(f"{prefix}/{{rest:.*}}", passed)
    runner = web.AppRunner(made, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    yield f"http://{host}:{port}{prefix}"
    await runner.cleanup()
