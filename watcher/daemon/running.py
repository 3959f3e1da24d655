"""What does the process do around its watcher?

Reads the policy, finds the hub, takes the port, starts, and ends in order when it is told to.
What is wrong with the arguments, the policy or the kubeconfig ends it at once with exit code 2 and
a line for each thing that is wrong: what, where, what to do. A hub that is away, refuses, or has no
Argo CD yet is waited for, and said.

Elsewhere: the watcher itself (watcher.py); arguments (cli/).
"""

from __future__ import annotations

import asyncio
import logging
import platform
import resource
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from watcher.daemon.clock import SystemClock
from watcher.daemon.logs import Foreign, Log, LogFormat, LogLevel, logger
from watcher.daemon.policy_file import PolicyFile
from watcher.daemon.watcher import Times, Watcher
from watcher.decide import Decision
from watcher.hub import ConnectionFault, connect, identity
from watcher.policy import Policy
from watcher.scrape import Scraper
from watcher.serve.feed import Feed
from watcher.serve.meters import Meters
from watcher.serve.news import News
from watcher.serve.site import serve, site

T = TypeVar("T")

OK, FAILED, UNUSABLE = 0, 1, 2
"""Exit codes: ended in order; failed; arguments, policy or kubeconfig cannot be used."""

_DEEPEST = 10_500
"""Levels. Go's encoding/json, and so a hub, reads 10,000; the rest is for our own calls."""
_STACK_BYTES = 8 << 20
"""The usual stack of a main thread, which is the only one that reads bodies. So many levels were
measured to take between 4 and 5 MiB of it, whichever way an object is read."""


class Settings(Struct, frozen=True):
    """What is watched, by what policy, and where that is shown."""

    config: Path
    """The policy file."""
    listen: tuple[str, int]
    """The host and the port of health and metrics; port 0 is any that is free."""
    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    """Where Argo CD runs, whatever the policy says."""
    dry_run: bool = False
    pod_ip: str = ""
    """Where other replicas reach this one, at the port of `listen`; empty where they cannot."""


class Unusable(Exception):  # noqa: N818  (named after what it is)
    """What was given cannot be used; each problem on a line."""

    def __init__(self, problems: Sequence[object]) -> None:
        super().__init__(*problems)
        self.problems = tuple(map(str, problems))


def _nobody(_: object) -> None:
    """Nobody asks to be told."""


def run(settings: Settings, *, log_format: LogFormat, log_level: LogLevel) -> int:
    """Watch a hub until SIGTERM or Ctrl-C; the exit code."""
    clock = SystemClock()
    log = logger(sys.stderr, log_format=log_format, level=log_level, now=clock.now)
    foreign = Foreign(log)
    logging.getLogger().addHandler(foreign)
    try:
        with reading_as_deep_as_a_hub_allows():
            return asyncio.run(_run(settings, clock, log))
    finally:
        logging.getLogger().removeHandler(foreign)


async def _run(settings: Settings, clock: SystemClock, log: Log) -> int:
    stop = stop_at_signals()
    try:
        await watch(settings, times=Times(clock, clock), log=log, stop=stop, decided=_nobody)
    except Unusable as unusable:
        print_problems(unusable.problems)
        return UNUSABLE
    return OK


async def watch(
    settings: Settings,
    *,
    times: Times,
    log: Log,
    stop: asyncio.Event,
    decided: Callable[[Decision], None],
    served: Callable[[str], None] = _nobody,
) -> None:
    """Watch a hub until `stop` is set; raises `Unusable` where it cannot begin.

    `decided` is told each decision, `served` the URL under which the watcher shows itself.
    """
    policy_file = PolicyFile(settings.config, namespace=settings.namespace)
    policy = policy_file.read()
    if not isinstance(policy, Policy):
        raise Unusable(policy)
    try:
        connection = await _unless(stop, connect(settings.kubeconfig, settings.context))
    except ConnectionFault as fault:
        raise Unusable((fault,)) from None
    if connection is None:
        log.info("has stopped")
        return
    scraper = Scraper(times.hub.now)
    meters, news = Meters(version("gate-watcher")), News()
    watcher = Watcher(
        connection,
        scraper.scrape,
        policy_file,
        policy,
        me=identity(f"{platform.node() or 'gate-watcher'}_{secrets.token_hex(4)}", settings.pod_ip),
        dry_run=settings.dry_run,
        times=times,
        log=log,
        meters=meters,
        news=news,
        decided=decided,
    )
    feed = Feed(watcher.report, news, times.own)
    host, port = settings.listen
    try:
        page = await serve(site(watcher.report, meters, feed), host=host, port=port)
    except OSError as error:
        await scraper.close()
        await connection.close()
        problem = f"--listen {host}:{port}: it cannot be had: {error.strerror}; name another"
        raise Unusable((problem,)) from None
    log.info("watches", hub=connection.host, dry_run=settings.dry_run, page=page.url)
    served(page.url)
    watcher.start()
    await stop.wait()
    log.info("stops")
    await watcher.stop()
    await page.close()
    await scraper.close()
    await connection.close()
    log.info("has stopped")


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` gives; None where `stop` was set before: then it was cancelled, and has ended."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    both = (working, stopping)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for each in both:
            each.cancel()
        await asyncio.gather(*both, return_exceptions=True)


@contextmanager
def reading_as_deep_as_a_hub_allows() -> Iterator[None]:
    """Whatever a hub can hold can be read; at Python's own limit of 1,000 levels, one deep object
    makes every list that it is in unreadable.

    Not where the stack may be too small for it: there the process would end without a word.
    """
    before = sys.getrecursionlimit()
    stack_bytes, _ = resource.getrlimit(resource.RLIMIT_STACK)
    if stack_bytes == resource.RLIM_INFINITY or stack_bytes >= _STACK_BYTES:
        sys.setrecursionlimit(_DEEPEST)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def stop_at_signals() -> asyncio.Event:
    """Set at the first SIGTERM or SIGINT; a second one ends the process as it always would."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def end() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, end)
    return stop


def print_problems(problems: Iterable[str]) -> None:
    """Each on its line, where people and pipes look for it."""
    for problem in problems:
        sys.stderr.write(f"gate-watcher: {problem}\n")
