"""Says how the fleet stands, on one screen.

Asks a running watcher, through the hub's API server with the caller's own credentials, or at its
own address. Reads no Secret and needs no right to.

Elsewhere: the screen (fleet_screen.py); what is answered (serve/shapes.py).
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, NoReturn, TypeVar

import msgspec
import rich_click as click
from rich.console import Console

from watcher.cli.fleet_screen import fleet_screen
from watcher.facts import rfc3339
from watcher.hub import Connection, ConnectionFault, HubError, connect
from watcher.hub.asking import Service, ask, connect_to, held
from watcher.serve import shapes

T = TypeVar("T")

_FLEET = "/api/v1/fleet"
_LEASE = "gate-watcher"
_FAILED, _UNUSABLE = 1, 2


@click.command()
@click.option(
    "--kubeconfig",
    metavar="FILE",
    help="The kubeconfig; else $KUBECONFIG, ~/.kube/config, or the pod's own account.",
)
@click.option("--context", metavar="NAME", help="The context in it; else its current one.")
@click.option(
    "-n",
    "--namespace",
    metavar="NAME",
    default="argocd",
    show_default=True,
    help="Where the watcher runs.",
)
@click.option(
    "--service",
    metavar="NAME",
    default="gate-watcher",
    show_default=True,
    help="Its Service there.",
)
@click.option(
    "--port",
    metavar="PORT",
    default="http",
    show_default=True,
    help="The Service's port, by name or number.",
)
@click.option(
    "--server",
    metavar="URL",
    help="The watcher's own address, as http://localhost:8090 behind a port-forward; then no "
    "kubeconfig is read.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["json", "yaml"]),
    help="What /api/v1/fleet answers, as it is.",
)
def status(
    *,
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    service: str,
    port: str,
    server: str | None,
    output: str | None,
) -> None:
    """Show how the fleet stands: tiers, what waits and why, shards and their memory.

    Asks a running watcher through the API server's proxy to its Service, with your own credentials:
    you need `get` on `services/proxy` in its namespace, and no right to read Secrets. Ends with 1
    where no watcher answers, and says since when as far as its lease tells.
    """
    place = None if server is not None else Service(namespace, service, port)
    try:
        body = asyncio.run(_asked(kubeconfig, context, place, server or ""))
    except ConnectionFault as fault:
        _end(_UNUSABLE, str(fault))
    except Unanswered as unanswered:
        _end(_FAILED, str(unanswered))
    _show(body, output)


class Unanswered(Exception):  # noqa: N818  (named after what happened)
    """No watcher answered, and why, in words."""


async def _asked(
    kubeconfig: str | None, context: str | None, service: Service | None, server: str
) -> bytes:
    connection = await connect(kubeconfig, context) if service else connect_to(server)
    try:
        return await ask(connection, _FLEET, service=service)
    except HubError as error:
        since = await _since(connection, service)
        raise Unanswered(f"{_said(error, service)}{since}") from None
    finally:
        await connection.close()


def _said(error: HubError, service: Service | None) -> str:
    """What is wrong, and what to do about it."""
    what = f"cannot {error.step} {error.where}: {error.what}"
    remedy = _remedy(error, service)
    return f"{what}; {remedy}" if remedy else what


def _remedy(error: HubError, service: Service | None) -> str:
    reason = error.status.reason if error.status is not None else ""
    if service is None:
        return "" if reason else "check the address, and that the port-forward still stands"
    match error.code, reason:
        case 403, _:
            return (
                f"ask for `get` on services/proxy in {service.namespace}, or port-forward to the "
                "watcher and name it with --server"
            )
        case 404, _:
            return "name the Service with --service, its namespace with -n"
        case 503, "ServiceUnavailable":
            return f"look at the watcher's Pods in {service.namespace}, and at --port"
        case _:
            return error.remedy


async def _since(connection: Connection, service: Service | None) -> str:
    """When a watcher last showed that it lives, where that can be known."""
    if service is None:
        return ""
    try:
        last = await held(connection, service.namespace, _LEASE)
    except HubError:
        return ""
    if last.renewed_at is None:
        return ""
    if not last.holder:
        return f"; the last one to lead ended in order {rfc3339(last.renewed_at)}"
    return f"; {last.holder} leads, or did when it last said so, {rfc3339(last.renewed_at)}"


def _show(body: bytes, output: str | None) -> None:
    match output:
        case "json":
            click.echo(msgspec.json.format(msgspec.json.encode(_read(body, Any)), indent=2))
        case "yaml":
            click.echo(msgspec.yaml.encode(_read(body, Any)), nl=False)
        case _:
            console = Console()
            fleet = _read(body, shapes.Fleet)
            console.print(fleet_screen(fleet, width=console.width))


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except ValueError as error:
        _end(_FAILED, f"what answers is no watcher of this version: {error}")


def _end(code: int, problem: str) -> NoReturn:
    click.echo(f"gate-watcher: {problem}", err=True)
    sys.exit(code)
