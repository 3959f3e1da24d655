"""(Snapshot, Policy, now) -> Decision: pure, total, one rule per file."""

from watcher.decide.carried import Carried
from watcher.decide.changes import Change, changes
from watcher.decide.deciding import decide
from watcher.decide.decision import Decision
from watcher.decide.grouping import Groups, grouped, regroup
from watcher.decide.patch import PatchGates
from watcher.decide.reasons import Reason
from watcher.decide.snapshot import Snapshot
from watcher.decide.verdicts import Gate, SpokeVerdicts, State, Verdict
from watcher.decide.words import say

__all__ = [
    "Carried",
    "Change",
    "Decision",
    "Gate",
    "Groups",
    "PatchGates",
    "Reason",
    "Snapshot",
    "SpokeVerdicts",
    "State",
    "Verdict",
    "changes",
    "decide",
    "grouped",
    "regroup",
    "say",
]
