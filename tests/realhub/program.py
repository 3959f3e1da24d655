"""The program as a process of its own, read by its log."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

POLICY = """\
apiVersion: config.gate-watcher.io/v1alpha1
kind: GateWatcherConfiguration
tiers:
{tiers}
"""


def policy(folder: Path, tiers: tuple[str, ...], *, soak: str, **others: object) -> Path:
    """A policy of these tiers; `others`: its other keys, as JSON has them."""
    path = folder / "policy.yaml"
    lines = "\n".join(f"  - {{name: {tier}, soak: {soak}}}" for tier in tiers)
    more = "".join(f"{key}: {json.dumps(value)}\n" for key, value in others.items())
    path.write_text(POLICY.format(tiers=lines) + more)
    return path


class Running:
    """A running watcher: what its log says, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self.states: dict[tuple[str, str], str] = {}

    async def until(self, done: Callable[[Running], bool]) -> None:
        """Reads on until `done`; fails where the log ends before."""
        assert self.process.stderr is not None
        while not done(self):
            line = await self.process.stderr.readline()
            assert line, f"the watcher ended: {self.lines[-3:]}"
            said = json.loads(line)
            self.lines.append(said)
            if said["event"].startswith("gate is "):
                gate = (said["spoke"], said["tier"])
                self.states[gate] = said["event"].removeprefix("gate is ")

    async def until_quiet(self, quiet_s: float) -> None:
        """Reads on until no gate has changed for so long."""
        try:
            while True:
                gates = dict(self.states)
                async with asyncio.timeout(quiet_s):
                    await self.until(partial(_others, gates))
        except TimeoutError:
            return


def _others(gates: dict[tuple[str, str], str], it: Running) -> bool:
    return it.states != gates


@asynccontextmanager
async def running(policy_file: Path, kubeconfig: Path, *others: str) -> AsyncIterator[Running]:
    """A watcher; `others`: what it is told besides."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from watcher.cli import main; main()",
        "run",
        f"--config={policy_file}",
        f"--kubeconfig={kubeconfig}",
        "--log-format=json",
        "--listen=127.0.0.1:0",
        *others,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
