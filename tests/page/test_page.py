"""The status page in a real browser.

Without a Chromium these tests are skipped, and say so at the end of the run; `tests/run` installs
one where it may. Accessibility is judged by axe, which comes with a package of Python's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from tests.builders import NOW, application, order, spoke
from tests.page.standing import House, behind, browser, chromium, looking, served
from watcher.decide.reasons import Binds
from watcher.decide.shards import Help, Remedy, Shard
from watcher.facts import Application, BadOrder, Command, Orders, Spoke, selector
from watcher.policy import Ring, StartWhen, StopWhen

pytestmark = [
    pytest.mark.skipif(
        chromium() is None,
        reason="NO BROWSER: the status page was not looked at; install chromium",
    ),
    pytest.mark.asyncio(loop_scope="module"),
]

OPENED = NOW - 3000.0
MIB = float(2**20)
MANY, TIERS = 10_000, tuple(f"tier-{at}" for at in range(8))
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\u202egnp.exe\u202e",
    "שלום-عالم",
    'a"b\\c',
    "a/b?state=Lost#c%2Fd",
    "..",
    "%2e%2e",
    "javascript:alert(3)",
    "x" * 10_000,
]
SHARD = Shard(
    "0",
    "argocd/controller-0",
    used_bytes=500 * MIB,
    reserved_bytes=120 * MIB,
    filled_to_bytes=765 * MIB,
    limit_bytes=900 * MIB,
    pod_limit_bytes=900 * MIB,
    restart_bytes=820 * MIB,
    spokes=2,
    waiting=4,
    fits=3,
    binds=Binds.RESTART,
    helps=(Help(Remedy.SOFT_LIMIT, 783 * MIB, 18),),
    kills=1,
    killed_at=NOW,
)


def begun(name: str) -> Spoke:
    return spoke(name, opened={"compute": OPENED})


def well(name: str) -> tuple[Spoke, list[Application]]:
    apps = [application(f"set-{tier}", name) for tier in ("compute", "mesh")]
    return spoke(name, opened={"compute": OPENED, "mesh": OPENED}), apps


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with browser() as started:
        yield started


@pytest.fixture
def house() -> House:
    """One spoke that is well, one that stalled, one that waits."""
    made = House()
    made.shards = (SHARD,)
    settled, apps = well("a")
    made.decides([settled, begun("b"), spoke("c")], apps)
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def url(house: House) -> AsyncIterator[str]:
    async with served(house) as where:
        yield where


async def test_the_fleet_is_there_at_a_glance(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        page = look.page
        await expect(page.get_by_role("heading", level=1)).to_have_text("Fleet")
        row = page.get_by_role("row", name="compute depends on nothing")
        await expect(row).to_contain_text("1")
        await expect(page.locator("#totals")).to_contain_text("3 spokes · 6 gates")
        cells = page.get_by_role("row", name=re.compile("^b ")).get_by_role("gridcell")
        await expect(cells.nth(0)).to_have_text("✗Stalled")
        await expect(cells.nth(2)).to_contain_text("compute: ")
        await expect(page.locator("#waiting")).to_contain_text("1 gate of compute")
        await expect(page.locator("#coming")).to_contain_text("c compute")
        await expect(page.locator("#alerts")).to_contain_text("1 gate stalled")
        await expect(page.locator("#alerts")).to_contain_text("B not in force")


async def test_a_shard_shows_its_memory_and_what_would_help(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        shard = look.page.locator("#shards article")
        says = "500 MiB used, 120 MiB reserved, of 900 MiB; filled to 765 MiB"
        await expect(shard.get_by_role("img", name=says)).to_be_visible()
        for part in (
            "a restart takes 820 MiB",
            "3 more spokes fit, by what it could start again; 4 spokes wait for it",
            "Killed for its memory 1 time",
            "no GOMEMLIMIT",
            "Would help: GOMEMLIMIT=783MiB on the controller (18 more spokes)",
        ):
            await expect(shard).to_contain_text(part)


async def test_what_changes_is_seen_without_asking(chrome: Browser, house: House, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at("/spokes/c")
        page = look.page
        detail = page.locator("#detail")
        await expect(detail).to_contain_text("Queued")
        settled, apps = well("a")
        house.decides([settled, begun("c"), spoke("d")], apps)
        row = page.get_by_role("row", name=re.compile("^c "))
        await expect(row.get_by_role("gridcell").first).to_have_text("✗Stalled")
        await expect(page.get_by_role("row", name=re.compile("^b "))).to_have_count(0)
        await expect(page.get_by_role("row", name=re.compile("^d "))).to_have_count(1)
        await expect(detail).to_contain_text("ApplicationsMissing")
        await expect(page.locator("#changes")).to_contain_text("b is gone")
        await expect(page.locator("#said")).to_contain_text("1 gate Stalled")


async def test_every_place_can_be_linked(chrome: Browser, url: str) -> None:
    says = {
        "/spokes/b": "never settled",
        "/spokes/b/mesh": "tier compute is Stalled",
        "/spokes/nobody": "There is no spoke of this name.",
        "/tiers/mesh": "After compute",
        "/tiers/nothing": "There is no tier of this name",
        "/shards/0": "Pod argocd/controller-0",
        "/shards/9": "There is no shard of this name.",
    }
    async with looking(chrome, url) as look:
        for place, said in says.items():
            await look.at(place)
            await expect(look.page.locator("#detail")).to_contain_text(said)


async def test_the_gate_that_was_linked_is_the_one_that_is_shown(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at("/spokes/b/mesh")
        shown = look.page.locator("#detail [aria-current=true]")
        await expect(shown).to_contain_text("mesh")
        await expect(look.page.locator("#grid [aria-current=true]")).to_have_text("·Waiting")


async def test_a_click_goes_there_and_back_goes_back(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        page = look.page
        await page.get_by_role("link", name="Stalled: b, compute").click()
        await expect(page).to_have_url(f"{url}/spokes/b/compute")
        await expect(page.locator("#detail")).to_contain_text("ApplicationsMissing")
        await expect(page.locator("#detail h2")).to_be_focused()
        await page.locator("#detail").get_by_role("link", name="mesh", exact=True).click()
        await page.go_back()
        await page.go_back()
        await expect(page).to_have_url(f"{url}/")
        await expect(page.locator("#detail")).to_be_hidden()


async def test_behind_a_proxy_everything_is_found_under_its_prefix(
    chrome: Browser, house: House, url: str
) -> None:
    prefix = "/api/v1/namespaces/argocd/services/http:gate-watcher:http/proxy"
    async with behind(url, prefix) as there, looking(chrome, there) as look:
        await look.at("/spokes/b/compute")
        page = look.page
        await expect(page.locator("#detail")).to_contain_text("ApplicationsMissing")
        await page.locator("#detail").get_by_role("link", name="mesh", exact=True).click()
        await expect(page).to_have_url(f"{there}/spokes/b/mesh")
        house.decides([begun("b"), begun("e")])
        await expect(page.get_by_role("row", name=re.compile("^e "))).to_have_count(1)


async def test_where_no_stream_gets_through_the_page_asks_now_and_then(
    chrome: Browser, house: House, url: str
) -> None:
    hidden = behind(url, "", hides=lambda path: path.endswith("/stream"))
    async with hidden as there, looking(chrome, there) as look:
        page = look.page
        await page.clock.install()
        await page.goto(there)
        await expect(page.get_by_role("row", name=re.compile("^b "))).to_have_count(1)
        await page.clock.fast_forward(11_000)
        await expect(page.locator("#pulse-says")).to_have_text("every 5 s")
        house.decides([begun("e")])
        await page.clock.fast_forward(5_100)
        await expect(page.get_by_role("row", name=re.compile("^e "))).to_have_count(1)


async def test_filters_stand_in_the_address(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at("/?state=Stalled&tier=compute")
        page = look.page
        rows = page.locator("#grid tbody th")
        await expect(rows).to_have_text(["b"])
        await expect(page.locator("#matching")).to_have_text("1 of 3 spokes")
        await expect(page.get_by_label("State")).to_have_value("Stalled")
        await page.get_by_role("button", name="Clear").click()
        await expect(rows).to_have_text(["a", "b", "c"])
        await expect(page).to_have_url(f"{url}/")
        await page.get_by_label("State").select_option("Not settled")
        await expect(rows).to_have_text(["b", "c"])
        await page.get_by_label("Search by name").fill("C")
        await expect(rows).to_have_text(["c"])
        await expect(page).to_have_url(f"{url}/?q=C&state=unsettled")
        await page.get_by_role("link", name="Queued: c, compute").click()
        await expect(page).to_have_url(f"{url}/spokes/c/compute?q=C&state=unsettled")
        await page.get_by_label("Search by name").fill("nobody")
        await expect(page.locator("#grid")).to_contain_text("No spoke is like this.")


async def test_a_filter_for_what_there_is_none_of_shows_no_spoke_and_says_why(
    chrome: Browser, url: str
) -> None:
    says = {
        "/?tier=compte": "There is no tier compte.",
        "/?tier=compte&state=Stalled": "There is no tier compte.",
        "/?state=Staled": "There is no state Staled.",
        "/?ring=canry": "No spoke is in a ring canry.",
        "/?shard=9": "No spoke is on a shard 9.",
    }
    async with looking(chrome, url) as look:
        for place, said in says.items():
            await look.at(place)
            await expect(look.page.locator("#grid tbody")).to_have_text(said)
            await expect(look.page.locator("#matching")).to_have_text("0 of 3 spokes")


async def test_a_place_that_is_not_there_is_looked_at_until_it_is(
    chrome: Browser, house: House, url: str
) -> None:
    async with looking(chrome, url) as look:
        await look.at("/spokes/soon")
        detail = look.page.locator("#detail")
        await expect(detail).to_contain_text("There is no spoke of this name.")
        house.decides([spoke("d")])
        await expect(look.page.get_by_role("row", name=re.compile("^d "))).to_have_count(1)
        house.decides([spoke("soon")])
        await expect(detail).to_contain_text("Queued")


async def test_each_kind_of_change_has_a_word_and_a_colour_of_its_own(
    chrome: Browser, house: House, url: str
) -> None:
    held, settled = order(Command.HOLD, tier="mesh"), well("a")[1]
    here = spoke("a", opened={"compute": OPENED})

    def comes(now: Spoke, *apps: Application, orders: Orders) -> None:
        house.orders = orders
        house.decides([now], apps)

    comes(here, *settled[:1], orders=Orders())
    comes(here, *settled[:1], orders=Orders(orders=(held,), bad=(BadOrder("x", "no JSON"),)))
    comes(replace(here, teardown="compute"), *settled[:1], orders=Orders(orders=(held,)))
    comes(replace(spoke("a"), teardown="compute"), orders=Orders())
    comes(spoke("a"), orders=Orders())
    async with looking(chrome, url) as look:
        await look.at()
        told = look.page.locator("#changes li")
        tones = {
            "teardown taken back": "none",
            "torn down": "wait",
            "teardown ordered": "warn",
            "order over": "none",
            "ordered": "held",
            "no order": "bad",
        }
        for word, tone in tones.items():
            chip = told.locator(".chip").get_by_text(word, exact=True)
            await expect(chip).to_have_class(f"chip {tone}")
        await expect(told.filter(has_text="ordered").last).to_contain_text("hold tier mesh")
        await expect(look.page.locator("#changes")).not_to_contain_text("goes on")


async def test_what_needs_a_person_stands_on_top(chrome: Browser, house: House, url: str) -> None:
    house.policy = replace(
        house.policy,
        rings=(
            Ring("canary", selector("ring=canary"), stop=StopWhen(stalled=1)),
            Ring("pilot", selector("ring=pilot"), start=StartWhen(approval=True)),
            Ring("fleet", start=StartWhen(approval=True)),
        ),
    )
    house.orders = Orders(bad=(BadOrder("by-hand", "it is no JSON"),))
    settled, apps = well("a")

    def ringed(one: Spoke, ring: str) -> Spoke:
        return replace(one, labels={**one.labels, "ring": ring})

    house.decides([ringed(settled, "canary"), ringed(spoke("p"), "pilot"), spoke("q")], apps)
    async with looking(chrome, url) as look:
        await look.at()
        top = look.page.locator("#alerts .alert")
        await expect(top.nth(0)).to_contain_text("by-hand")
        await expect(top.nth(1)).to_contain_text("1 ring waits for approval: pilot · compute")
        await expect(top.nth(1)).to_contain_text("gate-watcher approve --ring pilot --tier compute")
        await expect(look.page.locator("#alerts")).not_to_contain_text("fleet")
        said = look.page.get_by_role("status")
        await expect(said).to_have_text("1 order cannot be read. 1 ring waits for approval")
        house.orders = Orders()
        house.decides([ringed(begun("b"), "canary"), ringed(begun("c"), "canary"), spoke("q")])
        await expect(top.nth(1)).to_contain_text("1 ring is stopped: canary · compute")
        await expect(top.nth(1)).to_contain_text("gate-watcher release --ring canary")
        await expect(said).to_have_text("2 gates Stalled. 1 ring is stopped")
        await top.nth(1).get_by_role("link").click()
        await expect(look.page.locator("#grid tbody th")).to_have_text(["b", "c"])


async def test_the_counts_of_the_fleet_lead_to_the_spokes(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        await look.page.locator("#fleet tbody tr").first.get_by_role("link", name="1").first.click()
        await expect(look.page.locator("#grid tbody th")).to_have_text(["b"])


async def test_the_rings_show_how_far_each_tier_is_and_what_people_ordered(
    chrome: Browser, house: House, url: str
) -> None:
    canary = Ring("canary", selector("ring=canary"))
    house.policy = replace(house.policy, rings=(canary, Ring("fleet", start=StartWhen())))
    held = order(Command.HOLD, spoke="q", tier="mesh", why="<b>freeze</b>", until=NOW + 60)
    house.orders = Orders(orders=(held,), bad=(BadOrder("by-hand", "it is no JSON"),))
    ours = {"ring": "canary"}
    house.decides([spoke("p"), replace(begun("q"), labels={**begun("q").labels, **ours})])
    async with looking(chrome, url) as look:
        await look.at("/?by=ring")
        page = look.page
        rows = page.locator("#grid tbody th")
        await expect(rows).to_have_text(["Ring canary 1 spoke", "q", "Ring fleet 1 spoke", "p"])
        compute = page.locator("#rings tbody tr").nth(1).get_by_role("cell").first
        await expect(compute).to_contain_text("waits0 of 1")
        await page.get_by_text("Why they wait").click()
        await expect(page.locator("#rings")).to_contain_text("ring fleet waits for ring canary")
        orders = page.locator("#orders li")
        await expect(orders.nth(0)).to_contain_text("it is no JSON")
        await expect(orders.nth(1)).to_contain_text("spoke q, tier mesh<b>freeze</b>by alice")
        await expect(page.locator("#alerts")).to_contain_text("1 order cannot be read")
        await page.locator('#grid tbody a[tabindex="0"]').focus()
        await page.keyboard.press("Control+Home")
        await page.keyboard.press("ArrowDown")
        await expect(rows.nth(3).get_by_role("link")).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(rows.nth(1).get_by_role("link")).to_be_focused()
        await page.locator("#ring").select_option("Ring fleet")
        await expect(rows).to_have_text(["Ring fleet 1 spoke", "p"])
        await expect(page).to_have_url(f"{url}/?ring=fleet&by=ring")
        house.orders = Orders()
        house.decides([spoke("p"), begun("q")])
        await expect(page.locator("#ordered")).to_be_hidden()
        await expect(rows).to_have_text(["Ring fleet 2 spokes", "p", "q"])
        await expect(page.locator("#changes")).to_contain_text("order over")


async def test_the_keyboard_reaches_every_gate(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        page = look.page
        await page.keyboard.press("/")
        await expect(page.get_by_label("Search by name")).to_be_focused()
        await page.keyboard.type("b")
        await expect(page.locator("#grid tbody th")).to_have_text(["b"])
        await page.keyboard.press("Escape")
        await expect(page.locator("#grid tbody th")).to_have_text(["a", "b", "c"])
        await page.locator('#grid tbody a[tabindex="0"]').focus()
        assert await page.locator('#grid tbody a[tabindex="0"]').count() == 1
        for key in ("ArrowDown", "ArrowRight"):
            await page.keyboard.press(key)
        await expect(page.get_by_role("link", name="Stalled: b, compute")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{url}/spokes/b/compute")
        await expect(page.locator("#detail h2")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{url}/")
        await expect(page.get_by_role("link", name="Stalled: b, compute")).to_be_focused()
        await page.keyboard.press("Control+End")
        await expect(page.get_by_role("link", name="Waiting: c, mesh")).to_be_focused()


async def test_a_change_leaves_the_keyboard_where_it_was(
    chrome: Browser, house: House, url: str
) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        page = look.page
        await page.get_by_role("link", name="Waiting: c, mesh").focus()
        house.decides([begun("a"), begun("b"), begun("c"), begun("d")])
        await expect(page.get_by_role("row", name=re.compile("^d "))).to_have_count(1)
        await expect(page.get_by_role("link", name="Waiting: c, mesh")).to_be_focused()


async def test_names_stay_text_whatever_they_are(chrome: Browser, house: House, url: str) -> None:
    house.decides([replace(begun(f"s{at}"), name=name) for at, name in enumerate(HOSTILE)])
    async with looking(chrome, url) as look:
        await look.at()
        page = look.page
        await expect(page.locator("#grid tbody th")).to_have_count(len(HOSTILE))
        assert await page.locator("img, iframe, script:not([type=module])").count() == 0
        for name in HOSTILE:
            links = page.locator("#grid tbody th a")
            at = await links.evaluate_all(
                "(all, name) => all.findIndex((a) => a.dataset.key === `${name}\\n0`)", name
            )
            await links.nth(at).click()
            await expect(page.locator("#detail")).to_contain_text("ApplicationsMissing")
            await expect(page.locator("#detail h2 bdi")).to_have_text(
                name if len(name) <= 200 else f"{name[:200]}…"
            )
            await page.reload()
            await expect(page.locator("#detail")).to_contain_text("ApplicationsMissing")
        for place in ("/", "/spokes/<img src=x onerror=alert(1)>/x", "/tiers/<b>", "/?q=<b>"):
            await look.at(place)


async def test_a_replica_that_follows_says_who_leads_and_shows_the_fleet_once_it_does(
    chrome: Browser, house: House, url: str
) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        page = look.page
        house.follows("pod-2")
        await expect(page.locator("#pulse-says")).to_contain_text("pod-2 leads")
        await expect(page.locator("#said")).to_contain_text("Not connected")
        await expect(page.get_by_role("row", name=re.compile("^b "))).to_have_count(1)
        look.wrong.clear()  # the browser itself says of each 503 that it was one
        house.decides([begun("b"), begun("e")])
        await expect(page.get_by_role("row", name=re.compile("^e "))).to_have_count(1)
        look.wrong.clear()


async def test_a_fleet_of_ten_thousand_is_scrolled_and_not_all_drawn(chrome: Browser) -> None:
    house = House(*TIERS)
    fleet = [_large(at) for at in range(MANY)]
    house.decides(fleet)
    async with served(house) as url, looking(chrome, url) as look:
        await look.at()
        page = look.page
        assert await page.locator("#grid").get_attribute("aria-rowcount") == str(MANY + 1)
        assert await page.locator("#grid tbody tr").count() < 100
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        last = page.get_by_role("link", name=f"spoke-{MANY - 1}", exact=True)
        await expect(last).to_be_visible()
        assert await page.locator("#grid tbody tr").count() < 100
        house.decides([*fleet[:-1], replace(fleet[-1], opened=None, labels={})])
        row = page.get_by_role("row", name=re.compile(f"^spoke-{MANY - 1} "))
        await expect(row.get_by_role("gridcell").first).not_to_contain_text("Stalled")
        await page.get_by_label("Search by name").fill("spoke-7777")
        await expect(page.locator("#grid tbody th")).to_have_text(["spoke-7777"])
        await expect(page.locator("#matching")).to_have_text("1 of 10,000 spokes")


def _large(at: int) -> Spoke:
    return spoke(f"spoke-{at}", opened=dict.fromkeys(TIERS[: at % 4 + 1], OPENED))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 390)])
async def test_axe_finds_nothing_that_keeps_anybody_out(
    chrome: Browser, house: House, url: str, scheme: str, width: int
) -> None:
    canary = Ring("canary", selector("ring=canary"), stop=StopWhen(stalled=1))
    house.policy = replace(house.policy, rings=(canary, Ring("fleet")))
    over = order(Command.SKIP, key="over", tier="mesh", until=NOW - 1)
    house.orders = Orders(orders=(order(Command.HOLD, spoke="d"), over), bad=(BadOrder("x", "y"),))
    bad = begun("b")
    labelled = replace(bad, labels={**bad.labels, "ring": "canary"})
    house.decides([labelled, spoke("c"), spoke("d")])
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    async with looking(chrome, url, width=width, color_scheme=scheme) as look:
        for place in ("/", "/spokes/b/compute", "/shards/0", "/tiers/mesh", "/?by=ring"):
            await look.at(place)
            await expect(look.page.locator("#detail .quiet", has_text="…")).to_have_count(0)
            await look.page.evaluate(axe)
            found: dict[str, Any] = await look.page.evaluate("axe.run()")
            assert [
                (each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"])
                for each in found["violations"]
            ] == []


async def test_a_narrow_screen_is_enough(chrome: Browser, url: str) -> None:
    async with looking(chrome, url) as look:
        await look.at("/spokes/b")
        for width in (320, 390, 800, 1150):
            await look.page.set_viewport_size({"width": width, "height": 1000})
            await expect(look.page.locator("#detail h2")).to_be_in_viewport()
            wide = await look.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, "nothing is beside the screen"


async def test_what_is_said_aloud_is_what_needs_a_person(
    chrome: Browser, house: House, url: str
) -> None:
    async with looking(chrome, url) as look:
        await look.at()
        said = look.page.get_by_role("status")
        await expect(said).to_have_text("1 gate Stalled")
        settled, apps = well("b")
        house.decides([settled], apps)
        await expect(said).to_have_text("")
