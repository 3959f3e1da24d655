"""What has changed, on a line?

From what `/api/v1/changes` answers: when, on which gate, from which state to which, and why.

Elsewhere: which changes there are (decide/changes.py); what a watcher told on the hub
(told_screen.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from watcher.cli.looks import look, plain, short
from watcher.serve import shapes

MOST = 1000
"""As many as a watcher keeps, so that nothing is missed between two questions."""

_ABOUT_THE_HUB = {
    "AdmissionStopped": ("nothing is admitted", "bold red"),
    "AdmissionResumed": ("no longer", "bold"),
}
_ABOUT_TEARDOWNS = {
    "TeardownOrdered": "teardown is ordered",
    "TeardownDone": "is torn down: closed, and its Applications are gone",
    "TeardownTakenBack": "teardown is taken back",
}
_ABOUT_ORDERS = {"OrderGiven": "ordered", "OrderEnded": "no order any more"}


class News:
    """The changes that were not shown yet."""

    def __init__(self) -> None:
        self._began: str | None = None
        self._after = 0

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """What asks for those that came since."""
        return (("limit", str(MOST)), ("after", str(self._after)))

    def fresh(self, answer: shapes.Changes) -> list[shapes.Change] | None:
        """Those of an answer to `query`, the oldest first; None where another process answers than
        before, which numbers anew: then it is to be asked again.
        """
        if answer.began != self._began:
            again = self._began is not None and self._after > 0
            self._began, self._after = answer.began, 0
            if again:
                return None
        found = sorted(answer.changes, key=lambda each: each.number)
        self._after = max((each.number for each in found), default=self._after)
        return found


def line(change: shapes.Change) -> Text:
    """One change."""
    said = Text.assemble((f"{change.at}  ", "dim"), no_wrap=True)
    if change.kind == "GateChanged" and change.spoke is not None:
        said.append_text(plain(f"{short(change.spoke)}/{change.tier}  ", "bold"))
        said.append_text(_states(change))
        said.append_text(plain(_why(change.reasons)))
    elif change.kind == "SpokeLeft" and change.spoke is not None:
        said.append_text(plain(f"{short(change.spoke)}  ", "bold")).append("is no spoke any more")
    elif change.kind in _ABOUT_TEARDOWNS and change.tier is not None:
        said.append_text(plain(f"{short(change.spoke or '')}/{change.tier}  ", "bold"))
        said.append_text(plain(_ABOUT_TEARDOWNS[change.kind], "blue"))
    elif change.kind in _ABOUT_ORDERS:
        says = "; ".join(each.says for each in change.reasons)
        said.append_text(plain(f"{_ABOUT_ORDERS[change.kind]}: {says}", "blue"))
    elif change.spoke is not None:
        said.append_text(plain(f"{short(change.spoke)}  ", "bold"))
        said.append_text(plain(f"{change.kind}{_why(change.reasons)}"))
    else:
        what, style = _ABOUT_THE_HUB.get(change.kind, (change.kind, "bold"))
        said.append_text(plain(f"the hub  {what}{_why(change.reasons, ': ')}", style))
    return said


def _states(change: shapes.Change) -> Text:
    after = change.after or ""
    mark, style = look(after)
    came_from = f"{change.before} → " if change.before not in (None, after) else ""
    return plain(f"{came_from}{mark} {after}", style)


def _why(reasons: Iterable[shapes.Reason], lead: str = "  ") -> str:
    said = "; ".join(each.says for each in reasons)
    return f"{lead}{said}" if said else ""
