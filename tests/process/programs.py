"""The program as a process of its own, against a hub in this one; in real time.

The hub runs at the speed of the world, since a process has no clock but the world's; so addons are
healthy in under a second here and the soak is the shortest there is.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.daemon.standing import HEAD, TIERS, three_tiers
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import LEASE, SECRET
from watcher.embedded_hub.scenario import gate
from watcher.embedded_hub.store import Event
from watcher.embedded_hub.workloads import Rule, takes

POLICY = HEAD + "tiers: [" + ", ".join(f"{{name: {tier}, soak: 2s}}" for tier in TIERS) + "]\n"
QUICK = Rule(behaviour=takes(0.5))

START = "import sys; from watcher.cli import main; sys.exit(main())"


class Program:
    """One process, and what it writes to standard error."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.text: list[str] = []
        """Every line."""
        self._wrote = asyncio.Event()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.text if line.startswith("{")]

    def said(self, event: str) -> bool:
        """Whether it has logged this."""
        return any(line["event"] == event for line in self.lines)

    async def read(self) -> None:
        """Take down what it writes, to its end."""
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.text.append(line.decode())
            self._wrote.set()
        self._wrote.set()

    async def until_said(self, event: str, *, within_s: float = 20.0) -> None:
        """Wait until it has logged this."""
        async with asyncio.timeout(within_s):
            while not self.said(event):
                self._wrote.clear()
                await self._wrote.wait()

    async def end(self, number: signal.Signals = signal.SIGTERM, *, within_s: float = 10.0) -> int:
        """Send it a signal, and wait for its end; the exit code."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), within_s)


class World:
    """A hub, and the programs that watch it."""

    def __init__(self, hub: EmbeddedHub, folder: Path, tasks: asyncio.TaskGroup) -> None:
        self.hub = hub
        self._tasks = tasks
        self.policy = folder / "policy.yaml"
        self.policy.write_text(POLICY)
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(hub.kubeconfig())
        self.opened: list[tuple[str, str]] = []
        self.closed: list[tuple[str, str]] = []
        self.programs: list[Program] = []
        self._changed = asyncio.Event()
        hub.store.subscribe(self._follow)

    async def start(self, *arguments: str) -> Program:
        """Start `gate-watcher run` with these arguments besides what it needs."""
        given = ["--config", str(self.policy), "--kubeconfig", str(self.kubeconfig)]
        fixed = ["--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "debug"]
        command = [sys.executable, "-c", START, "run", *given, *fixed, *arguments]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        program = Program(process)
        self.programs.append(program)
        self._tasks.create_task(program.read())
        return program

    async def until(self, ready: Callable[[], bool], *, within_s: float) -> None:
        """Wait until `ready`, which is asked whenever the hub's state has changed."""
        async with asyncio.timeout(within_s):
            while not ready():
                self._changed.clear()
                await self._changed.wait()

    @contextmanager
    def hanging_plugin(self, folder: Path) -> Iterator[asyncio.Event]:
        """The kubeconfig asks a plugin that says nothing; the event is set when it is asked."""
        plugin, pipe, asked = folder / "plugin", folder / "pipe", asyncio.Event()
        os.mkfifo(pipe)
        plugin.write_text(f"#!/bin/sh\necho >{pipe}\nsleep 60\n")
        plugin.chmod(0o755)
        config = json.loads(self.kubeconfig.read_text())
        version = "client.authentication.k8s.io/v1"
        config["users"][0]["user"] = {"exec": {"apiVersion": version, "command": str(plugin)}}
        self.kubeconfig.write_text(json.dumps(config))
        reads, loop = os.open(pipe, os.O_RDWR | os.O_NONBLOCK), asyncio.get_running_loop()
        loop.add_reader(reads, asked.set)
        try:
            yield asked
        finally:
            loop.remove_reader(reads)
            os.close(reads)

    def release_lease(self) -> None:
        """As a leader leaves it that ended in order: whoever comes may take it at once."""
        metadata = {"name": "gate-watcher", "namespace": "argocd"}
        spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
        self.hub.store.create(LEASE, {"metadata": metadata, "spec": spec})

    def free_lease(self) -> None:
        """In the name of one that was killed, so that nobody waits until it has run out."""
        spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
        self.hub.store.patch(LEASE, "argocd", "gate-watcher", {"spec": spec})

    def holder(self) -> str:
        """Who has the lease."""
        lease = self.hub.store.get(LEASE, "argocd", "gate-watcher")
        return str(lease["spec"].get("holderIdentity") or "") if lease is not None else ""

    def all_open(self) -> bool:
        """Whether every gate of every spoke was opened."""
        return len(set(self.opened)) == len(TIERS) * len(self.hub.spokes.all())

    def in_order(self) -> bool:
        """Whether each spoke's gates were opened once each, in order, and none was closed."""
        spokes = {name for name, _ in self.opened}
        mine = [[tier for name, tier in self.opened if name == spoke] for spoke in spokes]
        return not self.closed and all(each == list(TIERS)[: len(each)] for each in mine)

    def _follow(self, event: Event) -> None:
        self._changed.set()
        if event.resource is not SECRET or event.before is None:
            return
        name = event.object["metadata"]["name"]
        before = event.before["metadata"].get("labels") or {}
        after = event.object["metadata"].get("labels") or {}
        for tier in TIERS:
            if gate(tier) in after and gate(tier) not in before:
                self.opened.append((name, tier))
            if gate(tier) in before and gate(tier) not in after:
                self.closed.append((name, tier))


@asynccontextmanager
async def world(folder: Path, *, spokes: int = 2) -> AsyncIterator[World]:
    """A hub that runs while a test does; no program outlives it, and its judge has no complaint."""
    async with (
        EmbeddedHub(three_tiers(QUICK), spokes=spokes, clock=RunningClock()) as hub,
        asyncio.TaskGroup() as tasks,
    ):
        made = World(hub, folder, tasks)
        try:
            yield made
        finally:
            for program in made.programs:
                if program.process.returncode is None:
                    program.process.kill()
                    await program.process.wait()
    assert hub.judge.violations == []
