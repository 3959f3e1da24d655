"""What does a node of the file say, key by key?

Each shape is read into a plain value (text, number, list, dict by the struct's field names); what
is wrong becomes a Fault with the line and the dotted key. A scalar that is not what it should be is
still given back as its text, and a key that nearly is one is read as that one: so one mistake is
one Fault, and what lies behind it is judged in the same go.

Elsewhere: single values (scalars.py); which keys there are (table.py); what keys mean together
(tiers.py, memory.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from msgspec import Struct, field

from watcher.policy.document import Alias, kind, what
from watcher.policy.faults import Fault, bare, near, quoted
from watcher.policy.scalars import against, plain, suggestion, wanted
from watcher.policy.shapes import Key, ListOf, Scalar, Section, Shape


class Reading(Struct):
    """One file as it is being read: what is wrong so far, and where each key was."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    """The keys of the faults, so that what follows from one is not said as another."""
    lines: dict[str, int] = field(default_factory=dict)
    """By dotted key, as it is spelled right."""

    def fault(self, key: str, problem: str, remedy: str, *, line: int | None = None) -> None:
        """Note what is wrong with `key`, on its own line unless another is given."""
        at = self.lines[key] if line is None else line
        self.faults.append(Fault(self.file, at, key, problem, remedy))
        self.faulty.add(key)


def value(reading: Reading, shape: Shape, node: yaml.Node, key: str) -> object:
    """What `node`, found at `key`, says as `shape`; None where nothing can be made of it."""
    reading.lines.setdefault(key, _line(node))
    if isinstance(node, Alias):
        reading.fault(key, "is an alias, and those are not followed", "write the value out")
        return None
    if kind(node) == "null":
        reading.fault(key, "has no value", "give it one, or leave it out for the default")
        return None
    match shape:
        case Section():
            return _section(reading, shape, node, key)
        case ListOf():
            return _list(reading, shape, node, key)
        case _:
            return _scalar(reading, shape, node, key)


def _section(reading: Reading, shape: Section, node: yaml.Node, key: str) -> object:
    known = [one.name for one in shape.keys]
    if not isinstance(node, yaml.MappingNode):
        who = "" if key else "the file "
        reading.fault(key, f"{who}is {what(node)}, not a mapping", f"give it {', '.join(known)}")
        return _word(node)
    read: dict[str, object] = {}
    found: set[str] = set()
    for one, behind in _members(reading, shape, node, key):
        found.add(one.name)
        read[one.field] = value(reading, one.shape, behind, _dotted(key, one.name))
    for one in shape.keys:
        if one.required and one.name not in found:
            missing = _dotted(key, one.name)
            reading.fault(missing, "is missing", f"add {one.name}: {one.example}", line=_line(node))
    read.pop("", None)
    return read


def _members(
    reading: Reading, shape: Section, node: yaml.MappingNode, key: str
) -> Iterator[tuple[Key, yaml.Node]]:
    """What the mapping holds of the table's keys, and of words that are none but nearly are."""
    known = {one.name: one for one in shape.keys}
    missing = set(known).difference(_word(name) or "" for name, _ in node.value)
    seen: dict[str, int] = {}
    for at, behind in node.value:
        name, line = _word(at), _line(at)
        here = _dotted(key, bare(name) if name is not None else what(at))
        if name is None:
            reading.fault(here, "is no word", "write one of the keys", line=line)
        elif name in seen:
            problem = f"is given twice, first on line {seen[name]}"
            reading.fault(here, problem, "keep one of them", line=line)
        elif name in known:
            reading.lines[here] = line
            yield known[name], behind
        else:
            meant = near(name, missing) or near(name, known)
            reading.fault(here, "is not a key", suggestion(meant, known), line=line)
            if meant in missing:
                missing.remove(meant)
                reading.lines[_dotted(key, meant)] = line
                yield known[meant], behind
        seen.setdefault(name or "", line)


def _list(reading: Reading, shape: ListOf, node: yaml.Node, key: str) -> object:
    if not isinstance(node, yaml.SequenceNode):
        written = f"[{bare(node.value)}]" if _word(node) else "a - before each entry"
        reading.fault(key, f"is {what(node)}, not a list", f"write {written}")
        return None
    held = len(node.value)
    if held < shape.least:
        reading.fault(key, f"is empty: {shape.why}", f"give at least {shape.least}")
    if shape.most is not None and held > shape.most:
        reading.fault(key, f"has {held} entries: {shape.why}", f"keep at most {shape.most}")
    read: list[object] = []
    first: dict[str, int] = {}
    for index, one in enumerate(node.value[: shape.most]):
        here = f"{key}[{index}]"
        read.append(value(reading, shape.item, one, here))
        text = _word(one)
        if text is None or here in reading.faulty:
            continue
        if first.setdefault(text, index) != index:
            problem = f"{quoted(text)} is there already, as {key}[{first[text]}]"
            reading.fault(here, problem, "remove one of them")
    return read


def _scalar(reading: Reading, shape: Scalar, node: yaml.Node, key: str) -> object:
    if not isinstance(node, yaml.ScalarNode):
        reading.fault(key, f"is {what(node)}", f"write {wanted(shape)}")
        return None
    wrong = against(shape, node)
    if wrong is None:
        return plain(shape, node)
    reading.fault(key, *wrong)
    return node.value


def _word(node: yaml.Node) -> str | None:
    """The text of a scalar as it stands in the file; None of anything else."""
    return node.value if isinstance(node, yaml.ScalarNode) and type(node) is not Alias else None


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _dotted(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
