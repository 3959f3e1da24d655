from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from watcher.hub.salvage import read

DEEP = b"[" * 2_000 + b"]" * 2_000
"""Deeper than the decoder goes, and no deeper than the API server allows."""
ABSURD = [b"7", b"-1", b'"x"', b"true", b"1e400", b"-1e400", b"9" * 400, b"[]", b"[[[]]]", b"{}"]
ABSURD += [b'[7, null, {"a": [1e400]}]', b'{"a": {"a": 7}}', b'"\xff"']


class Inner(Struct, frozen=True, rename="camel"):
    since_at: str | None = None
    count: int | None = None


class Shape(Struct, frozen=True, rename="camel"):
    name: str | None = None
    inner: Inner | None = None
    labels: dict[str, str] | None = None
    several: list[Inner] | None = None
    untouched: Raw = Raw(b"null")


WHOLE: dict[str, Any] = {
    "name": "a",
    "inner": {"sinceAt": "now", "count": 3},
    "labels": {"k": "v"},
    "several": [{"count": 1}, {"count": 2}],
    "nobody reads this": {"deep": [1, 2]},
}


def with_member(path: str, value: bytes) -> bytes:
    """WHOLE with `value` for the member at `path`, as the bytes that come."""
    changed = json.loads(json.dumps(WHOLE))
    *above, last = path.split(".")
    part = changed
    for step in above:
        part = part[step]
    part[last] = "PLACE"
    return json.dumps(changed).encode().replace(b'"PLACE"', value)


def tried(body: bytes) -> tuple[Shape, list[str]]:
    problems: list[str] = []
    return read(body, Shape, problems), problems


def test_what_has_its_shape_is_read_and_nothing_is_named() -> None:
    said, problems = tried(json.dumps(WHOLE).encode())
    assert said.name == "a"
    assert said.inner == Inner("now", 3)
    assert said.several == [Inner(count=1), Inner(count=2)]
    assert problems == []


@pytest.mark.parametrize("member", ["name", "inner", "labels", "several"])
def test_null_is_the_same_as_absent(member: str) -> None:
    said, problems = tried(with_member(member, b"null"))
    assert getattr(said, member) is None
    assert problems == []


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("name", "name cannot be read"),
        ("inner", "inner is not an object"),
        ("inner.sinceAt", "inner.sinceAt cannot be read"),
        ("inner.count", "inner.count cannot be read"),
        ("labels", "labels cannot be read"),
        ("several", "several cannot be read"),
    ],
)
def test_one_absurd_member_costs_no_other_and_is_named_where_it_is(path: str, named: str) -> None:
    said, problems = tried(with_member(path, b'[1e400, "\xff"]'))
    assert problems == [named]
    kept = {
        "name": said.name == "a",
        "inner": said.inner == Inner("now", 3),
        "labels": said.labels == {"k": "v"},
        "several": said.several == [Inner(count=1), Inner(count=2)],
    }
    assert [member for member, whole in kept.items() if not whole] == [path.split(".")[0]]


def test_a_member_beside_an_absurd_one_is_read_at_any_depth() -> None:
    said, _ = tried(with_member("inner.count", b'"many"'))
    assert said.inner == Inner("now", None)


def test_a_problem_names_and_never_quotes() -> None:
    _, problems = tried(with_member("inner.count", b'"CANARY"'))
    assert problems
    assert not any("CANARY" in each for each in problems)


@pytest.mark.parametrize("value", ABSURD)
@pytest.mark.parametrize("path", ["name", "inner", "inner.count", "labels", "several", "untouched"])
def test_nothing_that_is_json_raises(path: str, value: bytes) -> None:
    said, problems = tried(with_member(path, value))
    assert path.startswith("name") or said.name == "a"
    assert all(each.startswith(path.split(".")[0]) for each in problems)


@pytest.mark.parametrize("value", ABSURD)
def test_what_nobody_reads_may_be_anything(value: bytes) -> None:
    said, problems = tried(with_member("nobody reads this", value))
    assert said.name == "a"
    assert problems == []


@pytest.mark.parametrize("body", [b"", b" ", b"<html>503</html>", b'{"name": "a"} {}', b"NaN"])
def test_what_is_no_json_raises_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        tried(body)


@pytest.mark.parametrize("body", [b"null", b"7", b"[]", b'"a"', b"true"])
def test_json_that_is_no_object_raises_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        tried(body)


def test_a_part_that_is_no_object_is_a_problem() -> None:
    problems: list[str] = []
    assert read(Raw(b"7"), Inner, problems, at="status") == Inner()
    assert problems == ["status is not an object"]


@given(st.integers(0, 200))
def test_every_beginning_of_an_object_raises_a_decode_error(length: int) -> None:
    whole = json.dumps(WHOLE).encode()
    with pytest.raises(msgspec.DecodeError):
        tried(whole[: min(length, len(whole) - 1)])


@pytest.mark.parametrize("path", ["untouched", "nobody reads this", "labels", "name"])
def test_what_nests_too_deep_raises_a_decode_error_and_nothing_else(path: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        tried(with_member(path, DEEP))


def test_a_part_that_nests_too_deep_is_a_problem() -> None:
    problems: list[str] = []
    assert read(Raw(DEEP), Inner, problems, at="status") == Inner()
    assert problems == ["status is not an object"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*WHOLE, "x"]), inner),
    )
)
def test_whatever_the_json_it_is_read_or_it_is_no_object(document: Any) -> None:
    body = msgspec.json.encode(document)
    if not isinstance(document, dict):
        with pytest.raises(msgspec.DecodeError):
            tried(body)
        return
    said, problems = tried(body)
    name = document.get("name")
    assert said.name == (name if isinstance(name, str) else None)
    assert ("name cannot be read" in problems) == (not isinstance(name, str | None))
