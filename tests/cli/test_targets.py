from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from watcher.cli.targets import Meant, same, say_target, target_flags
from watcher.facts import Target

TIERS = ("compute", "mesh")


@click.command()
@target_flags
def verb(*, meant: Meant) -> None:
    """Says what is meant."""
    click.echo("nothing" if meant.nothing else repr(meant.target(TIERS)))


def said(*arguments: str) -> str:
    done = CliRunner().invoke(verb, arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout.strip()


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(verb, arguments)
    assert done.exit_code == 2
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (["prod-1"], Target(spoke="prod-1")),
        (["prod-1/compute"], Target(spoke="prod-1", tier="compute")),
        (["prod-1", "--tier", "compute"], Target(spoke="prod-1", tier="compute")),
        (["--spoke", "prod-1/compute"], Target(spoke="prod-1/compute")),
        (["secret/prod"], Target(spoke="secret/prod")),
        (["secret/prod/mesh"], Target(spoke="secret/prod", tier="mesh")),
        (["/compute"], Target(spoke="/compute")),
        (
            ["arn:aws:eks:eu-central-1:1:cluster/prod"],
            Target(spoke="arn:aws:eks:eu-central-1:1:cluster/prod"),
        ),
        (["prod-1", "--ring", "fleet"], Target(spoke="prod-1", ring="fleet")),
        (["-l", "env in (a,b)", "--tier", "x"], Target(selector="env in (a,b)", tier="x")),
        (["--all"], Target(everything=True)),
    ],
    ids=str,
)
def test_what_is_typed_names_gates(arguments: list[str], target: Target) -> None:
    assert said(*arguments) == repr(target)


def test_without_any_nothing_is_meant() -> None:
    assert said() == "nothing"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["a", "--spoke", "b"], "name the spoke once"),
        (["a/mesh", "--tier", "compute"], "names a tier already"),
        (["--all", "--tier", "compute"], "--all means every gate"),
        (["a", "--all"], "--all means every gate"),
        (["-l", "a=b=c"], "is no label selector"),
    ],
    ids=str,
)
def test_what_means_nothing_is_refused(arguments: list[str], why: str) -> None:
    assert why in refused(*arguments)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(everything=True), "every tier of every spoke"),
        (Target(spoke="a", tier="mesh"), "tier mesh of spoke a"),
        (
            Target(ring="fleet", selector="env=prod"),
            "every tier of ring fleet and the labels env=prod",
        ),
        (Target(tier="mesh"), "tier mesh of every spoke"),
    ],
    ids=str,
)
def test_a_target_in_words(target: Target, words: str) -> None:
    assert say_target(target) == words


NAMED = Target("prod-1", "u1", tier="mesh")


@pytest.mark.parametrize(
    ("other", "it_is"),
    [
        (NAMED, True),
        (Target("renamed", "u1", tier="mesh"), True),
        (Target("prod-1", tier="mesh"), True),
        (Target("prod-1", "u2", tier="mesh"), False),
        (Target("other", tier="mesh"), False),
        (Target("prod-1", "u1"), False),
        (Target(tier="mesh"), False),
    ],
    ids=str,
)
def test_a_spoke_is_the_same_by_its_uid_and_by_its_name_where_only_that_is_known(
    other: Target, it_is: bool
) -> None:
    assert same(NAMED, other) is same(other, NAMED) is it_is
