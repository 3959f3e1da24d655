"""How does a verb end?

Each problem a line on standard error, and an exit code that scripts can rely on.

Elsewhere: arguments that click itself refuses; those end with `UNUSABLE`, too.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import rich_click as click

OK = 0
FAILED = 1
"""It ran, and what was asked for did not come about."""
UNUSABLE = 2
"""Arguments, policy or kubeconfig cannot be used."""
TIMED_OUT = 124
"""As coreutils' `timeout` ends."""
STOPPED = 130
"""By Ctrl-C, as a shell has it."""


class Slip(Exception):  # noqa: N818  (named after what it is)
    """What was asked for there is not, or may not be had: each problem in words."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def complain(*problems: object) -> None:
    """Say what is wrong, where people and pipes look for it."""
    for problem in problems:
        click.echo(f"gate-watcher: {safe(str(problem))}", err=True)


def end(code: int, *problems: object) -> NoReturn:
    """Say what is wrong, and end the process with this code."""
    complain(*problems)
    sys.exit(code)


def safe(text: str) -> str:
    """As it is, but for what would move the cursor or turn the writing round."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
