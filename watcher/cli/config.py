"""What may a policy file hold, and is this one a policy?

Elsewhere: reading and judging it (policy/).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rich_click as click

from watcher.daemon import UNUSABLE, PolicyFile, print_problems
from watcher.policy import Policy, schema


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
    policy = PolicyFile(file).read()
    if not isinstance(policy, Policy):
        print_problems(map(str, policy))
        sys.exit(UNUSABLE)
    tiers = ", ".join(tier.name for tier in policy.order)
    click.echo(f"{file}: it is a policy, with the tiers {tiers}")
