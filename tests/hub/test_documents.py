"""Texts as people write them, and as somebody would who means harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.hub.documents import DEEPEST, LONGEST_BYTES, MOST_VALUES, documents

CANARY = "CANARY-credential-must-never-appear"


def read(text: str | bytes) -> list[tuple[int, Any]]:
    found, faults = documents(text.encode() if isinstance(text, str) else text, file="x")
    assert faults == []
    return [(each.line, json.loads(each.body)) for each in found]


def fault(text: str | bytes) -> str:
    _, faults = documents(text.encode() if isinstance(text, str) else text, file="x")
    (only,) = faults
    return str(only)


def test_each_document_has_its_line() -> None:
    assert read("# head\n---\na: 1\n---\n\n---\nb: x\n") == [(3, {"a": 1}), (7, {"b": "x"})]


def test_the_items_of_a_list_are_objects_of_their_own() -> None:
    text = "kind: List\nitems:\n  - kind: A\n  - kind: List\n    items: [{kind: B}]\n"
    assert (3, {"kind": "A"}) in read(text)
    assert (5, {"kind": "B"}) in read(text)


def test_json_is_read_alone_in_a_list_and_in_a_line() -> None:
    assert read('{"kind": "A"}') == [(1, {"kind": "A"})]
    assert read('{"items": [{"kind": "A"}, {"kind": "B"}]}') == [
        (0, {"kind": "A"}),
        (0, {"kind": "B"}),
    ]
    assert read('[{"kind": "A"}]') == [(0, {"kind": "A"})]
    assert read("{kind: A}") == [(1, {"kind": "A"})]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", True), ("'yes'", "yes"), ("off", False), ("~", None), ("", None), ("7", 7),
        ("010", 8), ("0x1F", 31), ("09", "09"), ("1.5", 1.5), (".inf", ".inf"), ("1e999", "1e999"),
        ("99999999999999999999", "99999999999999999999"), ("1:30", "1:30"), ("!!str 7", "7"),
        ("2026-03-02", "2026-03-02"), ("!!python/object/apply:os.system x", "x"), ("!x 7", "7"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)  # fmt: skip
def test_a_scalar_is_what_kubectl_takes_it_for(written: str, value: object) -> None:
    assert read(f"a: {written}\n") == [(1, {"a": value})]


def test_aliases_and_merges_are_followed() -> None:
    text = "x: &x {a: 1, b: 2}\ny: *x\nz: {<<: *x, b: 3}\nw: {<<: [*x, {c: 4}]}\n"
    ((_, made),) = read(text)
    assert (made["y"], made["z"]) == ({"a": 1, "b": 2}, {"a": 1, "b": 3})
    assert made["w"] == {"a": 1, "b": 2, "c": 4}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\tb: 1\n", "x:2: it is not YAML: found character that cannot start any token"),
        ("a: [1\n", "x:2: it is not YAML: did not find expected"),
        ("? [a]\n: 1\n", "x:1: a key is no text; write keys as text"),
        ("a: *b\n", "x:1: an alias stands for nothing, or for what it is part of; write the value"),
        ("a: &a [*a]\n", "x:1: an alias stands for nothing, or for what it is part of"),
        ("a: \x00\n", "x:1: it is not YAML: control characters are not allowed"),
        (b"a: b\nc: \xff\n", "x:2: byte 8 is no UTF-8; save it as UTF-8"),
        ("{{ if .x }}\na: b\n{{ end }}\n", "x:1: a key is no text; write keys as text; where"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(text: str | bytes, said: str) -> None:
    assert fault(text).startswith(said)


def test_of_a_key_that_is_given_twice_the_last_counts_and_each_is_named() -> None:
    text = b"a: {b: 1, b: 2}\na: 3\n---\nc: 4\n---\nitems:\n- d: 5\n  d: 6\n- e: 7\n"
    found, faults = documents(text, file="x")
    assert faults == []
    assert [(each.body, each.repeated) for each in found] == [
        (b'{"a":3}', ("b in line 1", "a in line 2")),
        (b'{"c":4}', ()),
        (b'{"d":6}', ("d in line 8",)),
        (b'{"e":7}', ()),
    ]


def test_what_stands_before_a_fault_is_read() -> None:
    found, faults = documents(b"a: 1\n---\nb: [\n", file="x")
    assert [each.body for each in found] == [b'{"a":1}']
    assert len(faults) == 1


@pytest.mark.parametrize("opening", ["[", "{a: ", '{"a":', "- ", "? "])
def test_depth_is_refused_before_it_costs_anything(opening: str) -> None:
    assert f"nested deeper than {DEEPEST}" in fault(opening * 100_000)


def test_a_bomb_of_aliases_is_refused() -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    for before, name in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]")
    assert f"more than {MOST_VALUES} values" in fault("\n".join(lines))


def test_a_bomb_of_one_long_text_is_refused() -> None:
    long = f"a: &a {'x' * 1_000_000}\nb: [{','.join(['*a'] * 200)}]\n"
    assert f"more than {MOST_VALUES} values" in fault(long)


def test_a_text_that_is_too_long_is_not_even_begun() -> None:
    assert f"at most {LONGEST_BYTES} are read" in fault(b" " * (LONGEST_BYTES + 1))


def test_of_secrets_only_what_names_a_cluster_is_kept() -> None:
    text = (
        f"stringData: {{name: a, config: {CANARY}, server: s}}\n"
        f"data: {{config: {CANARY}, password: {CANARY}, shard: '1'}}\n"
        "metadata:\n  annotations:\n    a: b\n"
        f"    kubectl.kubernetes.io/last-applied-configuration: '{CANARY}'\n"
    )
    ((_, made),) = read(text)
    assert made == {
        "stringData": {"name": "a", "server": "s"},
        "data": {"shard": "1"},
        "metadata": {"annotations": {"a": "b"}},
    }
    (listed,) = [each for _, each in read("items:\n- " + text.replace("\n", "\n  "))]
    assert listed == made


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        st.text(alphabet="a:{}[]&*<!|>-?'\"#%@,\\ \n\t0x1.e", max_size=60).map(str.encode),
    )
)
def test_no_text_makes_it_raise(text: bytes) -> None:
    found, faults = documents(text, file="x")
    assert len(faults) <= 1
    for each in found:
        assert isinstance(json.loads(each.body), dict | list | str | int | float | None)
