"""How the text of a Go template is taken apart."""

from __future__ import annotations

import pytest

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

NAME = Field(Dot(), "name")


def values(text: str) -> list[Expression | None]:
    return [each.value for each in actions(text)]


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        (".", Dot()),
        ("$", Variable("")),
        ("$x.a", Field(Variable("x"), "a")),
        (".a.b", Field(Field(Dot(), "a"), "b")),
        (".a .b", Odd((Field(Dot(), "a"), Field(Dot(), "b")))),
        ("(.a).b", Field(Field(Dot(), "a"), "b")),
        ('"a b"', Literal("a b")),
        ('"a\\tb"', Literal("a\tb")),
        ('"\\x61"', Literal(None)),
        ("`a\\b`", Literal("a\\b")),
        ("'}'", Literal("'}'")),
        ("0.5", Literal("0.5")),
        (".5", Literal(".5")),
        ("now", Call("now")),
        ("now.Year", Field(Call("now"), "Year")),
        ('index .name "a"', Call("index", (NAME, Literal("a")))),
        (".name | quote", Call("quote", (NAME,))),
        ('.name | replace "a" "b"', Call("replace", (Literal("a"), Literal("b"), NAME))),
        ("(f .name) | g | h", Call("h", (Call("g", (Call("f", (NAME,)),)),))),
        ("f (g .name) .name", Call("f", (Call("g", (NAME,)), NAME))),
        ("/", Odd()),
        ("(.name", Odd((NAME,))),
        (".name )", Odd((NAME,))),
        ("|", Odd((Odd(),))),
    ],
)
def test_an_expression_is_read_as_go_reads_it(inside: str, value: Expression) -> None:
    assert values(f"a {{{{{inside}}}}} b") == [value]
    assert values(f"a {{{{- {inside} -}}}} b") == [value]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("{{ if .name }}", Action("if", NAME)),
        ("{{ else }}", Action("else", None)),
        ("{{ else if .name }}", Action("else if", NAME)),
        ("{{ else with .name }}", Action("else with", NAME)),
        ("{{ end }}", Action("end", None)),
        ("{{ with $x := .name }}", Action("with", NAME, ("x",))),
        ("{{ range $i, $x := .name }}", Action("range", NAME, ("i", "x"))),
        ("{{ $x = .name }}", Action("", NAME, ("x",))),
        ('{{ template "x" .name }}', Action("template", NAME)),
        ('{{ define "x" }}', Action("define", None)),
        ("{{}}", Action("", None)),
    ],
)
def test_an_action_begins_with_its_word_and_what_it_binds(text: str, action: Action) -> None:
    assert list(actions(text)) == [action]


def test_braces_in_a_text_end_nothing() -> None:
    assert values('{{ "}}" }}{{ `}}` }}{{ .name }}') == [Literal("}}"), Literal("}}"), NAME]


def test_a_comment_is_no_action_whatever_it_holds() -> None:
    assert values('{{/* }} " */}}{{- /* {{ .a }} */ -}}{{ .name }}{{/* */}}') == [NAME]
    assert values("{{ .name }}{{/* never ended }}") != [NAME]


@pytest.mark.parametrize("open_end", ['"', "'", "`", ""])
def test_what_nothing_ends_is_one_action_that_still_names_what_it_reads(open_end: str) -> None:
    (value,) = values(f"{{{{ .name {open_end}")
    assert value == (Odd((NAME, Odd())) if open_end else NAME)
