"""Says what will open next, in which order, and what each gate waits for.

Looks at the hub itself, once, and needs no running watcher; writes nothing.

Elsewhere: looking (daemon/looking.py); what stands where (planned.py); the screen (plan_screen.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import rich_click as click
from msgspec.structs import replace
from rich.console import Console

from watcher.cli.choosing import Chosen, choosing_flags
from watcher.cli.ending import UNUSABLE, end
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.no_such import no_such
from watcher.cli.output import output_flag, show
from watcher.cli.plan_screen import plan_screen
from watcher.cli.planned import Plan, Wanted, planned
from watcher.cli.policy_flag import policy_flag
from watcher.daemon.clock import SystemClock
from watcher.daemon.looking import CannotLook, Look, look_once, policy_for, supposed
from watcher.decide.reasons import FirstLoad
from watcher.facts import Selector, selector
from watcher.policy import Policy


@click.command()
@hub_flags("Where Argo CD runs, whatever the policy says; argocd without one.")
@policy_flag()
@click.option("--spoke", "spokes", multiple=True, metavar="NAME", help="This spoke; repeatable.")
@choosing_flags(states=False)
@output_flag("The whole plan, each gate by its name.")
def plan(
    *,
    hub: HubFlags,
    config: Path | None,
    spokes: tuple[str, ...],
    chosen: Chosen,
    output: str | None,
) -> None:
    """Say what will open next, in which order, and what each gate waits for.

    Looks at the hub itself, with your own credentials, and needs no running watcher. Writes
    nothing. You need to list Applications and ApplicationSets where they are, and Secrets, Pods and
    the ConfigMap of orders in Argo CD's namespace; credentials are skipped as they are read. To
    look at the controllers' memory takes `get` on `pods/proxy` there; without it, it is said what
    is planned instead. Ends with 2 where a right is wanting, and names all that are.
    """
    wanted = _wanted(spokes, chosen)
    try:
        look, policy_from = run(_look(hub, config), refused=UNUSABLE)
    except CannotLook as error:
        end(UNUSABLE, *error.problems)
    _check(look, wanted)
    made = _planned(look, policy_from, wanted)
    if output is not None:
        show(made, output)
    else:
        console = Console()
        console.print(plan_screen(made, width=console.width))


def _wanted(spokes: Iterable[str], chosen: Chosen) -> Wanted:
    labels = selector(chosen.selector) if chosen.selector else Selector()
    if labels is None:
        text = chosen.selector
        end(UNUSABLE, f"{text!r} is no label selector, as ring=canary or 'env in (dev, test)'")
    return Wanted(frozenset(spokes), labels, frozenset(chosen.rings), frozenset(chosen.tiers))


async def _look(hub: HubFlags, config: Path | None) -> tuple[Look, str]:
    now = SystemClock().now
    async with hub.connected() as connection:
        policy, policy_from = await policy_for(connection, file=config, namespace=hub.named)
        return await look_once(connection, policy, now=now), policy_from


def _planned(look: Look, policy_from: str, wanted: Wanted) -> Plan:
    """The plan, and what it goes by in place of what is not known."""
    decided = supposed(look)
    made = planned(decided, policy_from=policy_from, wanted=wanted)
    unknown = (*look.troubles, *_instead(look, decided.policy), *_unlearned(made))
    return replace(made, unknown=unknown)


def _instead(look: Look, policy: Policy) -> Iterator[str]:
    if look.without_memory:
        whose = ", nor which of them has which spoke" if len(look.unasked) > 1 else ""
        yield (
            f"how much memory the shards have left{whose}; planned as where there is no limit, "
            f"{policy.budgets.spokes_in_progress} spokes at once on each"
        )
    if look.without_guard:
        yield (
            "whether the guard of open gates is in force, without which nothing is written under "
            "polarity block: you may not read it; planned as if it were"
        )


def _unlearned(made: Plan) -> Iterator[str]:
    if any(reason.name == FirstLoad.__name__ for each in made.in_line for reason in each.reasons):
        yield (
            "what a running watcher has learned of these shards; planned as after its start, where "
            "the first load on each is watched before there are more"
        )


def _check(look: Look, wanted: Wanted) -> None:
    """Ends the process where something is named that there is not."""
    spokes, policy = look.decided.decision.spokes, look.decided.policy
    problems = [
        *_strangers("spoke", wanted.spokes, [spokes.own(uid).name for uid in spokes]),
        *_strangers("ring", wanted.rings, [ring.name for ring in policy.rings]),
        *_strangers("tier", wanted.tiers, [tier.name for tier in policy.order]),
    ]
    if problems:
        end(UNUSABLE, *problems)


def _strangers(what: str, named: Iterable[str], there: Collection[str]) -> Iterator[str]:
    return (no_such(what, each, there) for each in sorted(set(named) - set(there)))
