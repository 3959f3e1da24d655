"""Which gates does somebody mean?

`SPOKE`, `SPOKE/TIER`, and the flags `--spoke`, `--tier`, `--ring`, `-l` and `--all`; together they
mean the gates of which all of it holds. A name may have a slash of its own (a context of EKS, a
spoke that is shown as `secret/NAME`): what stands behind the last one is a tier only where there is
such a tier.

Elsewhere: whether there is such a thing on the hub (named.py); what an order makes of a target
(facts/orders.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

import rich_click as click
from msgspec import Struct, structs

from watcher.facts import Target, selector


class Meant(Struct, frozen=True):
    """What was typed."""

    place: str = ""
    """SPOKE or SPOKE/TIER."""
    spoke: str = ""
    tier: str = ""
    ring: str = ""
    selector: str = ""
    everything: bool = False

    @property
    def nothing(self) -> bool:
        """Whether no gate is meant."""
        return self == Meant()

    def target(self, tiers: Collection[str]) -> Target:
        """The target, on a hub with these tiers; raises `click.UsageError`."""
        spoke, tier = _split(self.place, tiers)
        if tier and self.tier:
            raise click.UsageError(f"{self.place} names a tier already; leave --tier out")
        return Target(
            spoke=spoke or self.spoke,
            tier=tier or self.tier,
            ring=self.ring,
            selector=self.selector,
            everything=self.everything,
        )


def target_flags(verb: Callable[..., None]) -> Callable[..., None]:
    """What says which gates are meant, given to the verb as its argument `meant`."""

    @wraps(verb)
    def called(**given: Any) -> None:
        typed = {name: given.pop(name) for name in Meant.__struct_fields__}
        meant = Meant(**{name: value for name, value in typed.items() if value})
        _check(meant)
        verb(**given, meant=meant)

    flags = (
        click.argument("place", required=False, metavar="[SPOKE[/TIER]]"),
        click.option("--spoke", metavar="NAME", help="A spoke, as it is shown."),
        click.option("--tier", metavar="NAME", help="Gates of this tier."),
        click.option("--ring", metavar="NAME", help="Gates of the spokes of this ring."),
        click.option(
            "-l",
            "--selector",
            metavar="LABELS",
            help="Gates of the spokes with these labels, as kubectl -l.",
        ),
        click.option("--all", "everything", is_flag=True, help="Every gate there is."),
    )
    for flag in reversed(flags):
        flag(called)
    return called


def say_target(target: Target) -> str:
    """The gates that it names, in words."""
    whose = [f"spoke {target.spoke}"] if target.spoke else []
    whose += [f"ring {target.ring}"] if target.ring else []
    whose += [f"the labels {target.selector}"] if target.selector else []
    tier = f"tier {target.tier}" if target.tier else "every tier"
    return f"{tier} of {' and '.join(whose)}" if whose else f"{tier} of every spoke"


def same(one: Target, other: Target) -> bool:
    """Whether both name the same gates; a spoke by its UID, where both know it."""
    if one.uid and other.uid:
        return structs.replace(one, spoke=other.spoke) == other
    return structs.replace(one, uid="") == structs.replace(other, uid="")


def _check(meant: Meant) -> None:
    """Raises `click.UsageError` where it can mean nothing, whatever is on the hub."""
    if meant.place and meant.spoke:
        raise click.UsageError(f"name the spoke once, as {meant.place} or with --spoke")
    narrower = meant.place or meant.spoke or meant.tier or meant.ring or meant.selector
    if meant.everything and narrower:
        raise click.UsageError("--all means every gate; leave out what names some of them")
    if meant.selector and selector(meant.selector) is None:
        problem = f"{meant.selector!r} is no label selector; write it as for kubectl -l"
        raise click.BadParameter(problem, param_hint="-l")


def _split(place: str, tiers: Collection[str]) -> tuple[str, str]:
    spoke, _, tier = place.rpartition("/")
    return (spoke, tier) if spoke and tier in tiers else (place, "")
