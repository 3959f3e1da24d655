"""On a terminal: tests/process/test_orders.py."""

from __future__ import annotations

import click
from click.testing import CliRunner

from watcher.cli.agreeing import agreed, yes_flag


@click.command()
@yes_flag
def verb(*, yes: bool) -> None:
    """Says whether it goes on."""
    click.echo(agreed("Do it?", yes=yes))


def test_who_said_yes_is_not_asked() -> None:
    assert CliRunner().invoke(verb, ["--yes"]).stdout == "True\n"


def test_where_nobody_can_be_asked_it_is_not_done() -> None:
    done = CliRunner().invoke(verb, input="y\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "gate-watcher: nobody can be asked here: say --yes to have it done\n"
