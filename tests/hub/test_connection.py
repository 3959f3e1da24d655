"""Does a request become an answer, or a plain word of what went wrong, and nothing else?"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.hub.certificates import Authority
from tests.hub.exchanges import CANARY, exchange
from tests.hub.kubeconfigs import QUICK, connected, kubeconfig
from tests.hub.objects import list_body, status_body, thing
from tests.hub.running import running, until
from tests.hub.wire_server import (
    Asked,
    WireServer,
    chunk,
    http,
    stream,
    stream_head,
    wire_server,
)
from watcher.facts import Kind
from watcher.hub import requests
from watcher.hub.connection import (
    MOST_LINE_BYTES,
    MOST_PAGE_BYTES,
    Connection,
    connect,
    read_answer,
)
from watcher.hub.errors import Cause, HubError, ListFailed, WatchFailed
from watcher.hub.requests import Request

LIST = requests.list_page(requests.resource(Kind.APPLICATIONS), "argocd")
WATCH = requests.watch(
    requests.resource(Kind.APPLICATIONS), "argocd", resource_version="5", server_s=5.0
)
PUT = requests.update_lease("argocd", "gate-watcher", b"{}")
GOOD = http(200, list_body([thing("a")], 5))
UNAUTHORIZED = exchange("unauthorized").http

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs the openssl program to make certificates"
)


def answering(*answers: bytes) -> Callable[[Asked, asyncio.StreamWriter], Any]:
    """One after the other; the last one again and again. Empty: hang."""
    script = list(answers)

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        data = script.pop(0) if len(script) > 1 else script[0]
        if not data:
            await asyncio.Event().wait()
        writer.write(data)

    return answer


@asynccontextmanager
async def hub(
    folder: Path, *answers: bytes, timeouts: Any = QUICK, **user: Any
) -> AsyncIterator[tuple[WireServer, Connection]]:
    async with (
        wire_server(answering(*answers)) as server,
        connected(folder, server.url, timeouts, **user) as connection,
    ):
        yield server, connection


async def failed(
    connection: Connection, request: Request = LIST, within_s: float = 2.0
) -> HubError:
    with pytest.raises(HubError) as caught:
        await connection.send(request, within_s=within_s)
    return caught.value


async def test_a_good_answer_is_its_body(tmp_path: Path) -> None:
    async with hub(tmp_path, GOOD, token="a-token") as (server, connection):
        assert await connection.send(LIST, within_s=2.0) == list_body([thing("a")], 5)
        asked = server.asked[0]
        assert asked.query == {"limit": "500"}
        assert asked.headers["authorization"] == "Bearer a-token"
        assert asked.headers["accept-encoding"] == "identity"
        assert asked.headers["user-agent"] == "gate-watcher"
        assert "cookie" not in asked.headers


async def test_a_server_below_a_path_is_asked_there(tmp_path: Path) -> None:
    async with wire_server(answering(GOOD)) as server:
        async with connected(tmp_path, server.url + "/k8s/clusters/c-1/") as connection:
            await connection.send(LIST, within_s=2.0)
        assert server.paths() == [f"/k8s/clusters/c-1{LIST.path}"]


async def test_a_refusal_is_the_hub_s_own_word(tmp_path: Path) -> None:
    async with hub(tmp_path, exchange("patch-forbidden-as-watcher").http) as (_, connection):
        error = await failed(connection)
        assert isinstance(error, ListFailed)
        assert (error.cause, error.code) == (Cause.REFUSED, 403)
        assert "cannot patch resource" in str(error)


async def test_a_refusal_that_never_ends_is_a_refusal(tmp_path: Path) -> None:
    endless = http(403, b"x" * 100_000, length=10**9)
    async with hub(tmp_path, endless) as (_, connection):
        assert (await failed(connection)).code == 403


async def test_how_long_to_wait_is_taken_from_the_answer(tmp_path: Path) -> None:
    busy = http(429, status_body(429), headers=["Retry-After: 7"])
    later = http(429, status_body(429), headers=["Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"])
    async with hub(tmp_path, busy, later) as (_, connection):
        assert (await failed(connection)).retry_after_s == 7.0
        assert (await failed(connection)).retry_after_s == 0.0


async def test_a_401_reads_the_credentials_again_and_asks_once_more(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    async with hub(tmp_path, UNAUTHORIZED, GOOD, tokenFile=str(token)) as (server, connection):
        token.write_text("second\n")
        await connection.send(LIST, within_s=2.0)
        assert [each.headers["authorization"] for each in server.asked] == [
            "Bearer first",
            "Bearer second",
        ]


async def test_a_second_401_is_a_refusal(tmp_path: Path) -> None:
    async with hub(tmp_path, UNAUTHORIZED, token="bad") as (server, connection):
        error = await failed(connection)
        assert (error.cause, error.code) == (Cause.REFUSED, 401)
        assert error.remedy == "check that the token or certificate is still valid"
        assert len(server.asked) == 2


async def test_many_401_at_once_read_the_credentials_once(tmp_path: Path) -> None:
    script = tmp_path / "plugin"
    runs = tmp_path / "runs"
    script.write_text(
        f"#!/bin/sh\necho run >>{runs}\n"
        'echo \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
        '"status":{"token":"t"}}\'\n'
    )
    script.chmod(0o755)
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script)}
    three = [UNAUTHORIZED] * 3
    async with hub(tmp_path, *three, GOOD, exec=plugin) as (server, connection):
        await asyncio.gather(*(connection.send(LIST, within_s=5.0) for _ in range(3)))
        assert len(server.asked) == 6
        assert runs.read_text().split() == ["run", "run"]


async def test_credentials_that_cannot_be_read_again_are_said(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first")
    async with hub(tmp_path, UNAUTHORIZED, tokenFile=str(token)) as (_, connection):
        token.unlink()
        error = await failed(connection)
        assert error.cause is Cause.UNREACHABLE
        assert f"{token} cannot be read: No such file or directory" in str(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(tmp_path: Path, status: int) -> None:
    async with wire_server(answering(GOOD)) as elsewhere:
        moved = http(status, b"", headers=[f"Location: {elsewhere.url}/x"])
        async with hub(tmp_path, moved, token="secret") as (_, connection):
            error = await failed(connection)
            assert error.cause is Cause.UNREADABLE
            assert f"redirects ({status})" in str(error)
            assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("strange", "said"),
    [
        (http(200, b"<html>", content_type="text/html"), "it answers with text/html"),
        (http(200, b"x", headers=["Content-Encoding: gzip"]), "compresses"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "does not answer in HTTP"),
    ],
)
async def test_what_does_not_speak_kubernetes_is_said(
    tmp_path: Path, strange: bytes, said: str
) -> None:
    async with hub(tmp_path, strange) as (server, connection):
        error = await failed(connection)
        assert error.cause is Cause.UNREADABLE
        assert said in str(error)
        assert f"check what answers at {server.url}" in error.remedy


async def test_a_body_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head())
        while True:
            writer.write(chunk(b" " * (1 << 20)))
            await writer.drain()

    async with (
        wire_server(endless) as server,
        connected(tmp_path, server.url) as connection,
    ):
        error = await failed(connection, within_s=30.0)
        assert error.cause is Cause.UNREADABLE
        assert f"more than {MOST_PAGE_BYTES} bytes" in str(error)


async def test_a_line_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head())
        while True:
            writer.write(chunk(b"x" * (1 << 20)))
            await writer.drain()

    async with (
        wire_server(endless) as server,
        connected(tmp_path, server.url) as connection,
    ):
        with pytest.raises(WatchFailed, match=f"more than {MOST_LINE_BYTES} bytes"):
            async with connection.stream(WATCH, opens_within_s=2.0, ends_within_s=30.0) as lines:
                await lines.next(30.0)


async def test_an_answer_that_does_not_come_is_lost_not_refused(tmp_path: Path) -> None:
    async with hub(tmp_path, b"") as (_, connection):
        error = await failed(connection, within_s=0.05)
        assert (error.cause, error.code) == (Cause.LOST, 0)


async def test_an_answer_that_breaks_off_is_lost(tmp_path: Path) -> None:
    async def breaks(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD[:-5])
        await writer.drain()
        writer.close()

    async with wire_server(breaks) as server, connected(tmp_path, server.url) as connection:
        error = await failed(connection)
        assert error.cause is Cause.LOST
        assert "ClientPayloadError" in str(error)


async def test_where_nothing_listens_nothing_was_sent(tmp_path: Path) -> None:
    async with wire_server(answering(GOOD)) as server:
        url = server.url
    async with connected(tmp_path, url) as connection:
        error = await failed(connection)
        assert error.cause is Cause.UNREACHABLE
        assert f"check that the API server answers at {url}" in str(error)


async def test_a_name_that_does_not_resolve_is_unreachable(tmp_path: Path) -> None:
    async with connected(tmp_path, "http://no-such-host.invalid:6443") as connection:
        assert (await failed(connection)).cause is Cause.UNREACHABLE


async def test_what_may_not_be_sent_is_not_sent(tmp_path: Path) -> None:
    async with hub(tmp_path, GOOD) as (server, connection):
        with pytest.raises(HubError) as caught:
            await connection.send(PUT, within_s=2.0, allowed=lambda: False)
        assert caught.value.cause is Cause.WITHHELD
        assert server.asked == []


async def test_the_permit_is_asked_again_before_the_second_sending(tmp_path: Path) -> None:
    permits = iter([True, False])
    async with hub(tmp_path, UNAUTHORIZED, GOOD) as (server, connection):
        with pytest.raises(HubError) as caught:
            await connection.send(PUT, within_s=2.0, allowed=lambda: next(permits))
        assert caught.value.cause is Cause.WITHHELD
        assert len(server.asked) == 1


async def test_streams_end_in_order_or_say_how_they_ended(tmp_path: Path) -> None:
    whole = stream(b"one\n", b"two\nthree\n")
    cut = stream(b"one\ntw")
    async with hub(tmp_path, whole, cut) as (_, connection):
        async with connection.stream(WATCH, opens_within_s=2.0, ends_within_s=5.0) as lines:
            said = [await lines.next(2.0) for _ in range(4)]
            assert said == [b"one", b"two", b"three", None]
        with pytest.raises(WatchFailed, match="in the middle of an event"):
            async with connection.stream(WATCH, opens_within_s=2.0, ends_within_s=5.0) as lines:
                assert await lines.next(2.0) == b"one"
                await lines.next(2.0)


async def test_a_stream_that_is_not_opened_in_time_is_lost(tmp_path: Path) -> None:
    async with hub(tmp_path, b"") as (_, connection):
        with pytest.raises(WatchFailed) as caught:
            async with connection.stream(WATCH, opens_within_s=0.05, ends_within_s=5.0):
                pytest.fail("it was opened")
        assert caught.value.cause is Cause.LOST


async def test_one_stream_that_fails_takes_nothing_from_another(tmp_path: Path) -> None:
    ends = [stream_head() + chunk(b"one\n"), stream_head() + b"zz\r\n"]
    async with hub(tmp_path, *ends, stream(b"three\n")) as (_, connection):
        async with connection.stream(WATCH, opens_within_s=2.0, ends_within_s=5.0) as lines:
            assert await lines.next(2.0) == b"one"
            with pytest.raises(WatchFailed):
                async with connection.stream(WATCH, opens_within_s=2.0, ends_within_s=5.0) as bad:
                    await bad.next(2.0)
            with pytest.raises(WatchFailed, match=r"nothing came for 0\.05 s"):
                await lines.next(0.05)
        async with connection.stream(WATCH, opens_within_s=2.0, ends_within_s=5.0) as lines:
            assert await lines.next(2.0) == b"three"


async def test_stuck_streams_do_not_hold_up_others(tmp_path: Path) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head() if asked.watches else GOOD)
        if asked.watches:
            await asyncio.Event().wait()

    async with wire_server(answer) as server, connected(tmp_path, server.url) as connection:

        async def stuck() -> None:
            async with connection.stream(WATCH, opens_within_s=60.0, ends_within_s=60.0) as lines:
                await lines.next(60.0)

        async with running(*(stuck() for _ in range(150))):
            await until(lambda: len(server.watches) == 150)
            assert await connection.send(LIST, within_s=30.0)


async def test_no_body_and_no_credential_is_ever_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = tmp_path / "plugin"
    script.write_text(
        "#!/bin/sh\n"
        'echo \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
        f'"status":{{"token":"{CANARY}"}}}}\'\n'
    )
    script.chmod(0o755)
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(script),
        "env": [{"name": "X", "value": CANARY}],
    }
    asyncio.get_running_loop().set_debug(True)
    secrets = exchange("list-secrets").http
    quoted = exchange("patch-strict-unknown-field").http
    async with hub(tmp_path, secrets, quoted, UNAUTHORIZED, exec=plugin) as (server, connection):
        body = await connection.send(LIST, within_s=5.0)
        errors = [await failed(connection, within_s=5.0) for _ in range(2)]
        assert server.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    encoded = base64.b64encode(b'{"bearerToken": "CANARY')[:20]
    assert encoded in body
    shown = caplog.text + "".join(f"{error!r} {error}" for error in errors)
    assert CANARY not in shown
    assert encoded.decode() not in shown
    assert logging.getLogger("kubernetes_asyncio.client.rest").level == logging.WARNING


def behind(proxy: str, folder: Path) -> str:
    """A kubeconfig whose hub is reached over this proxy."""
    file = Path(kubeconfig(folder, "https://hub.example:6443", token="t"))
    document = json.loads(file.read_text())
    document["clusters"][0]["cluster"] |= {"proxy-url": proxy, "insecure-skip-tls-verify": True}
    file.write_text(json.dumps(document))
    return str(file)


async def test_a_proxy_that_refuses_is_said_without_its_password(tmp_path: Path) -> None:
    async with wire_server(answering(http(407, b""))) as proxy:
        file = behind(f"http://me:{CANARY}@127.0.0.1:{proxy.port}", tmp_path)
        connection = await connect(file, None, timeouts=QUICK)
        error = await failed(connection)
        await connection.close()
    assert (error.cause, error.what) == (Cause.UNREACHABLE, "the proxy refused (407)")
    assert CANARY not in f"{error!r} {error}"


async def test_a_proxy_that_is_not_there_is_said_without_its_password(tmp_path: Path) -> None:
    file = behind(f"http://me:{CANARY}@127.0.0.1:1", tmp_path)
    connection = await connect(file, None, timeouts=QUICK)
    error = await failed(connection)
    await connection.close()
    assert error.cause is Cause.UNREACHABLE
    assert "127.0.0.1:1" in str(error)
    assert CANARY not in f"{error!r} {error}"


@pytest.mark.parametrize("password", [CANARY, f"{CANARY}@x", f":{CANARY}"])
async def test_no_text_of_aiohttp_brings_a_proxy_s_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    async def quotes(*_: object, **__: object) -> object:
        raise aiohttp.ConnectionTimeoutError(f"Timeout to http://me:{password}@proxy:3128/ now")

    async with connected(tmp_path, "http://127.0.0.1:1") as connection:
        monkeypatch.setattr(aiohttp.ClientSession, "request", quotes)
        error = await failed(connection)
    assert error.what == "Timeout to http://proxy:3128/ now"


async def test_the_environment_s_proxy_is_used_and_no_proxy_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wire_server(answering(GOOD)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with connected(tmp_path, "http://hub.invalid:6443") as connection:
            await connection.send(LIST, within_s=2.0)
        assert len(proxy.asked) == 1
        async with hub(tmp_path, GOOD) as (server, connection):
            await connection.send(LIST, within_s=2.0)
            assert len(server.asked) == 1
        assert len(proxy.asked) == 1


async def test_a_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with hub(tmp_path, GOOD) as (server, connection):
        await connection.send(LIST, within_s=2.0)
        assert "authorization" not in server.asked[0].headers


def https_kubeconfig(folder: Path, server: WireServer, ca: Path, **user: Any) -> str:
    file = Path(kubeconfig(folder, server.url, **user))
    document = json.loads(file.read_text())
    document["clusters"][0]["cluster"]["certificate-authority"] = str(ca)
    file.write_text(json.dumps(document))
    return str(file)


@asynccontextmanager
async def https_connected(
    folder: Path, server: WireServer, ca: Path, **user: Any
) -> AsyncIterator[Connection]:
    connection = await connect(https_kubeconfig(folder, server, ca, **user), None, timeouts=QUICK)
    try:
        yield connection
    finally:
        await connection.close()


@needs_openssl
@pytest.mark.parametrize("key_identifiers", [True, False])
async def test_a_ca_with_or_without_key_identifiers_is_good_enough(
    tmp_path: Path, key_identifiers: bool
) -> None:
    ca = Authority(tmp_path / "ca", key_identifiers).make()
    async with (
        wire_server(answering(GOOD), ca.server()) as server,
        https_connected(tmp_path, server, ca.certificate) as connection,
    ):
        assert await connection.send(LIST, within_s=2.0)


@needs_openssl
async def test_chain_and_host_name_are_verified(tmp_path: Path) -> None:
    ca = Authority(tmp_path / "ca").make()
    other = Authority(tmp_path / "other").make()
    context = ca.server()
    async with wire_server(answering(GOOD), context) as server:
        async with https_connected(tmp_path, server, other.certificate) as connection:
            error = await failed(connection)
            assert error.cause is Cause.UNREACHABLE
            assert "certificate" in str(error)
        context.load_cert_chain(ca.issue("elsewhere", alternative="DNS:elsewhere.example"))
        async with https_connected(tmp_path, server, ca.certificate) as connection:
            assert (await failed(connection)).cause is Cause.UNREACHABLE
        assert server.asked == []


@needs_openssl
async def test_a_ca_that_was_replaced_is_found(tmp_path: Path) -> None:
    old, new = Authority(tmp_path / "old").make(), Authority(tmp_path / "new").make()
    trusted = tmp_path / "ca.crt"
    trusted.write_bytes(old.certificate.read_bytes())
    async with (
        wire_server(answering(GOOD), new.server()) as server,
        https_connected(tmp_path, server, trusted) as connection,
    ):
        assert (await failed(connection)).cause is Cause.UNREACHABLE
        trusted.write_bytes(new.certificate.read_bytes())
        assert await connection.send(LIST, within_s=2.0)


@needs_openssl
async def test_a_client_certificate_shows_who_we_are(tmp_path: Path) -> None:
    ca = Authority(tmp_path / "ca").make()
    client = ca.issue("client")
    files = {"client-certificate": str(client), "client-key": str(client)}
    data = {
        f"{name}-data": base64.b64encode(client.read_bytes()).decode()
        for name in ("client-certificate", "client-key")
    }
    async with wire_server(answering(GOOD), ca.server(asks_for_client=True)) as server:
        for user in (files, data):
            async with https_connected(tmp_path, server, ca.certificate, **user) as connection:
                assert await connection.send(LIST, within_s=2.0)
        async with https_connected(tmp_path, server, ca.certificate) as connection:
            assert (await failed(connection)).cause in (Cause.LOST, Cause.UNREACHABLE)


async def test_a_connection_is_no_slower_to_give_up_than_it_was_told(tmp_path: Path) -> None:
    """A port of this machine whose queue is full: the kernel swallows what comes after."""
    hasty = msgspec.structs.replace(QUICK, connect_s=0.05)
    with contextlib.ExitStack() as sockets:
        full = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        async with connected(
            tmp_path, f"http://127.0.0.1:{full.getsockname()[1]}", hasty
        ) as connection:
            assert (await failed(connection)).cause is Cause.UNREACHABLE


def test_an_answer_that_is_nested_too_deep_fails_like_any_other_that_cannot_be_read() -> None:
    def deep(body: bytes) -> object:
        return msgspec.json.decode(body)

    with pytest.raises(HubError, match="nested too deep") as raised:
        read_answer(LIST, b"[" * 100_000 + b"]" * 100_000, deep)
    assert raised.value.cause is Cause.UNREADABLE
