from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.embedded_hub.objects import FrozenDict, frozen, merged, thawed, with_parts, without

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abc"), values)


@pytest.mark.parametrize(
    "change",
    [
        lambda obj: obj.update(a=2),
        lambda obj: obj.pop("a"),
        lambda obj: obj.__setitem__("a", 2),
        lambda obj: obj["b"].append(1),
        lambda obj: obj["b"][1].clear(),
        lambda obj: obj.__delitem__("a"),
        lambda obj: obj.setdefault("z", 1),
    ],
)
def test_a_frozen_object_cannot_be_changed_at_any_depth(change: Callable[[Any], Any]) -> None:
    obj = frozen({"a": 1, "b": [1, {"c": 2}]})
    with pytest.raises(TypeError, match="belongs to the hub"):
        change(obj)
    assert obj == {"a": 1, "b": [1, {"c": 2}]}


def test_a_frozen_object_reads_and_encodes_as_a_plain_one() -> None:
    obj = frozen({"a": (1, 2), "b": [{"c": None}]})
    assert json.loads(json.dumps(obj)) == {"a": [1, 2], "b": [{"c": None}]}
    assert msgspec.json.decode(msgspec.json.encode(obj)) == obj
    assert type({**obj}) is dict


def test_a_thawed_copy_is_free() -> None:
    obj = frozen({"a": {"b": [1]}})
    for free in (thawed(obj), copy.deepcopy(obj)):
        free["a"]["b"].append(2)
        assert free == {"a": {"b": [1, 2]}}
    assert obj == {"a": {"b": [1]}}


def test_what_is_frozen_already_is_shared() -> None:
    part = frozen({"x": 1})
    assert frozen({"part": part})["part"] is part


@given(objects, objects)
def test_a_merge_patch_does_what_the_standard_says(obj: Any, patch: Any) -> None:
    assert merged(frozen(obj), patch) == standard(obj, patch)


@given(objects)
def test_a_patch_of_what_is_there_gives_the_very_same_object(obj: Any) -> None:
    whole = frozen(merged(frozen({}), obj))  # without nulls, which remove
    assert merged(whole, thawed(whole)) is whole


def test_a_patch_shares_what_it_does_not_touch() -> None:
    obj = frozen({"spec": {"deep": [1, 2]}, "status": {"a": {"b": 1}, "c": {"d": 2}}})
    after = merged(obj, {"status": {"a": {"b": 9}}})
    assert after["spec"] is obj["spec"]
    assert after["status"]["c"] is obj["status"]["c"]


def test_parts_are_set_and_removed() -> None:
    obj = FrozenDict(a=1, b=2)
    assert with_parts(obj, a=None, c=[3]) == {"b": 2, "c": [3]}
    assert without(obj, ["a"]) == {"b": 2}


def standard(target: Any, patch: Any) -> Any:
    """MergePatch of RFC 7386, as its pseudo-code has it."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = standard(target.get(name), value)
    return target
