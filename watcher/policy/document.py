"""Is a text one YAML document, and what does it hold, line by line?

The nodes are kept as they were composed, because a node knows its line and a Python value does not.
Nothing is constructed, so no tag of the file can do anything.

Three limits keep any text cheap: its length, the depth of nesting, and that an alias is not
followed. A policy needs none of the three, and with aliases a few lines can hold a million values.

Facts (PyYAML): composing is recursive; a number or an escape that is out of Python's range raises
ValueError or OverflowError out of the scanner (scanner.py).

Elsewhere: what the nodes mean (reading.py, scalars.py).
"""

from __future__ import annotations

from typing import Any

import yaml

from watcher.policy.faults import Fault, bare

LONGEST = 128 * 1024
"""Characters. A hundred tiers with every key and a comment each are about 40 KiB; to compose the
1 MiB that a ConfigMap holds takes many seconds."""

DEEPEST = 16
"""Levels of nesting; the policy has four."""


_LOOK = "check the indentation, quotes and brackets up to it"
_YAML = "tag:yaml.org,2002:"
_KINDS = {"bool": "the boolean", "int": "the number", "float": "the number", "str": "the text"}


class Alias(yaml.ScalarNode):
    """A place where the file says `*name` instead of a value."""


class _Composer(yaml.SafeLoader):
    """PyYAML's composer, which neither follows an alias nor goes deeper than a policy can."""

    depth = 0

    def next_mark(self) -> yaml.Mark:
        """Where what comes next begins."""
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return mark

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark, aliased = self.next_mark(), self.check_event(yaml.AliasEvent)
        if self.depth == DEEPEST:
            raise yaml.MarkedYAMLError(problem="it is nested too deeply", problem_mark=mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return Alias("", "", mark, mark) if aliased else node


def document(text: str, *, file: str) -> yaml.Node | Fault:
    """The root of the only document in `text`; the Fault that there is none, or not one."""
    if len(text) > LONGEST:
        problem = f"the file has {len(text)} characters, and a policy at most {LONGEST}"
        return Fault(file, 1, "", problem, "give the policy's own file")
    try:
        loader = _Composer(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"not YAML: the character U+{error.character:04X} may not stand there"
        return Fault(file, line, "", problem, "remove it, or write it as an escape in quotes")
    try:
        return _only_document(loader, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else loader.line
        return _not_yaml(error.problem or "", file, line, _remedy(error))
    except (ValueError, OverflowError):
        return _not_yaml("a number or an escape is out of range", file, loader.line, _LOOK)


def kind(node: yaml.Node) -> str:
    """What YAML took a node for: str, int, float, bool, null, or a tag of the file's own."""
    return node.tag.removeprefix(_YAML)


def what(node: yaml.Node) -> str:
    """What a node is, in words."""
    match node:
        case Alias():
            return "an alias"
        case yaml.MappingNode():
            return "a mapping"
        case yaml.SequenceNode():
            return "a list"
        case _:
            return f"{_KINDS.get(kind(node), 'the value')} {bare(node.value)}"


def _only_document(loader: _Composer, file: str) -> yaml.Node | Fault:
    root = loader.get_node() if loader.check_node() else None
    if root is None or kind(root) == "null":
        remedy = "begin with apiVersion, kind and tiers; `gate-watcher config schema` has every key"
        return Fault(file, 1, "", "the file is empty", remedy)
    if loader.check_node():
        line = loader.next_mark().line + 1
        return Fault(file, line, "", "a second document begins here", "keep one document in a file")
    return root


def _remedy(error: yaml.MarkedYAMLError) -> str:
    if error.context == "while scanning an alias":
        return "write a text that begins with * in quotes, as a schedule"
    return "indent with spaces" if "'\\t'" in (error.problem or "") else _LOOK


def _not_yaml(problem: str, file: str, line: int, remedy: str) -> Fault:
    return Fault(file, line + 1, "", f"not YAML: {bare(problem)}", remedy)
