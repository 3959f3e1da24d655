"""A Prometheus that scrapes a watcher, in real time, with the alerts that are shipped.

What an alert waits for before it fires is a second here, and not minutes or a day: that it waits is
promtool's to try (test_alerts.py). A watch counts as stale after 70 s in place of 150.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.prometheus.promtool import program
from tests.prometheus.rules import SHIPPED
from watcher.daemon.clock import SystemClock

SCRAPE_S = 1


class Prometheus:
    """What it says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.fired: dict[str, dict[str, Any]] = {}
        """Every alert that has fired so far, with its annotations as they were then."""

    async def fires(self, *names: str, within_s: float) -> None:
        """Wait until the alerts `GateWatcherNAME` have fired; at most so long."""
        wanted = {f"GateWatcher{name}" for name in names}
        clock = SystemClock()
        ends_at = clock.monotonic() + within_s
        while wanted - self.fired.keys() and clock.monotonic() < ends_at:
            await clock.sleep(SCRAPE_S)
            await self._look()

    async def _look(self) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v1/alerts") as it,
        ):
            alerts = (await it.json())["data"]["alerts"]
        for each in alerts:
            if each["state"] == "firing":
                self.fired[each["labels"]["alertname"]] = each["annotations"]


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    """One that scrapes `target` (HOST:PORT)."""
    path, port = program("prometheus"), _free_port()
    (folder / "rules.yaml").write_text(yaml.safe_dump(_hurried()))
    config = {
        "global": {"scrape_interval": f"{SCRAPE_S}s", "evaluation_interval": f"{SCRAPE_S}s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "gate-watcher", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    running = await asyncio.create_subprocess_exec(
        path,
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await _ready(url)
        yield Prometheus(url)
    finally:
        running.terminate()
        await running.wait()


def _hurried() -> Any:
    spec = yaml.safe_load(yaml.safe_dump(SHIPPED["spec"]))
    for group in spec["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = "1s"
            rule["expr"] = re.sub(r"> 150\b", "> 70", rule["expr"])
    return spec


async def _ready(url: str) -> None:
    clock = SystemClock()
    async with asyncio.timeout(30.0), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/-/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await clock.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
