"""What does a kubeconfig's exec plugin give?

kubernetes_asyncio reads the exec section and knows how a plugin is called. It waits for one without
any limit, though, and reads its output before its errors, so that one which complains at length is
waited for for ever. Hence this way of running one.

Facts (Kubernetes, authentication/#client-go-credential-plugins): the plugin gets
KUBERNETES_EXEC_INFO and prints an ExecCredential whose status has a token, or a client certificate
and its key, or both.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

import msgspec
from msgspec import Struct

from watcher.hub.errors import ConnectionFault
from watcher.hub.kubernetes_config import ExecProvider
from watcher.hub.wire import one_line


class Given(Struct, frozen=True, rename="camel"):
    """The `status` of an ExecCredential."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None


class _ExecCredential(Struct, frozen=True, rename="camel"):
    api_version: str
    status: Given


class Plugin(ExecProvider):
    """An exec section that was read, and can be run."""

    async def ask(self, within_s: float) -> Given:
        """What the plugin gives; raises `ConnectionFault` where it gives nothing in time."""
        info = {
            "apiVersion": self.api_version,
            "kind": "ExecCredential",
            "spec": {"interactive": sys.stdin.isatty()},
        }
        try:
            process = await asyncio.create_subprocess_exec(
                *self.args,
                env={**self.env, "KUBERNETES_EXEC_INFO": json.dumps(info)},
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise self._fault(f"it cannot be started: {error.strerror}") from None
        return self._read(await self._output(process, within_s), process.returncode)

    async def _output(self, process: Process, within_s: float) -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(within_s):
                return await _said(process)
        except TimeoutError:
            raise self._fault(f"it gave nothing within {within_s:g} s") from None

    def _read(self, output: tuple[bytes, bytes], exit_code: int | None) -> Given:
        said, complained = output
        if exit_code:
            words = one_line(complained.decode("utf-8", "replace"))
            raise self._fault(f"it ended with {exit_code}" + (f": {words}" if words else ""))
        try:
            credential = msgspec.json.decode(said, type=_ExecCredential)
        except ValueError:
            raise self._fault("what it printed is no ExecCredential") from None
        if credential.api_version != self.api_version:
            raise self._fault(
                f"it speaks {one_line(credential.api_version)}, not {self.api_version}"
            )
        given = credential.status
        if not given.token and not (given.client_certificate_data and given.client_key_data):
            raise self._fault("it gave neither a token nor a certificate with its key")
        return given

    def _fault(self, what: str) -> ConnectionFault:
        return ConnectionFault(
            what=what,
            where=f"the kubeconfig's exec plugin {self.args[0]}",
            remedy="run it by hand, log in again, or name another context with --context",
        )


async def _said(process: Process) -> tuple[bytes, bytes]:
    """Output and errors; where that is cancelled, the plugin and what it started end."""
    try:
        return await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        # asyncio waits for its output, too, which a child that left its session may hold open; the
        # pipes alone, for to close the whole would reap the plugin before who waits for it does
        for output in (1, 2):
            process._transport.get_pipe_transport(output).close()  # type: ignore[attr-defined]
        await process.wait()
        raise
