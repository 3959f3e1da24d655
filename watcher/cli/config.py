"""What may a policy file hold, is this one a policy, and which guards does it ask for?

Elsewhere: reading and judging it (policy/); the guards (guards/).
"""

from __future__ import annotations

import json
from pathlib import Path

import rich_click as click

from watcher.cli.ending import UNUSABLE, end
from watcher.cli.placed import METAVAR, Placed, placed
from watcher.daemon import PolicyFile
from watcher.guards import Component, objects, service_account, shape, written
from watcher.policy import Policy, schema
from watcher.policy.policy import Recovery


@click.group()
def config() -> None:
    """What a policy file may hold, and whether one is right."""


@config.command("schema")
def show_schema() -> None:
    """Print the JSON Schema of the policy file."""
    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


@config.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say everything that is wrong with the policy in FILE.

    Ends with 0 where nothing is, with 2 where something is: each fault on a line, with its place
    and what to do.
    """
    policy = _read(file)
    held = {
        "tiers": [tier.name for tier in policy.order],
        "rings": [ring.name for ring in policy.rings],
        "windows": [window.name for window in policy.windows],
    }
    said = (f"the {key} {', '.join(names)}" for key, names in held.items() if names)
    click.echo(f"{file}: it is a policy, with {'; '.join(said)}")


@config.command("guards")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--service-account",
    "account",
    metavar=METAVAR,
    type=placed,
    default="gate-watcher",
    show_default=True,
    help="The watcher's own, with its namespace where that is not Argo CD's.",
)
@click.option("--strict", is_flag=True, help="The guards C and D as well.")
def show_guards(*, file: Path, account: Placed, strict: bool) -> None:
    """Print the guards for the policy in FILE, as `kubectl apply -f -` takes them.

    Its prefix, polarity and namespaces are in them; with `recovery: park` guard E is among them,
    and what the watcher needs to ask for a refresh.
    """
    policy = _read(file)
    of = shape(policy, service_account(account.namespace or policy.namespace, account.name))
    wanted = {
        Component.GUARDS: True,
        Component.GUARDS_STRICT: strict,
        Component.RECOVERY: policy.recovery is Recovery.PARK,
    }
    documents = [
        each
        for component in Component
        if wanted[component]
        for file_ in objects(component, of).values()
        for each in file_
    ]
    click.echo(written(documents), nl=False)


def _read(file: Path) -> Policy:
    """The policy in the file; ends the process where it holds none."""
    policy = PolicyFile(file).read()
    if not isinstance(policy, Policy):
        end(UNUSABLE, *policy)
    return policy
