"""Puts a hub whose addons already run behind gates, without a deletion.

Says what it would do; with --apply it does what can be done on the hub with the caller's own
rights, and says what is left for those who keep the ApplicationSets elsewhere. It may be stopped
and run again at any time: each run looks for what is done and goes on.

Elsewhere: the plan and its proof (adopt/); carrying it out (hub/adopting.py).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import rich_click as click

from watcher.adopt import Gating, Opening, Plan, as_document, as_text, tier_file
from watcher.adopt.output import opening_line
from watcher.cli.agreeing import agreed, yes_flag
from watcher.cli.ending import FAILED, OK, UNUSABLE, complain, end, safe
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.output import output_flag, show
from watcher.cli.policy_flag import policy_flag, policy_in
from watcher.daemon import SystemClock
from watcher.daemon.looking import CannotLook, policy_there, rights_to_list
from watcher.hub import Connection
from watcher.hub.adopting import Adoption, Stopped
from watcher.policy import Policy


@click.command()
@policy_flag(
    "The policy file that the watcher will run with. Without it, the one on the hub is gone by, "
    "and what it lacks is proposed; where there is none, all of it."
)
@click.option(
    "--tiers",
    "tiers_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own tiers, in YAML: one line an ApplicationSet, NAME: TIER; null keeps it without a "
    "gate.",
)
@click.option(
    "--apply", is_flag=True, help="Do it, as far as it can be done on the hub. Needs --config."
)
@click.option(
    "--dry-run", is_flag=True, help="Only say what would be done; so it is without --apply."
)
@yes_flag
@hub_flags("Where Argo CD runs, whatever the policy says; argocd without one.")
@output_flag("Everything, for programs: the plan, or after --apply what is left of it.")
def adopt(
    *,
    config: Path | None,
    tiers_file: Path | None,
    apply: bool,
    dry_run: bool,
    yes: bool,
    hub: HubFlags,
    output: str | None,
) -> None:
    """Put a hub whose addons already run behind gates, without a deletion.

    Proposes a tier for each ApplicationSet: from what its selectors and template say, from --tiers,
    from sync waves, or from its name. First it opens the gates of all that runs, then the selectors
    ask for them; and for each step it proves, on every ApplicationSet of the hub, that the same
    spokes are selected before and after. What cannot be proved is said and not done.

    Without --apply it writes nothing. With it, it labels the Secrets, and changes the
    ApplicationSets that nobody keeps elsewhere; the others are printed, to be changed where they
    are kept. Run it again after that: it goes on where it was.

    Reads and writes the hub with your own credentials: you need list on ApplicationSets,
    Applications and Secrets, and, without --config, get on the ConfigMap gate-watcher-policy; for
    --apply also patch on Secrets and ApplicationSets. Ends with 0 where nothing is left, or nothing
    was to be written; with 1 where something is left or it had to stop; with 2 where an argument, a
    file or the kubeconfig cannot be used.
    """
    if apply and dry_run:
        raise click.UsageError("give either --apply or --dry-run")
    if apply and config is None:
        raise click.UsageError("--apply needs --config: the policy that the watcher will run with")
    policy = None if config is None else policy_in(config, hub.named)
    try:
        left = run(_adopt(policy, tiers_file, apply=apply, yes=yes, hub=hub, output=output))
    except Stopped as stopped:
        end(FAILED, stopped)
    if output:
        show(as_document(left), output)
    sys.exit(FAILED if apply and not left.is_done else OK)


async def _adopt(
    policy: Policy | None,
    tiers_file: Path | None,
    *,
    apply: bool,
    yes: bool,
    hub: HubFlags,
    output: str | None,
) -> Plan:
    def tell(text: str) -> None:
        if output is None:
            click.echo(text)

    async with hub.connected() as connection:
        there = None if policy is not None else await _there(connection, hub)
        if there is not None:
            policy, place = there
            tell(f"By the policy on the hub, {place}\n")
        adoption = Adoption(
            connection,
            policy,
            namespace=hub.namespace,
            clock=SystemClock(),
            found=there is not None,
            told=lambda step: tell(_done(step)),
        )
        inventory = await adoption.look()
        tiers = _tiers(tiers_file, known=[each.key for each in inventory.sets])
        made = adoption.plan(inventory, tiers)
        tell(as_text(made))
        if not apply or made.is_done or not _agreed(made, yes=yes):
            return made
        left = await adoption.carry_out(tiers)
        tell(f"\n{as_text(left)}")
        if not left.is_done:
            tell(
                "\nChange what is left where it is kept, let Argo CD apply it, and run this again."
            )
        return left


async def _there(connection: Connection, hub: HubFlags) -> tuple[Policy, str] | None:
    """The policy on the hub; None where there is none, or none that can be used, which is said."""
    try:
        return await policy_there(connection, namespace=hub.named, rights=rights_to_list)
    except CannotLook as cannot:
        complain(*cannot.problems, "so a policy is proposed")
        return None


def _agreed(made: Plan, *, yes: bool) -> bool:
    spokes = len(made.openings)
    here = sum(each.on_hub for each in made.gatings)
    if not spokes and not here:
        return False
    return agreed(
        f"Open gates on {spokes} spokes, and change {here} ApplicationSets on the hub?", yes=yes
    )


def _tiers(path: Path | None, *, known: list[str]) -> Mapping[str, str | None]:
    if path is None:
        return {}
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        end(UNUSABLE, f"{path}: it cannot be read: {error}; name the file of tiers")
    read = tier_file(text, file=str(path), known=known)
    return end(UNUSABLE, *read) if isinstance(read, tuple) else read


def _done(step: Opening | Gating) -> str:
    if isinstance(step, Opening):
        return f"opened {opening_line(step)}"
    return safe(f"{step.set.shown} asks for the gate of {step.tier} now")
