"""(Snapshot, Policy, now) -> Decision: pure, total, one rule per file."""

from watcher.decide.carried import Carried
from watcher.decide.changes import Change, changes
from watcher.decide.deciding import decide
from watcher.decide.decision import Decision
from watcher.decide.grouping import Groups, Place, grouped, place, regroup
from watcher.decide.parking import Refresh
from watcher.decide.patch import Parking, PatchGates
from watcher.decide.reasons import Reason
from watcher.decide.snapshot import Snapshot, Touched
from watcher.decide.verdicts import Gate, SpokeVerdicts, State, Verdict
from watcher.decide.words import say

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
    "changes",
    "decide",
    "grouped",
    "place",
    "regroup",
    "say",
]
