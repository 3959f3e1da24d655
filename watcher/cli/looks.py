"""How is a state marked, and how is a name written, on every screen?

Whoever named a spoke or a tier, what is shown of it stays on its line and in its direction.

Elsewhere: what the states mean (decide/verdicts.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from watcher.cli.ending import safe
from watcher.decide import State
from watcher.decide.reasons import DeadlinePassed
from watcher.serve import shapes

LOOKS: dict[State, tuple[str, str]] = {
    State.UNGATED: ("-", "dim"),
    State.WAITING: ("·", "dim"),
    State.QUEUED: ("○", "cyan"),
    State.PROGRESSING: ("◐", "yellow"),
    State.SOAKING: ("◕", "yellow"),
    State.SETTLED: ("●", "green"),
    State.DEGRADED: ("◒", "red"),
    State.STALLED: ("✗", "bold red"),
    State.HELD: ("▣", "blue"),
    State.SKIPPED: ("↷", "blue"),
    State.LOST: ("!", "bold magenta"),
    State.UNADOPTED: ("?", "magenta"),
    State.UNKNOWN: ("?", "dim"),
}
"""A mark and a style for each state."""

_LONGEST_NAME = 63
"""As a label's value may be long; what is shown under a name is found by it in `-o json`."""


def look(state: str) -> tuple[str, str]:
    """A mark and a style, of a state that a later version has, too."""
    return next((LOOKS[each] for each in State if each == state), ("?", ""))


def foremost(reasons: Sequence[shapes.Reason]) -> str:
    """The words of the first reason that says why, and then of the deadline, where that is past."""
    late = [each.says for each in reasons if each.name == DeadlinePassed.__name__]
    telling = [each.says for each in reasons if each.name != DeadlinePassed.__name__]
    return "; ".join((*telling[:1], *late))


def short(name: str) -> str:
    """A name as far as it can be read: Secrets hold names of thousands of letters, too."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def plain(text: str, style: str = "") -> Text:
    """As it is, but for what would move the cursor."""
    return Text(safe(text), style=style)
