"""What does a template in an ApplicationSet say, given the parameters of one Application?

Both kinds that Argo CD has: `{{name}}` (fasttemplate), and with goTemplate as much of Go's language
as addon ApplicationSets are written in. What lies beyond is an error, as a function would be that
Argo CD does not have.

Facts (Argo CD, applicationset/utils/utils.go; Go, text/template; each recorded in tests/selection):
- Every string of a template is one of its own, keys of maps too.
- fasttemplate leaves an unknown parameter as it is written. With goTemplate it is `<no value>`, or
  with `missingkey=error` an error that ends the generation for all.
- Labels, annotations and values are maps of strings: a function that wants another map fails.

Elsewhere: where parameters come from (generators.py).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from watcher.embedded_hub.objects import FrozenDict

Parameters: TypeAlias = Mapping[str, Any]
Render: TypeAlias = Callable[[Any, Parameters], Any]
"""Renders each string in a value of JSON, keys of maps too. Raises TemplateError."""


class TemplateError(Exception):
    """A template that cannot be rendered."""


class Strings(FrozenDict):
    """A map of strings only, which is another type to Go than a map of anything."""


def renderer(*, go: bool, options: Sequence[str] = ()) -> Render:
    """How an ApplicationSet's templates are rendered: its `goTemplate` and `goTemplateOptions`."""
    if not go:
        return lambda value, parameters: _each(value, lambda text: _fast(text, parameters))
    strict = "missingkey=error" in options
    return lambda value, parameters: _each(value, lambda text: _go(text, parameters, strict))


def _each(value: Any, render: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return render(value) if "{{" in value else value
    if isinstance(value, Mapping):
        return {_each(key, render): _each(part, render) for key, part in value.items()}
    if isinstance(value, list):
        return [_each(part, render) for part in value]
    return value


# fasttemplate


_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def _fast(text: str, parameters: Parameters) -> str:
    def replaced(tag: re.Match[str]) -> str:
        found = parameters.get(tag[1].strip())
        return found if isinstance(found, str) else tag[0]

    return _TAG.sub(replaced, text)


# Go's templates: reading


_ACTION = re.compile(r"(\s*)\{\{(-?)(.*?)(-?)\}\}(\s*)", re.DOTALL)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|[|()]|[^\s|()"`]+')
_END_OF_BLOCK = ("end", "else")


@dataclass(frozen=True, slots=True)
class _Block:
    """`{{ if }}` or `{{ range }}`; an action alone is one of kind `say`."""

    kind: str
    pipeline: tuple[str, ...]
    body: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> list[Any]:
    pieces = list(_pieces(text))
    nodes, stopped_by = _nodes(iter(pieces))
    if stopped_by:
        raise TemplateError(f"failed to parse template {text}: unexpected {{{{{stopped_by[0]}}}}}")
    return nodes


def _pieces(text: str) -> Iterator[str | tuple[str, ...]]:
    """Text as strings, actions as tuples of tokens; white space gone where `-` says so."""
    at = 0
    for action in _ACTION.finditer(text):
        before, trim_before, inside, trim_after, after = action.groups()
        yield text[at : action.start()] + ("" if trim_before else before)
        yield tuple(_TOKEN.findall(inside))
        at = action.end() if trim_after else action.end() - len(after)
    yield text[at:]


def _nodes(pieces: Iterator[str | tuple[str, ...]]) -> tuple[list[Any], tuple[str, ...]]:
    """Nodes up to the end of the block, and what ended it."""
    nodes: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str):
            nodes.append(piece)
        elif piece and piece[0] in _END_OF_BLOCK:
            return nodes, piece
        elif piece and piece[0] in ("if", "range"):
            nodes.append(_block(piece[0], piece[1:], pieces))
        else:
            nodes.append(_Block("say", piece))
    return nodes, ()


def _block(kind: str, pipeline: tuple[str, ...], pieces: Iterator[str | tuple[str, ...]]) -> _Block:
    body, ended_by = _nodes(pieces)
    otherwise: list[Any] = []
    if ended_by[:2] == ("else", "if"):
        otherwise = [_block("if", ended_by[2:], pieces)]
    elif ended_by == ("else",):
        otherwise, ended_by = _nodes(pieces)
    if not ended_by:
        raise TemplateError(f"unexpected EOF in {{{{{kind}}}}}")
    return _Block(kind, pipeline, body, otherwise)


# Go's templates: saying


def _go(text: str, parameters: Parameters, strict: bool) -> str:
    try:
        return "".join(_said(_parsed(text), parameters, strict))
    except TemplateError as error:
        raise TemplateError(f"failed to execute go template {text}: {error}") from None


def _said(nodes: Sequence[Any], dot: Any, strict: bool) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
            continue
        value = _Pipeline(node.pipeline, dot, strict).value()
        if node.kind == "say":
            yield _text(value)
        elif node.kind == "if":
            yield from _said(node.body if value else node.otherwise, dot, strict)
        elif value:
            for member in value.values() if isinstance(value, Mapping) else value:
                yield from _said(node.body, member, strict)
        else:
            yield from _said(node.otherwise, dot, strict)


class _Pipeline:
    """One pipeline, evaluated while it is read."""

    def __init__(self, tokens: tuple[str, ...], dot: Any, strict: bool) -> None:
        self._tokens = [*tokens, ""]
        self._dot = dot
        self._strict = strict

    def value(self) -> Any:
        found = self._pipe()
        if self._tokens[0]:
            raise TemplateError(f"unexpected {self._tokens[0]}")
        return found

    def _pipe(self) -> Any:
        found = self._command([])
        while self._tokens[0] == "|":
            self._tokens.pop(0)
            found = self._command([found])
        return found

    def _command(self, last: list[Any]) -> Any:
        word = self._tokens[0]
        arguments: list[Any] = []
        if word in _FUNCTIONS:
            self._tokens.pop(0)
        while self._tokens[0] not in ("", "|", ")"):
            arguments.append(self._operand())
        arguments += last
        if word in _FUNCTIONS:
            return _called(word, arguments)
        if len(arguments) != 1:
            raise TemplateError(f"can't give argument to non-function {word}")
        return arguments[0]

    def _operand(self) -> Any:
        word = self._tokens.pop(0)
        if word == "(":
            found = self._pipe()
            self._tokens.pop(0)
            return found
        if word.startswith("."):
            return self._field(word)
        if word[0] in '"`':
            return json.loads(word) if word[0] == '"' else word[1:-1]
        if word.lstrip("-").isdigit():
            return int(word)
        if word in ("true", "false"):
            return word == "true"
        raise TemplateError(f'function "{word}" not defined')

    def _field(self, path: str) -> Any:
        value = self._dot
        for name in filter(None, path.split(".")):
            if value is None:
                raise TemplateError(f"<{path}>: nil pointer evaluating interface {{}}.{name}")
            if not isinstance(value, Mapping):
                raise TemplateError(f"<{path}>: can't evaluate field {name} in {_type(value)}")
            if name not in value and self._strict:
                raise TemplateError(f'executing at <{path}>: map has no entry for key "{name}"')
            value = value.get(name)
        return value


def _text(value: Any) -> str:
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{_text(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    return str(value)


def _type(value: Any) -> str:
    names = {str: "string", bool: "bool", int: "int", list: "[]interface {}"}
    return names.get(type(value), "map[string]interface {}")


# Go's templates: functions


def _called(name: str, arguments: list[Any]) -> Any:
    try:
        return _FUNCTIONS[name](*arguments)
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise TemplateError(f"error calling {name}: {error}") from None


def _any_map(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Strings):
        wanted = "wrong type for value; expected map[string]interface {}; got map[string]string"
        raise TemplateError(wanted)
    return dict(value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        missing = "" if isinstance(value, Strings) else None
        value = value.get(key, missing) if isinstance(value, Mapping) else value[key]
    return value


def _trunc(length: int, text: str) -> str:
    return text[:length] if length >= 0 else text[length:]


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "index": _index,
    "len": len,
    "trunc": _trunc,
    "default": lambda fallback, value=None: value or fallback,
    "get": lambda among, key: _any_map(among).get(key, ""),
    "hasKey": lambda among, key: key in _any_map(among),
    "toJson": lambda value: json.dumps(value, separators=(",", ":")),
    "lower": str.lower,
    "trimPrefix": lambda prefix, text: text.removeprefix(prefix),
    "trimSuffix": lambda suffix, text: text.removesuffix(suffix),
    "replace": lambda old, new, text: text.replace(old, new),
    "eq": lambda one, *others: one in others,
    "ne": lambda one, other: one != other,
    "not": lambda value: not value,
    "and": lambda *values: next((value for value in values if not value), values[-1]),
    "or": lambda *values: next((value for value in values if value), values[-1]),
    "quote": lambda text: json.dumps(text),
}
