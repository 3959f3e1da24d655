"""Which Kubernetes objects does a text hold, and on which lines?

YAML of any number of documents, JSON, lists. What comes out is each object's JSON, for the decoder
that the hub's own answers go through, with the line on which it begins.

Any text is cheap: its length, the nesting and the number of values that aliases make of it are
limited, nothing is constructed, and no tag of the text can do anything. Of `data` and `stringData`
only what names a cluster is kept, or tells a controller's policy, and nothing of
`last-applied-configuration`: credentials are dropped as they are read, and never reach an object of
ours.

Facts (Kubernetes, sigs.k8s.io/yaml; YAML 1.1): kubectl reads YAML 1.1, so a plain yes is true;
`<<` merges; of a key that is given twice some readers take the last, others refuse it. libyaml's
parser does not recurse.

Elsewhere: what the objects say (written.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
import yaml
from msgspec import Struct

from watcher.policy import Fault

LONGEST_BYTES = 10 << 20
"""Of one text. A rendered chart of a hundred addons is under 1 MiB; a hub's own state is better
read from the hub."""
DEEPEST = 100
"""Levels of nesting; the deepest of Argo CD's objects has some twenty."""
MOST_VALUES = 1_000_000
"""In one text, each alias counted with all it stands for, and a long text as several. A rendered
chart of 1 MiB has some 50,000; a million are read in some ten seconds."""
_VALUE_CHARACTERS = 100
"""So many characters of a text count as a value more."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML = "tag:yaml.org,2002:"
_KEPT_DATA = frozenset(
    {
        *("name", "server", "shard", "project"),
        "applicationsetcontroller.policy",
        "applicationsetcontroller.enable.policy.override",
        "applicationsetcontroller.namespaces",
    }
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MEND = "check the indentation, quotes and brackets up to it; a chart must be rendered first"
_KEY_MEND = "write keys as text; where this is a chart's template, render the chart first"
_Path: TypeAlias = tuple[str, ...]


class Document(Struct, frozen=True):
    """One object."""

    body: bytes
    """Its JSON."""
    line: int
    """On which it begins, counted from 1; 0 where it is not known."""
    repeated: tuple[str, ...] = ()
    """The keys that are given twice in one mapping, each with its line; the last one counts."""


def documents(text: bytes, *, file: str) -> tuple[list[Document], list[Fault]]:
    """The objects in `text`, each of a list by itself, and what of it could not be read."""
    if len(text) > LONGEST_BYTES:
        problem = f"it has {len(text)} bytes, and at most {LONGEST_BYTES} are read"
        return [], [Fault(file, 1, "", problem, "split it, or read the hub with --from-hub")]
    if text.lstrip()[:1] in (b"{", b"[") and (found := _json(text)) is not None:
        return found, []
    try:
        return _Reader(text.decode("utf-8-sig"), file).all()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        problem = f"byte {error.start} is no UTF-8"
        return [], [Fault(file, line, "", problem, "save it as UTF-8")]


class _TooMuch(Exception):  # noqa: N818  (named after what happened)
    """The text is refused as a whole."""

    def __init__(self, line: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.line, self.problem, self.remedy = line, problem, remedy


class _Reader:
    """Builds plain values from the parser's events."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._resolver = yaml.resolver.Resolver()
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._values = 0
        self._items: list[Document] = []
        self._repeated: list[str] = []

    def all(self) -> tuple[list[Document], list[Fault]]:
        """Every object up to the first fault; what stands behind that cannot be trusted."""
        found: list[Document] = []
        line = 1
        try:
            for event in self._events:
                line = event.start_mark.line + 1
                if isinstance(event, yaml.DocumentStartEvent):
                    self._anchors = {}
                    found += self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = mark.line + 1 if mark else line
            problem = f"it is not YAML: {error.problem or error.context or 'it cannot be read'}"
            return found, [Fault(self._file, at, "", problem, _MEND)]
        except yaml.reader.ReaderError as error:
            problem = f"it is not YAML: {error.reason}"
            return found, [Fault(self._file, line, "", problem, "remove the character")]
        except _TooMuch as error:
            return found, [Fault(self._file, error.line, "", error.problem, error.remedy)]
        return found, []

    def _document(self) -> Iterator[Document]:
        event = next(self._events)
        self._items, self._repeated = [], []
        value = self._value(event, ())
        if self._items:
            yield from self._items
        else:
            yield from _documents_of(value, event.start_mark.line + 1, self._repeated)

    def _value(self, event: Any, path: _Path, depth: int = 0) -> Any:
        line = event.start_mark.line + 1
        if depth > DEEPEST:
            raise _TooMuch(line, f"it is nested deeper than {DEEPEST}", "give Kubernetes objects")
        if isinstance(event, yaml.AliasEvent):
            value, size = self._alias(event, line)
            self._count(size, line)
            return value
        before = self._values
        self._count(1, line)
        match event:
            case yaml.ScalarEvent():
                self._count(len(event.value) // _VALUE_CHARACTERS, line)
                value = None if _dropped(path) else self._scalar(event)
            case yaml.SequenceStartEvent():
                value = self._sequence(path, depth)
            case _:
                value = self._mapping(path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._values - before)
        return None if _dropped(path) else value

    def _alias(self, event: Any, line: int) -> tuple[Any, int]:
        known = self._anchors.get(event.anchor)
        if known is None:
            problem = "an alias stands for nothing, or for what it is part of"
            raise _TooMuch(line, problem, "write the value out")
        return known

    def _count(self, more: int, line: int) -> None:
        self._values += more
        if self._values > MOST_VALUES:
            problem = f"it holds more than {MOST_VALUES} values, aliases counted"
            raise _TooMuch(line, problem, "write it without aliases, or split it")

    def _sequence(self, path: _Path, depth: int) -> list[Any]:
        made: list[Any] = []
        items = path == ("items",)
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            before = len(self._repeated)
            value = self._value(event, () if items else (*path, ""), depth + 1)
            made.append(value)
            if items:
                line = event.start_mark.line + 1
                self._items += _documents_of(value, line, self._repeated[before:])
        return made

    def _mapping(self, path: _Path, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            key = self._key(event, depth, line)
            value = self._value(next(self._events), (*path, key), depth + 1)
            if key == "<<":
                merged += value if isinstance(value, list) else [value]
                continue
            if key in made:
                self._repeated.append(f"{_shown(key)} in line {line}")
            made[key] = value
        for one in merged:
            if isinstance(one, dict):
                made = {**one, **made}
        return {key: value for key, value in made.items() if not _dropped((*path, key))}

    def _key(self, event: Any, depth: int, line: int) -> str:
        value = self._value(event, ("",), depth + 1)
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list):
            raise _TooMuch(line, "a key is no text", _KEY_MEND)
        return event.value if isinstance(event, yaml.ScalarEvent) else str(value)

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        tag = event.tag
        if tag is None or tag == "!":
            if not event.implicit[0]:
                return text
            tag = self._resolver.resolve(yaml.ScalarNode, text, event.implicit)  # type: ignore[no-untyped-call]
        try:
            return _plain(tag.removeprefix(_YAML), text)
        except (ValueError, OverflowError):
            return text


def _plain(kind: str, text: str) -> Any:
    """A scalar as YAML 1.1 reads it; raises ValueError where it is of no such kind."""
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int":
            number = int(text.replace("_", ""), _base(text.lstrip("+-")))
            return number if -(2**63) <= number < 2**63 else text
        case "float":
            value = float(text.replace("_", ""))
            return value if math.isfinite(value) else text
        case _:
            return text


def _base(digits: str) -> int:
    if digits[:2] in ("0x", "0b", "0o"):
        return 0
    return 8 if digits.startswith("0") else 10


def _dropped(path: _Path) -> bool:
    match path:
        case ("data" | "stringData", key):
            return key not in _KEPT_DATA
        case ("metadata", "annotations", key):
            return key == _LAST_APPLIED
        case _:
            return False


def _documents_of(value: Any, line: int, repeated: list[str]) -> Iterator[Document]:
    if isinstance(value, dict):
        for key in ("data", "stringData"):
            if isinstance(held := value.get(key), dict):  # an alias may have brought more
                value = {**value, key: {one: held[one] for one in held if one in _KEPT_DATA}}
        yield Document(msgspec.json.encode(value), line, tuple(repeated))


class _List(Struct):
    items: list[msgspec.Raw] | None = None


def _json(text: bytes) -> list[Document] | None:
    """The objects of a JSON text, left undecoded; None where it is none: YAML may begin alike."""
    try:
        if text.lstrip().startswith(b"["):
            bodies = msgspec.json.decode(text, type=list[msgspec.Raw])
        else:
            bodies = msgspec.json.decode(text, type=_List).items or [msgspec.Raw(text)]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    single = len(bodies) == 1 and bytes(bodies[0]) == text
    return [Document(bytes(body), 1 if single else 0) for body in bodies]


def _shown(key: str) -> str:
    plain = key if key.isprintable() else ascii(key)
    return plain if len(plain) <= 80 else plain[:80] + "…"
