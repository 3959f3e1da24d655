"""How does a hub whose addons already run get its gates, without a deletion?

Values in, a plan out; no I/O. Above lint, whose inventory it reads and whose rules judge what it
would leave behind.
"""

from watcher.adopt.assigning import Apart, Assigned, assignment
from watcher.adopt.changing import Change, Line, Operation, Reader, change, command
from watcher.adopt.gone import gone
from watcher.adopt.opening import Opening, Unopened
from watcher.adopt.output import as_document, as_text
from watcher.adopt.planning import Gating, Plan, plan
from watcher.adopt.proving import Doubt
from watcher.adopt.tier_file import tier_file

__all__ = [
    "Apart",
    "Assigned",
    "Change",
    "Doubt",
    "Gating",
    "Line",
    "Opening",
    "Operation",
    "Plan",
    "Reader",
    "Unopened",
    "as_document",
    "as_text",
    "assignment",
    "change",
    "command",
    "gone",
    "plan",
    "tier_file",
]
