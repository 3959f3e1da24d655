"""What do the templates of an ApplicationSet read of a spoke?

Which labels and annotations they name, since one that a template reads changes what it renders;
whether they take them all; which a spoke must have. It is followed what each expression holds, and
whatever is not understood takes all: unknown is never none.

Facts (Argo CD, applicationset/utils/utils.go, applicationset/generators/cluster.go; Go,
text/template; sprig, dict.go):
- Each text of the spec is a template of its own; what stands outside of `{{ }}` reads nothing.
- Under goTemplate labels and annotations are maps of texts in `.metadata`, and a flat list has such
  a `.metadata` in each entry of `.clusters`. No other parameter holds them.
- A field that a map lacks fails, or leaves a hole; `index` gives the empty text instead.
- `get`, `hasKey` and `dig` take maps of anything only, and fail on a map of texts.
- `and` and `or` look at no more than they must.

Elsewhere: how the text of a template is taken apart (go_template.py); the generators
(generators.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto
from typing import TypeAlias

import msgspec
from msgspec import Struct

from watcher.hub.go_template import (
    Action,
    Call,
    Dot,
    Expression,
    Field,
    Literal,
    Odd,
    Variable,
    actions,
)

Named: TypeAlias = tuple[str, str]
"""`labels` or `annotations`, and the key of one."""

_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*+\"", re.DOTALL)
_FAST = re.compile(r"\{\{((?:[^}]|\}(?!\}))*+)(?:\}\}|\Z)")
_FAST_KEY = re.compile(r"metadata\.(labels|annotations)\.(.+)", re.DOTALL)
_NONE: frozenset[Named] = frozenset()


class TemplateReads(Struct, frozen=True):
    """What templates read of a spoke."""

    keys: frozenset[str] = frozenset()
    """The keys of labels and annotations that they name."""
    takes_all: bool = False
    """Whether one takes, or may take, all labels or annotations at once."""
    needs: frozenset[Named] = _NONE
    """Those that a spoke must have: read straight, and nothing asked before whether it has them."""
    refused: frozenset[str] = frozenset()
    """The functions that are given labels or annotations, and fail on them."""


def template_reads(spec_text: str, *, go_template: bool) -> TemplateReads:
    """What the templates read that stand anywhere in the spec, given as JSON text."""
    found = {each[0] for each in _TEXT.finditer(spec_text)}
    texts = (_decoded(each) for each in found if "{{" in each or "\\u" in each)
    return _joined(map(_go if go_template else _fast, texts))


def _decoded(text: str) -> str:
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"), type=str)
    except (msgspec.DecodeError, UnicodeError):
        return text.replace('\\"', '"')


def _joined(each: Iterable[TemplateReads]) -> TemplateReads:
    every = tuple(each)
    return TemplateReads(
        keys=frozenset().union(*(one.keys for one in every)),
        takes_all=any(one.takes_all for one in every),
        needs=_NONE.union(*(one.needs for one in every)),
        refused=frozenset().union(*(one.refused for one in every)),
    )


def _fast(text: str) -> TemplateReads:
    tags = (_FAST_KEY.fullmatch(found[1].strip()) for found in _FAST.finditer(text))
    needs = frozenset((found[1], found[2]) for found in tags if found is not None)
    return TemplateReads(keys=frozenset(key for _, key in needs), needs=needs)


def _go(text: str) -> TemplateReads:
    told = tuple(actions(text))
    reading = _Reading()
    for each in (*told, *told):  # twice: in a loop, what is bound below is read above
        reading.take(each)
    return reading.found()


class _Held(Enum):
    """What a value holds of a spoke."""

    NOTHING = auto()
    ALL = auto()
    """All parameters, or those of one cluster."""
    CLUSTERS = auto()
    METADATA = auto()
    LABELS = auto()
    ANNOTATIONS = auto()


_STEPS = {
    (_Held.ALL, "metadata"): _Held.METADATA,
    (_Held.ALL, "clusters"): _Held.CLUSTERS,
    (_Held.METADATA, "labels"): _Held.LABELS,
    (_Held.METADATA, "annotations"): _Held.ANNOTATIONS,
}
_MAPS = {_Held.LABELS: "labels", _Held.ANNOTATIONS: "annotations"}


class _Value(Struct, frozen=True):
    held: _Held = _Held.NOTHING
    if_true: frozenset[Named] = _NONE
    """What the spoke has where the value is true, as a template sees it."""
    if_false: frozenset[Named] = _NONE
    if_other: frozenset[Named] = _NONE
    """What it has where the value is not the empty text."""


class _Scope(Struct, frozen=True):
    """A block that is not ended yet."""

    dot: _Held
    outer_dot: _Held
    """What the dot holds in its `else`."""
    has: frozenset[Named]
    """What is known that the spoke has."""
    outer_has: frozenset[Named]
    """The same in its `else`."""


_ROOT = _Scope(_Held.ALL, _Held.ALL, _NONE, _NONE)


class _Reading:
    """Follows the actions of one template."""

    def __init__(self) -> None:
        self._scopes: list[_Scope] = []
        self._variables: dict[str, _Held] = {"": _Held.ALL}
        self._named: set[Named] = set()
        self._needs: set[Named] = set()
        self._refused: set[str] = set()
        self._takes_all = False

    def found(self) -> TemplateReads:
        """All that was read."""
        return TemplateReads(
            keys=frozenset(key for _, key in self._named),
            takes_all=self._takes_all,
            needs=frozenset(self._needs),
            refused=frozenset(self._refused),
        )

    def take(self, action: Action) -> None:
        """Reads one action."""
        match action.word:
            case "end":
                self._scopes = self._scopes[:-1]
            case "else" | "else if" | "else with":
                self._turn(action)
            case "if" | "with" | "range":
                self._begin(action, self._scope)
            case "define" | "block":
                if action.value is not None:
                    self._spend(action.value)
                self._scopes.append(_ROOT)
            case _:
                if action.value is not None:
                    self._bind(action.binds, self._spend(action.value).held)

    @property
    def _scope(self) -> _Scope:
        return self._scopes[-1] if self._scopes else _ROOT

    def _turn(self, action: Action) -> None:
        before = self._scope
        turned = _Scope(before.outer_dot, before.outer_dot, before.outer_has, before.outer_has)
        self._scopes[-1:] = [turned]
        if action.value is not None:
            self._scopes.pop()
            self._begin(action, turned)

    def _begin(self, action: Action, outer: _Scope) -> None:
        word = action.word.removeprefix("else ")
        value = self._value(action.value, outer) if action.value is not None else _Value()
        listed = value.held is _Held.CLUSTERS and word in ("range", "if")
        if value.held is not _Held.NOTHING and not listed:
            self._takes_all = True
        each = _Held.ALL if listed else _Held.NOTHING
        self._bind(action.binds[-1:], each)
        self._bind(action.binds[:-1], _Held.NOTHING)
        self._scopes.append(
            _Scope(
                dot=outer.dot if word == "if" else each,
                outer_dot=outer.dot,
                has=outer.has | (value.if_true if word != "range" else _NONE),
                outer_has=outer.has | value.if_false,
            )
        )

    def _bind(self, names: Iterable[str], held: _Held) -> None:
        """A variable that may hold all somewhere is taken to hold it everywhere."""
        for name in names:
            if self._variables.get(name) is not _Held.ALL:
                self._variables[name] = held

    def _spend(self, node: Expression, scope: _Scope | None = None) -> _Value:
        """The value of what goes where it is not followed further."""
        value = self._value(node, scope or self._scope)
        if value.held is not _Held.NOTHING:
            self._takes_all = True
        return value

    def _value(self, node: Expression, scope: _Scope) -> _Value:
        match node:
            case Dot():
                return _Value(scope.dot)
            case Variable(name):
                return _Value(self._variables.get(name, _Held.ALL))
            case Literal():
                return _Value()
            case Field(of, name):
                return self._field(self._value(of, scope).held, name, scope)
            case Odd(parts):
                self._takes_all = True
                for each in parts:
                    self._value(each, scope)
                return _Value()
            case Call(function, given):
                return self._call(function, given, scope)

    def _field(self, held: _Held, name: str, scope: _Scope) -> _Value:
        value = self._step(held, name)
        if (of := _MAPS.get(held)) is not None and (of, name) not in scope.has:
            self._needs.add((of, name))
        return value

    def _step(self, held: _Held, key: str | None) -> _Value:
        """The member of that name; None: which one is not known."""
        if held is _Held.NOTHING:
            return _Value()
        if key is None or held is _Held.CLUSTERS:
            self._takes_all = True
            return _Value()
        if (of := _MAPS.get(held)) is not None:
            self._named.add((of, key))
            there = frozenset({(of, key)})
            return _Value(if_true=there, if_other=there)
        return _Value(_STEPS.get((held, key), _Held.NOTHING))

    def _call(self, function: str, given: tuple[Expression, ...], scope: _Scope) -> _Value:
        match function, given:
            case "index" | "get", (of, *keys) if keys:
                return self._member(function, of, keys, scope)
            case "hasKey", (of, Literal(str(key))):
                return self._has(of, key, scope)
            case "dig", (_, _, _, *_):
                return self._dig(given, scope)
            case "len", (Field(_, "clusters") as of,):
                held = self._value(of, scope).held
                self._takes_all |= held not in (_Held.CLUSTERS, _Held.NOTHING)
                return _Value()
            case "and" | "or", _:
                return self._either(function, given, scope)
            case "not" | "empty", (one,):
                value = self._spend(one, scope)
                return _Value(if_true=value.if_false, if_false=value.if_true)
            case "eq" | "ne", (one, Literal(str(text))):
                return _compared(self._spend(one, scope), text, same=function == "eq")
            case _:
                for each in given:
                    self._spend(each, scope)
                return _Value()

    def _member(
        self, function: str, of: Expression, keys: list[Expression], scope: _Scope
    ) -> _Value:
        """What `index` finds under one key after another."""
        value = self._value(of, scope)
        self._refuse(function, value.held)
        for key in keys:
            self._spend(key, scope)
            if value.held is _Held.CLUSTERS:
                value = _Value(_Held.ALL)
            else:
                value = self._step(value.held, _text(key))
        return value

    def _has(self, of: Expression, key: str, scope: _Scope) -> _Value:
        """Whether there are labels or annotations at all is a matter of each of them."""
        held = self._value(of, scope).held
        self._refuse("hasKey", held)
        self._takes_all |= held is _Held.METADATA
        value = self._step(held, key)
        return _Value(if_true=value.if_true)

    def _dig(self, given: tuple[Expression, ...], scope: _Scope) -> _Value:
        """`dig KEY… DEFAULT OF`."""
        *keys, default, of = given
        value = self._value(of, scope)
        self._spend(default, scope)
        for key in keys:
            self._spend(key, scope)
            self._refuse("dig", value.held)
            value = self._step(value.held, _text(key))
        return value if _text(default) == "" else _Value(value.held)

    def _either(self, function: str, given: tuple[Expression, ...], scope: _Scope) -> _Value:
        """Each is looked at only where those before it were all true, or all false."""
        known = scope.has
        for each in given:
            value = self._spend(each, msgspec.structs.replace(scope, has=known))
            known |= value.if_true if function == "and" else value.if_false
        return _Value(if_true=known) if function == "and" else _Value(if_false=known)

    def _refuse(self, function: str, held: _Held) -> None:
        if held in _MAPS and function != "index":
            self._refused.add(function)


def _text(node: Expression) -> str | None:
    return node.text if isinstance(node, Literal) else None


def _compared(value: _Value, text: str, *, same: bool) -> _Value:
    """What is the same as some text, or other than none, is there."""
    if bool(text) is same:
        return _Value(if_true=value.if_other)
    return _Value(if_false=value.if_other)
