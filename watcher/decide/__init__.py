"""(Snapshot, Policy, now) -> Decision: pure, total, one rule per file.

What is named here is read from its own file when it is asked for: a command that only names a state
would otherwise wait for all that decides it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watcher.decide.carried import Carried
    from watcher.decide.changes import Change
    from watcher.decide.deciding import decide
    from watcher.decide.decision import Decision
    from watcher.decide.grouping import Groups, Place, grouped, place, regroup
    from watcher.decide.parking import Refresh
    from watcher.decide.patch import Parking, PatchGates
    from watcher.decide.reasons import Reason
    from watcher.decide.snapshot import Snapshot, Touched
    from watcher.decide.verdicts import Gate, SpokeVerdicts, State, Verdict
    from watcher.decide.words import say

_PLACES = {
    "Carried": "carried",
    "Change": "changes",
    "Decision": "decision",
    "Gate": "verdicts",
    "Groups": "grouping",
    "Parking": "patch",
    "PatchGates": "patch",
    "Place": "grouping",
    "Reason": "reasons",
    "Refresh": "parking",
    "Snapshot": "snapshot",
    "SpokeVerdicts": "verdicts",
    "State": "verdicts",
    "Touched": "snapshot",
    "Verdict": "verdicts",
    "decide": "deciding",
    "grouped": "grouping",
    "place": "grouping",
    "regroup": "grouping",
    "say": "words",
}
"""Name to its file."""

__all__ = [
    "Carried",
    "Change",
    "Decision",
    "Gate",
    "Groups",
    "Parking",
    "PatchGates",
    "Place",
    "Reason",
    "Refresh",
    "Snapshot",
    "SpokeVerdicts",
    "State",
    "Touched",
    "Verdict",
    "decide",
    "grouped",
    "place",
    "regroup",
    "say",
]


def __getattr__(name: str) -> Any:
    """What is named in `__all__`."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    return found
