"""Is this text a policy? If not, what is all that is wrong with it?

Four steps: the text to nodes (document.py), nodes to plain values by the table of keys
(reading.py), what keys mean together (tiers.py, rings.py, windows.py, memory.py), and the values
into the structs (policy.py). The second and third note every Fault and go on.

A key is added by a row in table.py and a field in policy.py.

Elsewhere: reading the file itself, and again when it changes (daemon/).
"""

from __future__ import annotations

from typing import Any

import msgspec

from watcher.policy.document import document
from watcher.policy.faults import Fault
from watcher.policy.memory import note_memory
from watcher.policy.policy import Policy
from watcher.policy.reading import Reading, value
from watcher.policy.rings import note_rings, ring_names
from watcher.policy.table import POLICY
from watcher.policy.tiers import resolved, tier_names
from watcher.policy.windows import note_windows


def read_policy(text: str, *, file: str) -> Policy | tuple[Fault, ...]:
    """The policy that `text` holds, or every Fault in the order of the lines; raises on no text.

    `file` is the name by which the faults call it.
    """
    root = document(text, file=file)
    if isinstance(root, Fault):
        return (root,)
    reading = Reading(file)
    read = value(reading, POLICY, root, "")
    if isinstance(read, dict):
        _note_together(reading, read)
    if reading.faults:
        return tuple(sorted(reading.faults, key=lambda fault: fault.line))
    return msgspec.convert(read, Policy)


def _note_together(reading: Reading, read: dict[str, Any]) -> None:
    """Note what is wrong with the keys together; fill in what tiers and rings do not say."""
    tiers, rings, windows = (_list(read, field) for field in ("tiers", "rings", "windows"))
    if tiers:
        read["tiers"] = resolved(reading, tiers)
    note_rings(reading, rings, tiers=() if "tiers" in reading.faulty else tier_names(tiers))
    note_windows(reading, windows, rings=() if "rings" in reading.faulty else ring_names(rings))
    if isinstance(read.get("memory"), dict):
        note_memory(reading, read["memory"])


def _list(read: dict[str, Any], field: str) -> list[Any]:
    """What was read of a list; nothing where there was none, or something else."""
    held = read.get(field)
    return held if isinstance(held, list) else []
