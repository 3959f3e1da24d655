"""Is an exec plugin asked in a way that ends?"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from watcher.hub.errors import ConnectionFault
from watcher.hub.kubernetes_config import ConfigNode
from watcher.hub.plugin import Given, Plugin

VERSION = "client.authentication.k8s.io/v1"


def plugin(folder: Path, script: str, **more: Any) -> Plugin:
    file = folder / "plugin"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    section = {"apiVersion": VERSION, "command": str(file), **more}
    return Plugin(ConfigNode("exec", section))


def prints(status: str, version: str = VERSION) -> str:
    return f"""echo '{{"apiVersion":"{version}","kind":"ExecCredential","status":{status}}}'"""


async def fault(asked: Plugin, within_s: float = 5.0) -> str:
    with pytest.raises(ConnectionFault) as caught:
        await asked.ask(within_s)
    return caught.value.what


async def test_a_plugin_gives_a_token(tmp_path: Path) -> None:
    assert await plugin(tmp_path, prints('{"token":"t"}')).ask(5.0) == Given(token="t")


async def test_a_plugin_gives_a_certificate(tmp_path: Path) -> None:
    status = '{"clientCertificateData":"c","clientKeyData":"k","expirationTimestamp":"soon"}'
    given = await plugin(tmp_path, prints(status)).ask(5.0)
    assert given == Given(client_certificate_data="c", client_key_data="k")


async def test_a_plugin_gets_its_arguments_its_environment_and_what_is_asked(
    tmp_path: Path,
) -> None:
    script = (
        'case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 9;; esac\n'
        + """echo '{"apiVersion":"VERSION","status":{"token":"'"$1-$WHO"'"}}'""".replace(
            "VERSION", VERSION
        )
    )
    asked = plugin(tmp_path, script, args=["one"], env=[{"name": "WHO", "value": "me"}])
    assert (await asked.ask(5.0)).token == "one-me"


async def test_a_plugin_that_complains_at_length_is_not_waited_for_for_ever(
    tmp_path: Path,
) -> None:
    script = "head -c 1000000 /dev/zero >&2\n" + prints('{"token":"t"}')
    assert (await plugin(tmp_path, script).ask(10.0)).token == "t"


async def test_a_plugin_that_hangs_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    said = await fault(plugin(tmp_path, f"echo $$ >{pid}; exec sleep 600"), within_s=1.0)
    assert said == "it gave nothing within 1 s"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


async def test_a_plugin_that_fails_is_said_with_its_own_words(tmp_path: Path) -> None:
    said = await fault(plugin(tmp_path, "echo 'please log in' >&2; exit 3"))
    assert said == "it ended with 3: please log in"


async def test_a_plugin_that_is_not_there_is_said(tmp_path: Path) -> None:
    asked = Plugin(ConfigNode("exec", {"apiVersion": VERSION, "command": "/no/such/plugin"}))
    assert await fault(asked) == "it cannot be started: No such file or directory"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo hello", "what it printed is no ExecCredential"),
        ("true", "what it printed is no ExecCredential"),
        (prints("null"), "what it printed is no ExecCredential"),
        (prints("{}"), "it gave neither a token nor a certificate with its key"),
        (prints('{"token":""}'), "it gave neither a token nor a certificate with its key"),
        (prints('{"clientKeyData":"k"}'), "it gave neither a token nor a certificate"),
        (prints('{"token":"t"}', "v0"), f"it speaks v0, not {VERSION}"),
    ],
)
async def test_a_plugin_that_gives_nothing_is_said(tmp_path: Path, script: str, said: str) -> None:
    assert said in await fault(plugin(tmp_path, script))


@pytest.mark.parametrize("script", ["sleep 60; exit 0", "sleep 60 & exit 0"])
async def test_a_plugin_that_hangs_in_a_child_of_its_own_is_ended_with_it(
    tmp_path: Path, script: str
) -> None:
    child = tmp_path / "child"
    child.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    child.chmod(0o755)
    asked = plugin(tmp_path, script.replace("sleep 60", str(child)))
    async with asyncio.timeout(10.0):
        assert await fault(asked, 1.0) == "it gave nothing within 1 s"
        while _lives(int((tmp_path / "pid").read_text())):
            await asyncio.to_thread(os.sched_yield)


def _lives(pid: int) -> bool:
    """Whether it runs; one that is dead and waits for whoever adopted it does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_one_that_leaves_a_daemon_with_its_output_is_not_waited_for_for_ever(
    tmp_path: Path,
) -> None:
    pid = tmp_path / "pid"
    script = f"setsid sh -c 'echo $$ > {pid}; exec sleep 60' & sleep 60"
    async with asyncio.timeout(10.0):
        assert await fault(plugin(tmp_path, script), 1.0) == "it gave nothing within 1 s"
    os.kill(int(pid.read_text()), signal.SIGKILL)
