"""Shows a watcher at work, on a hub of its own.

Starts the embedded hub and the watcher that `run` starts, unchanged, with HTTP between them. The
hub's time runs faster than ours; the watcher compares with the hub's stamps by the hub's clock, and
keeps real time for its lease, its time-outs and the pace of its patches.

Elsewhere: the hub and its scenarios (embedded_hub/); the table (screen.py); what can be asked of it
meanwhile (status.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import math
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import rich_click as click
from rich.console import Console
from rich.live import Live

from watcher.cli.course import Course
from watcher.cli.screen import screen
from watcher.daemon import (
    FAILED,
    OK,
    LogFormat,
    LogLevel,
    Settings,
    SystemClock,
    TimeOfHub,
    Times,
    logger,
    stop_at_signals,
    watch,
)
from watcher.daemon.examining import POLICY
from watcher.decide import Decision
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import CONFIG_MAP, LEASE
from watcher.embedded_hub.scenario import Scenario
from watcher.embedded_hub.scenarios import SCENARIOS
from watcher.hub.requests import ORDERS

_SETTLED = "every gate has settled"

_NOTES = 5
"""Lines of the log under the table."""

_STALE_AFTER_REAL_S = 90.0
"""How long the hub may be silent in our own time: it bookmarks once a minute of that."""

_SCRAPE_EVERY_S, _SCRAPE_EVERY_REAL_S = 5.0, 0.2
"""How often the controllers' memory is read: as on a hub, and no more than five times a second of
our own, which at the usual speed is every six seconds of the hub's."""

_READING_STALE_AFTER_S, _READING_STALE_AFTER_REAL_S = 30.0, 5.0
"""As on a hub, and long enough for a machine that has other things to do."""


@click.command()
@click.option("--spokes", type=click.IntRange(min=1), default=12, show_default=True, metavar="N",
              help="How many spokes the fleet has.")  # fmt: skip
@click.option("--speed", type=click.FloatRange(min=0.1, max=600.0), default=30.0, show_default=True,
              metavar="X", help="How many times as fast as ours the hub's time runs.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="S",
              help="What chance is drawn from: the same seed, the same story.")  # fmt: skip
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default=next(iter(SCENARIOS)),
              show_default=True, help="Which story is told.")  # fmt: skip
@click.option("--until-settled", is_flag=True,
              help="End when every gate has settled (0), or nothing goes on and one stalled or no "
              "memory is left for more (1), and say how long each tier took.")  # fmt: skip
@click.option("--kubeconfig-out", type=click.Path(path_type=Path), metavar="FILE",
              help="Write a kubeconfig there, so that kubectl can look at the hub "
              "meanwhile.")  # fmt: skip
def demo(
    *,
    spokes: int,
    speed: float,
    seed: int,
    scenario: str,
    until_settled: bool,
    kubeconfig_out: Path | None,
) -> None:
    """Show a fleet being admitted, on a hub in this process.

    Needs no cluster and no Argo CD. In a terminal it shows every spoke by tiers, elsewhere the
    log. Ctrl-C ends it.
    """
    show = Demo(
        SCENARIOS[scenario],
        spokes=spokes,
        speed=speed,
        seed=seed,
        until_settled=until_settled,
        kubeconfig_out=kubeconfig_out,
    )
    sys.exit(asyncio.run(show.run()))


class Demo:
    """One hub, one watcher, one screen."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        spokes: int,
        speed: float,
        seed: int,
        until_settled: bool,
        kubeconfig_out: Path | None,
    ) -> None:
        self._clock = RunningClock(speed)
        self._hub = EmbeddedHub(
            scenario, spokes=spokes, clock=self._clock, seed=seed, wire=RunningClock()
        )
        self._speed = speed
        self._until_settled = until_settled
        self._kubeconfig_out = kubeconfig_out
        self._console = Console()
        self._course = Course()
        self._decision: Decision | None = None
        self._notes: deque[str] = deque(maxlen=_NOTES)
        self._stop = asyncio.Event()
        self._outcome = ""

    async def run(self) -> int:
        """Show it until it ends; the exit code."""
        self._stop = stop_at_signals()
        with TemporaryDirectory(prefix="gate-watcher-") as folder:
            async with self._hub:
                settings = self._lay_out(Path(folder))
                began = self._clock.now()
                with self._shown() as stream:
                    await self._watch(settings, stream)
        if not self._until_settled:
            return OK
        self._say_how_it_went(self._clock.now() - began)
        return OK if self._outcome == _SETTLED else FAILED

    async def _watch(self, settings: Settings, stream: TextIO) -> None:
        log = logger(stream, log_format=LogFormat.TEXT, level=LogLevel.INFO, now=self._clock.now)
        own = TimeOfHub(SystemClock(), self._clock)
        await watch(
            settings,
            times=Times(own, self._clock),
            log=log,
            stop=self._stop,
            decided=self._decided,
            served=self._served,
        )

    def _served(self, url: str) -> None:
        """The watcher is behind a Service now, as on a real hub."""
        self._hub.api.services.offer(self._hub.namespace, "gate-watcher", port="http", url=url)
        if self._console.is_terminal:  # elsewhere the log says so
            self._console.print(f"it shows itself at {url}")

    def _lay_out(self, folder: Path) -> Settings:
        """What the watcher is started with; on the hub its policy, for who looks at the hub itself,
        no orders yet, and a lease that nobody has to wait for.
        """
        metadata = {"name": "gate-watcher", "namespace": self._hub.namespace}
        released = {"holderIdentity": "", "leaseDurationSeconds": 1}
        self._hub.store.create(LEASE, {"metadata": metadata, "spec": released})
        kubeconfig, policy = folder / "kubeconfig", folder / "policy.yaml"
        kubeconfig.write_text(self._hub.kubeconfig())
        policy.write_text(self._policy())
        mounted = {"name": POLICY, "namespace": self._hub.namespace}
        data = {"policy.yaml": self._policy()}
        self._hub.store.create(CONFIG_MAP, {"metadata": mounted, "data": data})
        orders = {"name": ORDERS, "namespace": self._hub.namespace}
        self._hub.store.create(CONFIG_MAP, {"metadata": orders})
        if self._kubeconfig_out is not None:
            self._hand_out(self._kubeconfig_out)
        return Settings(config=policy, listen=("127.0.0.1", 0), kubeconfig=str(kubeconfig))

    def _hand_out(self, file: Path) -> None:
        try:
            file.write_text(self._hub.kubeconfig())
        except OSError as error:
            problem = f"--kubeconfig-out {file}: it cannot be written: {error.strerror}"
            raise click.UsageError(f"{problem}; name another file") from None
        click.echo(f"kubectl --kubeconfig {file} -n argocd get secrets,applications")
        click.echo(f"gate-watcher status --kubeconfig {file}")

    def _policy(self) -> str:
        tiers: list[dict[str, Any]] = [
            {"name": tier.name}
            if tier.depends_on is None
            else {"name": tier.name, "dependsOn": list(tier.depends_on)}
            for tier in self._hub.scenario.tiers
        ]
        more = self._hub.scenario.policy
        document = {
            "apiVersion": "config.gate-watcher.io/v1alpha1",
            "kind": "GateWatcherConfiguration",
            "tiers": tiers,
            "staleAfter": self._at_least(0.0, real_s=_STALE_AFTER_REAL_S),
            **more,
            "memory": {
                "port": self._hub.metrics_port,
                "scrapeEvery": self._at_least(_SCRAPE_EVERY_S, real_s=_SCRAPE_EVERY_REAL_S),
                "staleAfter": self._at_least(
                    _READING_STALE_AFTER_S, real_s=_READING_STALE_AFTER_REAL_S
                ),
                **more.get("memory", {}),
            },
        }
        return json.dumps(document, indent=2)

    def _at_least(self, hub_s: float, *, real_s: float) -> str:
        """A length of the hub's time that is also one of ours."""
        return f"{math.ceil(max(hub_s, real_s * self._speed))}s"

    def _decided(self, decision: Decision) -> None:
        self._decision = decision
        self._course.saw(decision, self._clock.now())
        if not self._until_settled or not self._hub.story_over:
            return
        spokes = len(self._hub.spokes.all())
        if self._course.settled(spokes):
            self._outcome = _SETTLED
        elif self._course.stuck(spokes):
            self._outcome = "a gate has stalled"
        elif self._course.full(spokes):
            self._outcome = "the shards are full, and only people can make room"
        if self._outcome:
            self._stop.set()

    @contextlib.contextmanager
    def _shown(self) -> Iterator[TextIO]:
        """In a terminal the table, with the log's last lines under it; elsewhere the log."""
        if not self._console.is_terminal:
            yield sys.stdout
            return
        with Live(
            get_renderable=lambda: screen(
                self._decision,
                now=self._clock.now(),
                height=self._console.height,
                notes=tuple(self._notes),
            ),
            console=self._console,
            refresh_per_second=8,
        ):
            yield _Lines(self._notes)

    def _say_how_it_went(self, took_s: float) -> None:
        for said in self._course.summary():
            click.echo(said)
        outcome = self._outcome or "it was stopped before every gate had settled"
        real_s = took_s / self._speed
        click.echo(f"{outcome}, after {took_s:.0f} s of the hub's time ({real_s:.0f} s of ours)")


class _Lines(io.StringIO):
    """Keeps the last lines that are written."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines

    def write(self, text: str) -> int:
        """Take lines; the logger writes whole ones."""
        self._lines.extend(text.splitlines())
        return len(text)
