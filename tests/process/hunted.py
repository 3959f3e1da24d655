"""A watcher in a process of its own, that is searched for credentials when it has done its work.

Started by test_canary.py, with the hub in the other process; whoever calls hands the canary over
backwards, so that it stands in no literal here. Watches until every gate has settled, asks its own
port for everything, and then walks all that the garbage collector knows (tests/captured/hunt.py).
Prints as JSON what it shows, and where the canary was found.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path

import aiohttp

from tests.captured.hunt import disguises, hunted
from watcher.daemon import LogFormat, LogLevel, Settings, SystemClock, Times, logger, watch
from watcher.decide import Decision, State

PATHS = ("/livez", "/readyz", "/metrics", "/api/v1/fleet", "/api/v1/spokes")


class Hunt:
    """One watcher, and what is found in its process."""

    def __init__(self, canary: str, kubeconfig: str, policy: str) -> None:
        self.needles = disguises(canary.encode())
        self.settings = Settings(
            config=Path(policy), listen=("127.0.0.1", 0), kubeconfig=kubeconfig
        )
        self.stream = io.StringIO()
        self.stop = asyncio.Event()
        self.settled = asyncio.Event()
        self.clock = SystemClock()

    async def run(self) -> dict[str, object]:
        """Watch until all is settled; where the canary is, and how much was looked through."""
        log = logger(
            self.stream, log_format=LogFormat.JSON, level=LogLevel.DEBUG, now=self.clock.now
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                watch(
                    self.settings,
                    times=Times(self.clock, self.clock),
                    log=log,
                    stop=self.stop,
                    decided=self._decided,
                )
            )
            await self.settled.wait()
            shown = [await self._get(path) for path in PATHS]
            found = hunted(self.needles)
            kept = ["".join(chr(each) for each in self.needles[0])]
            control = hunted(self.needles)
            del kept
            self.stop.set()
        logged = self.stream.getvalue()
        return {
            "found": found,
            "control": control,
            "shown": [text for text in [logged, *shown] if self._leaks(text)],
            "spokes": [json.loads(shown[3])["spokes"], json.loads(shown[4])["matching"]],
            "lines": [text.count("\n") for text in [logged, *shown]],
        }

    def _leaks(self, text: str) -> bool:
        return any(needle.decode() in text for needle in self.needles)

    def _decided(self, decision: Decision) -> None:
        verdicts = list(decision.verdicts.values())
        if verdicts and all(each.state is State.SETTLED for each in verdicts):
            self.settled.set()

    async def _get(self, path: str) -> str:
        page = json.loads(self.stream.getvalue().splitlines()[0])["page"]
        async with aiohttp.ClientSession(page) as session, session.get(path) as answer:
            return await answer.text()


if __name__ == "__main__":
    backwards, kubeconfig, policy = sys.argv[1:]
    said = asyncio.run(Hunt(backwards[::-1], kubeconfig, policy).run())
    sys.stdout.write(json.dumps(said))
