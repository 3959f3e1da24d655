"""Of which spokes and gates is something asked?

`--state`, `--tier`, `--ring` and `-l` narrow it down: what is given is a conjunction, and of each
that is repeated one must hold.

Elsewhere: what each means (serve/answers.py), where slips are refused with what is near.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import rich_click as click
from msgspec import Struct

from watcher.decide import State


class Chosen(Struct, frozen=True):
    """What is asked for; all of it where nothing is named."""

    states: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    rings: tuple[str, ...] = ()
    selector: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing is named."""
        return self == Chosen()

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """As it is asked for under `/api/v1`."""
        return (
            *(("state", each) for each in self.states),
            *(("tier", each) for each in self.tiers),
            *(("ring", each) for each in self.rings),
            *((("selector", self.selector),) if self.selector else ()),
        )


_STATE = click.Choice([each.value for each in State], case_sensitive=False)


def _states(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    words = (each.strip() for text in given for each in text.split(","))
    return tuple(_STATE.convert(each, param, ctx) for each in words)


def choosing_flags(*, states: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The flags that narrow it down, given to the verb as its argument `chosen`; `states`: whether
    gates can be chosen by their state.
    """
    by_state = click.option(
        "--state",
        "states",
        multiple=True,
        callback=_states,
        metavar="STATE",
        help="Gates in this state; repeatable, or several with commas.",
    )
    others = (
        click.option(
            "--tier", "tiers", multiple=True, metavar="TIER", help="Gates of this tier; repeatable."
        ),
        click.option(
            "--ring",
            "rings",
            multiple=True,
            metavar="RING",
            help="Spokes of this ring; repeatable.",
        ),
        click.option(
            "-l",
            "--selector",
            metavar="LABELS",
            default="",
            help="Spokes whose Secrets have these labels, as kubectl -l.",
        ),
    )

    def decorated(verb: Callable[..., None]) -> Callable[..., None]:
        @wraps(verb)
        def called(**given: Any) -> None:
            names = (each for each in Chosen.__struct_fields__ if each in given)
            own = {name: given.pop(name) for name in tuple(names)}
            verb(**given, chosen=Chosen(**own))

        for flag in reversed((by_state, *others) if states else others):
            flag(called)
        return called

    return decorated
