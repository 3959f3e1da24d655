from __future__ import annotations

import pytest
import yaml

from watcher.policy.document import DEEPEST, LONGEST, Alias, document, kind, what
from watcher.policy.faults import Fault


def root(text: str) -> yaml.Node:
    node = document(text, file="p.yaml")
    assert isinstance(node, yaml.Node), node
    return node


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "the file is empty"),
        ("# nothing\n\n", 1, "the file is empty"),
        ("---\n...\n", 1, "the file is empty"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\n---\n", 2, "a second document"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not YAML: expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", 2, "indent with spaces"),
        ("a: 'x\n", 2, "not YAML: found unexpected end of stream"),
        ("a: b: c\n", 1, "not YAML: mapping values are not allowed here"),
        ("a: 1\nb: x\x00\n", 2, "U+0000"),
        ("a: 1\nb: \ud800\n", 2, "U+D800"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', 2, "out of range"),
        (f"%YAML 1.{'9' * 5000}\n---\n", 1, "out of range"),
        ("a: 1\nb: *x\n", 2, "undefined alias 'x'"),
        ("a: 1\nb: * 9 * * 1\n", 2, "begins with * in quotes"),
        ("a: &x 1\nb: &x 2\n", 2, "second occurrence"),
        ("a: 1\nb: " + "[" * 100_000, 2, "nested too deeply"),
        ("x" * (LONGEST + 1), 1, f"at most {LONGEST}"),
    ],
)
def test_what_is_not_one_document_is_one_fault_with_its_line(
    text: str, line: int, says: str
) -> None:
    fault = document(text, file="p.yaml")
    assert isinstance(fault, Fault)
    assert (fault.file, fault.line, fault.key) == ("p.yaml", line, "")
    assert says in str(fault)


def test_every_node_knows_its_line() -> None:
    node = root("---\n# why\na: 1\nb:\n- 2\n")
    lines = [(name.value, name.start_mark.line + 1) for name, _ in node.value]
    assert lines == [("a", 3), ("b", 4)]


def test_an_alias_is_not_followed() -> None:
    first, second = root("a: &x {b: 1}\nc: *x\n").value
    assert what(first[1]) == "a mapping"
    assert type(second[1]) is Alias
    assert second[1].start_mark.line == 1


def test_a_mapping_that_holds_itself_is_no_harm() -> None:
    ((_, inner),) = root("a: &x [*x]\n").value
    assert type(inner.value[0]) is Alias


def test_a_document_may_be_as_deep_as_the_limit() -> None:
    deepest = "[" * DEEPEST + "]" * DEEPEST
    assert what(root(deepest)) == "a list"
    assert isinstance(document(f"[{deepest}]", file="p.yaml"), Fault)


@pytest.mark.parametrize(
    ("text", "says", "took_for"),
    [
        ("x", "the text x", "str"),
        ("'7'", "the text 7", "str"),
        ("7", "the number 7", "int"),
        ("1:30", "the number 1:30", "int"),
        ("0.5", "the number 0.5", "float"),
        ("yes", "the boolean yes", "bool"),
        ("2026-11-24", "the value 2026-11-24", "timestamp"),
        ("!mine x", "the value x", "!mine"),
        ("[]", "a list", "seq"),
        ("{}", "a mapping", "map"),
    ],
)
def test_a_node_is_named_as_yaml_took_it(text: str, says: str, took_for: str) -> None:
    assert what(root(text)) == says
    assert kind(root(text)) == took_for
