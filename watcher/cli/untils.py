"""Until when, as people type it?

A moment, as Kubernetes writes it, or a length of time from now on.
"""

from __future__ import annotations

import rich_click as click

from watcher.facts import Instant, moment
from watcher.policy import duration


def until(text: str, now: Instant) -> Instant:
    """The moment that `text` names, which is after `now`; raises `click.BadParameter`."""
    length = duration(text)
    at = moment(text) if length is None else now + length
    if at is None:
        raise _bad(
            f"{text!r} is neither a moment with its zone, as 2026-11-24T18:00:00Z, nor a length of "
            "time, as 90m or 48h"
        )
    if at <= now:
        raise _bad(f"{text} is over already")
    return at


def _bad(problem: str) -> click.BadParameter:
    return click.BadParameter(problem, param_hint="--until")
