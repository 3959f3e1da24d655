"""What does the person's file of tiers say?

YAML, one line an ApplicationSet: its name, or NAMESPACE/NAME, and its tier. `null` (or nothing)
after the name keeps it without a gate.

Elsewhere: what goes before it, and after it (assigning.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import yaml

from watcher.policy import Fault
from watcher.policy.document import document, kind, what
from watcher.policy.faults import bare, near

_REMEDY = "write NAME: TIER, one ApplicationSet a line"


def tier_file(
    text: str, *, file: str, known: Iterable[str]
) -> Mapping[str, str | None] | tuple[Fault, ...]:
    """ApplicationSet to its tier; every Fault where one of them is none. `known`: those that there
    are, as `namespace/name`.
    """
    if not text.strip():
        return {}
    root = document(text, file=file)
    if isinstance(root, Fault):
        return (root,)
    if not isinstance(root, yaml.MappingNode):
        return (Fault(file, 1, "", f"it is {what(root)}, and no mapping", _REMEDY),)
    keys = set(known)
    names = {key.partition("/")[2] for key in keys} | keys
    found: dict[str, str | None] = {}
    faults: list[Fault] = []
    for name, tier in root.value:
        line, said = name.start_mark.line + 1, str(name.value)
        if not isinstance(name, yaml.ScalarNode) or not _is_tier(tier):
            faults.append(Fault(file, line, bare(said), f"it is given {what(tier)}", _REMEDY))
        elif said in found:
            faults.append(Fault(file, line, bare(said), "it is named twice", "name it once"))
        elif said not in names:
            close = near(said, names)
            remedy = f"is it {close}?" if close else "remove the line, or correct the name"
            faults.append(Fault(file, line, bare(said), "there is no such ApplicationSet", remedy))
        else:
            found[said] = None if kind(tier) == "null" else str(tier.value)
    return tuple(faults) if faults else found


def _is_tier(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and kind(node) in ("str", "null")
