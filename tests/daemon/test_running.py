from __future__ import annotations

import asyncio
import io
import os
import resource
import signal
import socket
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.daemon.standing import ANY_PORT, POLICY, standing
from watcher.daemon import LogFormat, LogLevel, Settings, Times, Unusable, logger, watch
from watcher.daemon.running import (
    print_problems,
    reading_as_deep_as_a_hub_allows,
    run,
    stop_at_signals,
)
from watcher.embedded_hub.clock import HandClock

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: hub, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: hub, context: {cluster: hub, user: me}}]
users: [{name: me, user: {token: t}}]
current-context: hub
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    return Settings(
        config=tmp_path / "policy.yaml",
        listen=ANY_PORT,
        kubeconfig=str(tmp_path / "kubeconfig"),
    )


async def problems(settings: Settings) -> tuple[str, ...]:
    """Why it cannot begin."""
    clock = HandClock(0.0)
    log = logger(io.StringIO(), log_format=LogFormat.TEXT, level=LogLevel.DEBUG, now=clock.now)
    with pytest.raises(Unusable) as raised:
        await watch(
            settings,
            times=Times(clock, clock),
            log=log,
            stop=asyncio.Event(),
            decided=lambda _: None,
        )
    return raised.value.problems


async def test_every_fault_of_the_policy_is_a_problem(settings: Settings) -> None:
    settings.config.write_text(POLICY + "namespace: 7\nzzz: 1\n")
    said = await problems(settings)
    assert [each.split(": ")[1] for each in said] == ["namespace", "zzz"]


async def test_a_kubeconfig_that_cannot_be_used_is_a_problem(settings: Settings) -> None:
    kubeconfig = settings.config.with_name("kubeconfig")
    kubeconfig.write_text(KUBECONFIG.replace("current-context: hub", ""))
    (said,) = await problems(settings)
    assert "it has no current context; it has hub" in said


async def test_a_port_that_is_taken_is_a_problem_that_names_it(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (said,) = await problems(replace(settings, listen=("127.0.0.1", port)))
    assert said.startswith(f"--listen 127.0.0.1:{port}: it cannot be had: ")


async def test_a_host_that_is_none_of_ours_is_a_problem(settings: Settings) -> None:
    (said,) = await problems(replace(settings, listen=("192.0.2.1", 8090)))
    assert said.startswith("--listen 192.0.2.1:8090: it cannot be had: ")


async def test_told_to_stop_while_it_has_no_credentials_yet_it_ends_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def hangs(*_: object) -> object:
        asked.set()
        try:
            return await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr("watcher.daemon.running.connect", hangs)
    clock, stop, stream = HandClock(0.0), asyncio.Event(), io.StringIO()
    log = logger(stream, log_format=LogFormat.TEXT, level=LogLevel.DEBUG, now=clock.now)
    async with asyncio.timeout(5.0), asyncio.TaskGroup() as tasks:
        tasks.create_task(
            watch(settings, times=Times(clock, clock), log=log, stop=stop, decided=lambda _: None)
        )
        await asked.wait()
        stop.set()
    assert ended.is_set()
    assert stream.getvalue().endswith("has stopped\n")


def test_problems_end_the_process_with_two_and_a_line_each(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.config.write_text("tiers: 7\n")
    assert run(settings, log_format=LogFormat.TEXT, log_level=LogLevel.INFO) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 3
    assert all(line.startswith("gate-watcher: ") for line in said.err.splitlines())


def test_problems_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems(["one", "another"])
    assert capsys.readouterr().err == "gate-watcher: one\ngate-watcher: another\n"


@pytest.mark.parametrize(
    ("stack_bytes", "deep"), [(8 << 20, True), (resource.RLIM_INFINITY, True), (4 << 20, False)]
)
def test_it_reads_deep_objects_where_the_stack_is_large_enough(
    monkeypatch: pytest.MonkeyPatch, stack_bytes: int, deep: bool
) -> None:
    before = sys.getrecursionlimit()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (stack_bytes, resource.RLIM_INFINITY))
    with reading_as_deep_as_a_hub_allows():
        assert (sys.getrecursionlimit() > 10_000) is deep
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_asks_for_an_end_in_order(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stop = stop_at_signals()
    os.kill(os.getpid(), number)
    await asyncio.wait_for(stop.wait(), 5.0)
    assert signal.getsignal(number) is not None
    signal.signal(number, before)


async def test_it_says_what_it_watches_and_that_it_has_stopped(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run_ = house.start(dry_run=True)
        await house.pass_s(10.0)
        await run_.end()
        first, last = run_.lines[0], run_.lines[-1]
        assert (first["event"], first["hub"], first["dry_run"]) == ("watches", house.hub.url, True)
        assert [line["event"] for line in run_.lines[-2:]] == ["stops", "has stopped"]
        assert last["level"] == "info"
