"""Does somebody agree that it be done?

Asked on a terminal. Elsewhere nobody can be asked, and so it is not done without `--yes`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import rich_click as click

from watcher.cli.ending import UNUSABLE, end

yes_flag: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--yes", is_flag=True, help="Do not ask."
)


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def agreed(question: str, *, yes: bool) -> bool:
    """Whether to go on. Ends the process where nobody can be asked and nobody said so before."""
    if yes:
        return True
    if not on_terminal():
        end(UNUSABLE, "nobody can be asked here: say --yes to have it done")
    return click.confirm(question, err=True)
