"""How is what a verb found given to another program?

As JSON or YAML, with the same members in both.

Elsewhere: screens for people (fleet_screen.py, explain_screen.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import rich_click as click

FORMATS = ("json", "yaml")


def output_flag(says: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`-o json|yaml`, given to the verb as its argument `output`; `says`: its help."""
    return click.option("-o", "--output", type=click.Choice(FORMATS), help=says)


def show(value: Any, output: str) -> None:
    """Print a value that msgspec can encode; `output` is one of `FORMATS`."""
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
    else:
        click.echo(msgspec.yaml.encode(msgspec.to_builtins(value)), nl=False)
