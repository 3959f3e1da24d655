"""Watches a hub.

Elsewhere: everything that this does (daemon/).
"""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from watcher.cli.address import address, ip
from watcher.cli.hub_flags import context_flag, kubeconfig_flag
from watcher.daemon import LogFormat, LogLevel, Settings
from watcher.daemon import run as run_daemon


@click.command()
@click.option(
    "--config",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy file; read again whenever it changes.",
)
@kubeconfig_flag
@context_flag
@click.option(
    "-n", "--namespace", metavar="NAME", help="Where Argo CD runs, whatever the policy says."
)
@click.option("--dry-run", is_flag=True, help="Decide and show everything, write nothing.")
@click.option(
    "--listen",
    type=address,
    metavar="HOST:PORT",
    default="127.0.0.1:8090",
    show_default=True,
    help="Where /livez, /readyz, /metrics and /api/v1 are served. Nobody is asked who they are, "
    "hence loopback; 8090, because port-forwards to Argo CD take 8080 to 8084.",
)
@click.option(
    "--pod-ip",
    type=ip,
    metavar="IP",
    envvar="POD_IP",
    show_envvar=True,
    help="Where other replicas reach this one, at the port of --listen: whichever is asked for the "
    "status, the one that leads answers.",
)
@click.option(
    "--log-format",
    type=click.Choice([each.value for each in LogFormat]),
    default=LogFormat.TEXT.value,
    show_default=True,
    help="How a line of the log is written.",
)
@click.option(
    "--log-level",
    type=click.Choice([each.value for each in LogLevel]),
    default=LogLevel.INFO.value,
    show_default=True,
    help="What is logged: this, and all that is more serious.",
)
def run(
    *,
    config: Path,
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    dry_run: bool,
    listen: tuple[str, int],
    pod_ip: str | None,
    log_format: str,
    log_level: str,
) -> None:
    """Watch a hub, and open gates in order.

    Goes on until SIGTERM or Ctrl-C, and ends within five seconds then. A hub that is away is
    waited for. Ends with 2 where the policy, the kubeconfig or an argument cannot be used.
    """
    settings = Settings(
        config=config,
        listen=listen,
        kubeconfig=kubeconfig,
        context=context,
        namespace=namespace,
        dry_run=dry_run,
        pod_ip=pod_ip or "",
    )
    sys.exit(run_daemon(settings, log_format=LogFormat(log_format), log_level=LogLevel(log_level)))
