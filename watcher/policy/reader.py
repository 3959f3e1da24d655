"""Is this text a policy? If not, what is all that is wrong with it?

Four steps: the text to nodes (document.py), nodes to plain values by the table of keys
(reading.py), what keys mean together (tiers.py, memory.py), and the values into the structs
(policy.py). The second and third note every Fault and go on.

A key is added by a row in table.py and a field in policy.py.

Elsewhere: reading the file itself, and again when it changes (daemon/).
"""

from __future__ import annotations

import msgspec

from watcher.policy.document import document
from watcher.policy.faults import Fault
from watcher.policy.memory import note_memory
from watcher.policy.policy import Policy
from watcher.policy.reading import Reading, value
from watcher.policy.table import POLICY
from watcher.policy.tiers import resolved


def read_policy(text: str, *, file: str) -> Policy | tuple[Fault, ...]:
    """The policy that `text` holds, or every Fault in the order of the lines; raises on no text.

    `file` is the name by which the faults call it.
    """
    root = document(text, file=file)
    if isinstance(root, Fault):
        return (root,)
    reading = Reading(file)
    read = value(reading, POLICY, root, "")
    if isinstance(read, dict) and isinstance(read.get("tiers"), list):
        read["tiers"] = resolved(reading, read["tiers"])
    if isinstance(read, dict) and isinstance(read.get("memory"), dict):
        note_memory(reading, read["memory"])
    if reading.faults:
        return tuple(sorted(reading.faults, key=lambda fault: fault.line))
    return msgspec.convert(read, Policy)
