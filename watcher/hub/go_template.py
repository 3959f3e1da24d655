"""What does the text of a Go template say, before it is rendered?

Its actions in their order, each as a word and an expression. Nothing is rendered, and nothing is
refused: what cannot be read is `Odd`, and whoever reads on must take it for anything.

Facts (Go, text/template/parse/lex.go and parse.go):
- An action ends at the first `}}` that is not in a text of it. A comment ends at its first `*/`,
  whatever quotes it holds, and braces must follow.
- `A | F B` is `F B A`; a field belongs to what it touches: `$x.a`, `(F).a`.
- `{{-` and `-}}` trim only where a space is between the dash and the action.

Elsewhere: what the expressions read of a spoke (templates.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec
from msgspec import Struct

_INSIDE = re.compile(
    r"(?:\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|[^\"'`}]|\}(?!\}))*+", re.DOTALL
)
"""One action, up to the braces that end it. It never goes back, so a text of a megabyte takes no
longer than its length."""
_COMMENT = re.compile(r"(?:-\s)?/\*")
_COMMENT_END = re.compile(r"\*/(?:\s-)?\}\}")
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*+\"|`[^`]*+`)"
    r"|(?P<number>'(?:[^'\\]|\\.)*+'|[+-]?\.?\d[\w.+-]*)"
    r"|(?P<variable>\$\w*)"
    r"|(?P<field>\.[^\W\d]\w*)"
    r"|(?P<dot>\.)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<mark>:=|[=|(),])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_BLOCKS = frozenset(
    {"if", "with", "range", "else", "end", "define", "block", "template", "break", "continue"}
)
_DEEPEST = 50
"""Parentheses in each other; far beyond what people write, and far from Python's own limit."""


class Dot(Struct, frozen=True):
    """`.`"""


class Variable(Struct, frozen=True):
    """`$x`; with no name, `$`."""

    name: str


class Literal(Struct, frozen=True):
    """A number, or a text; None: a text that cannot be told."""

    text: str | None


class Field(Struct, frozen=True):
    """`OF.NAME`."""

    of: Expression
    name: str


class Call(Struct, frozen=True):
    """A function with what it is given, or a constant such as `true`."""

    function: str
    given: tuple[Expression, ...] = ()


class Odd(Struct, frozen=True):
    """What cannot be read, with what was read of it."""

    parts: tuple[Expression, ...] = ()


Expression: TypeAlias = Dot | Variable | Literal | Field | Call | Odd


class Action(Struct, frozen=True):
    """One `{{ }}` that is no comment."""

    word: str
    """`if`, `with`, `range`, `else`, `else if`, `else with`, `end`, `define`, `block`, `template`,
    `break`, `continue`; empty where its value is printed or bound."""
    value: Expression | None
    binds: tuple[str, ...] = ()
    """The variables that get the value, or its parts."""


def actions(text: str) -> Iterator[Action]:
    """The actions in a text; where nothing ends one, it is all the rest."""
    for inside in _insides(text):
        yield _Reader(_trimmed(inside)).action()


def _insides(text: str) -> Iterator[str]:
    at = text.find("{{")
    comment_ends = 0
    while at >= 0:
        inside = at + 2
        if (begins := _COMMENT.match(text, inside)) is not None:
            if 0 <= comment_ends < begins.end():
                comment_ends = text.find("*/", begins.end())
            if comment_ends >= 0 and (ends := _COMMENT_END.match(text, comment_ends)) is not None:
                at = text.find("{{", ends.end())
                continue
        found = _INSIDE.match(text, inside)
        end = inside if found is None else found.end()
        if not text.startswith("}}", end):
            yield text[inside:]
            return
        yield text[inside:end]
        at = text.find("{{", end)


def _trimmed(inside: str) -> str:
    if inside[:1] == "-" and inside[1:2].isspace():
        inside = inside[1:]
    if inside[-1:] == "-" and inside[-2:-1].isspace():
        inside = inside[:-1]
    return inside


class _Token(Struct, frozen=True):
    kind: str
    text: str
    touches: bool
    """Whether nothing stands between it and the one before."""


def _tokens(inside: str) -> Iterator[_Token]:
    touches = False
    for found in _TOKEN.finditer(inside):
        kind = found.lastgroup or "other"
        if kind != "space":
            yield _Token(kind, found[0], touches)
        touches = kind != "space"


class _Reader:
    """Reads one action from its start to its end."""

    def __init__(self, inside: str) -> None:
        self._tokens = list(_tokens(inside))
        self._at = 0
        self._depth = 0

    def action(self) -> Action:
        """The action; what is left over at its end makes it odd."""
        word = self._word()
        if word in ("define", "block", "template"):
            self._next()  # its name
        binds = self._binds()
        value = None if self._peek() is None else self._pipeline()
        if self._peek() is not None:
            rest = [value] if value is not None else []
            while self._peek() is not None:
                self._next()  # a parenthesis that closes nothing, or a comma
                if self._peek() is not None:
                    rest.append(self._pipeline())
            value = Odd(tuple(rest))
        return Action(word, value, binds)

    def _word(self) -> str:
        first = self._peek()
        if first is None or first.kind != "word" or first.text not in _BLOCKS:
            return ""
        self._next()
        second = self._peek()
        if first.text == "else" and second is not None and second.text in ("if", "with"):
            self._next()
            return f"else {second.text}"
        return first.text

    def _binds(self) -> tuple[str, ...]:
        """`$x :=`, `$x =`, or `$i, $x :=`; none where no variable gets anything."""
        ahead = self._tokens[self._at : self._at + 4]
        kinds = [each.text if each.kind == "mark" else each.kind for each in ahead]
        match kinds:
            case ["variable", ":=" | "=", *_]:
                taken = 2
            case ["variable", ",", "variable", ":=" | "="]:
                taken = 4
            case _:
                return ()
        self._at += taken
        return tuple(each.text[1:] for each in ahead[:taken] if each.kind == "variable")

    def _pipeline(self) -> Expression:
        made = self._command(())
        while self._takes("|"):
            made = self._command((made,))
        return made

    def _command(self, last: tuple[Expression, ...]) -> Expression:
        """One command, with the value that is piped into it as the last that it is given."""
        operands = list(self._operands())
        if not operands:
            return Odd(last)
        first, given = operands[0], (*operands[1:], *last)
        if isinstance(first, Call) and not first.given:
            return Call(first.function, given)
        return Odd((first, *given)) if given else first

    def _operands(self) -> Iterator[Expression]:
        while (token := self._peek()) is not None:
            if token.kind == "mark" and token.text != "(":
                return
            made = self._operand(self._next())
            while (after := self._peek()) is not None and after.kind == "field" and after.touches:
                made = Field(made, self._next().text[1:])
            yield made

    def _operand(self, token: _Token) -> Expression:
        match token.kind:
            case "dot":
                return Dot()
            case "field":
                return Field(Dot(), token.text[1:])
            case "variable":
                return Variable(token.text[1:])
            case "text":
                return Literal(_unquoted(token.text))
            case "number":
                return Literal(token.text)
            case "word":
                return Call(token.text)
            case "mark":
                return self._parenthesis()
            case _:
                return Odd()

    def _parenthesis(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._at = len(self._tokens)
            return Odd()
        inner = self._pipeline()
        self._depth -= 1
        return inner if self._takes(")") else Odd((inner,))

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token:
        token = self._tokens[self._at] if self._at < len(self._tokens) else _Token("end", "", False)
        self._at += 1
        return token

    def _takes(self, mark: str) -> bool:
        token = self._peek()
        taken = token is not None and token.kind == "mark" and token.text == mark
        self._at += taken
        return taken


def _unquoted(text: str) -> str | None:
    """What a quoted text stands for; Go has escapes that JSON has not, and those are not told."""
    inner = text[1:-1]
    if text.startswith("`") or "\\" not in inner:
        return inner
    try:
        return msgspec.json.decode(text.encode(), type=str)
    except (msgspec.DecodeError, UnicodeError):
        return None
