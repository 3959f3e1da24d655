"""Says whether what the watcher stands on is as it should be, one line each.

Ends with 0 where there is no fault, with 1 where there is one, with 2 where the hub could not be
looked at.

Elsewhere: what is looked at (daemon/examining.py); the checks (check/).
"""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from watcher.check import Sight, as_json, as_text
from watcher.check import check as judge
from watcher.cli.ending import FAILED, OK, UNUSABLE
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.placed import METAVAR, Placed, placed
from watcher.cli.policy_flag import policy_flag, policy_in
from watcher.daemon import SystemClock
from watcher.daemon.examining import Question, examine
from watcher.guards import SERVICE_ACCOUNT

_PRINT = {"text": as_text, "json": as_json}


@click.command()
@click.option(
    "--pre", is_flag=True, help="Before the installation: what it brings need not be there yet."
)
@policy_flag()
@click.option(
    "--service-account",
    metavar=METAVAR,
    type=placed,
    default=SERVICE_ACCOUNT,
    show_default=True,
    help="The watcher's, with its namespace where that is not Argo CD's.",
)
@click.option(
    "--service",
    metavar=METAVAR,
    type=placed,
    default="gate-watcher",
    show_default=True,
    help="Its Service, which is in the namespace of its account.",
)
@click.option(
    "--reach",
    is_flag=True,
    help="Ask the controllers' Pods for their metrics from here, as the watcher does.",
)
@hub_flags("Where Argo CD runs, whatever the policy says; argocd without one.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(list(_PRINT)),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
def check(
    *,
    pre: bool,
    config: Path | None,
    service_account: Placed,
    service: Placed,
    reach: bool,
    hub: HubFlags,
    output: str,
) -> None:
    """Say whether what the watcher stands on is as it should be, one line each, with what to do.

    Looks with your own credentials, and changes nothing. What you may not look at is a warning that
    names the right; the rest is looked at all the same. Ends with 0 where there is no fault, with 1
    where there is one, with 2 where the hub could not be looked at.
    """
    homes = {each for each in (service_account.namespace, service.namespace) if each}
    if len(homes) > 1:
        raise click.UsageError("--service-account and --service name two namespaces")
    policy = None if config is None else policy_in(config, hub.named)
    asked = Question(
        policy=policy,
        policy_from=str(config or ""),
        namespace=hub.namespace,
        service_account=service_account.name,
        service=service.name,
        home=next(iter(homes), None),
        reach=reach,
        before=pre,
    )
    checked = judge(run(_look(asked, hub), refused=UNUSABLE))
    click.echo(_PRINT[output](checked))
    sys.exit(FAILED if checked.faulty else OK)


async def _look(asked: Question, hub: HubFlags) -> Sight:
    async with hub.connected() as connection:
        return await examine(connection, asked, SystemClock().now)
