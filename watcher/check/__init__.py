"""Is what the watcher stands on as it should be? Values in, findings out; no I/O.

Above lint, since who else writes the cluster Secrets is asked there; below hub, which looks.
"""

from watcher.check.checking import CHECKS, Checked, check
from watcher.check.finding import Check, Finding, Level
from watcher.check.output import as_json, as_text
from watcher.check.sight import Found, Held, Ready, Rights, Sight, Skew, Unread, Unseen

__all__ = [
    "CHECKS",
    "Check",
    "Checked",
    "Finding",
    "Found",
    "Held",
    "Level",
    "Ready",
    "Rights",
    "Sight",
    "Skew",
    "Unread",
    "Unseen",
    "as_json",
    "as_text",
    "check",
]
