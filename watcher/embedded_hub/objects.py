"""How does the hub hold an object, so that it can hand it out without a copy?

As JSON whose dicts and lists refuse every change (`FrozenDict`, `FrozenList`). They are a dict and
a list in every other way: they compare, iterate and encode as such. Whoever wants to change one
takes a `thawed` copy. A new version of an object shares every part with the old one that did not
change, which makes "did this part change?" a question of identity first, and 20,000 Applications
of 10 KiB affordable.

Facts (RFC 7386; Kubernetes, staging/src/k8s.io/apimachinery/pkg/util/jsonmergepatch): in a merge
patch null removes, an object is merged into an object, and everything else, lists included,
replaces what was there.

Elsewhere: JSON patch, which only `kubectl patch --type=json` sends (json_patch.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, NoReturn, TypeAlias

Object: TypeAlias = dict[str, Any]
"""A Kubernetes object as JSON. From the store it is frozen; handed to the store it may be plain."""


_WORD = 64
"""Strings below this many characters are held once however often they occur: kinds, states, names
of resources. Of 20,000 Applications that is a third of the memory."""


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("this object belongs to the hub: change a copy (thawed) and write that")


class FrozenDict(dict[str, Any]):
    """A dict that cannot be changed; `dict(it)` is a shallow plain copy."""

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __deepcopy__(self, _memo: object) -> Object:
        copy: Object = thawed(self)
        return copy


class FrozenList(list[Any]):
    """A list that cannot be changed; `list(it)` is a shallow plain copy."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __deepcopy__(self, _memo: object) -> list[Any]:
        copy: list[Any] = thawed(self)
        return copy


_AS_THEY_ARE = frozenset({FrozenDict, FrozenList, int, bool, float, type(None)})


def frozen(value: Any) -> Any:
    """`value` with every dict and list in it frozen; parts that are frozen already are shared."""
    kind = type(value)
    if kind is str:
        return intern(value) if len(value) < _WORD else value
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict or isinstance(value, Mapping):
        return FrozenDict({key: frozen(part) for key, part in value.items()})
    if kind is list or isinstance(value, list | tuple):
        return FrozenList([frozen(part) for part in value])
    return value


def thawed(value: Any) -> Any:
    """A deep copy of `value` in plain dicts and lists, free to be changed."""
    if isinstance(value, Mapping):
        return {key: thawed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [thawed(part) for part in value]
    return value


def merged(value: Any, patch: Any) -> Any:
    """`value` after the JSON merge patch `patch`, frozen; `value` itself where nothing changes."""
    if not isinstance(patch, Mapping):
        return value if value == patch else frozen(patch)
    before: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    after = dict(before)
    for key, part in patch.items():
        if part is None:
            after.pop(key, None)
        else:
            after[key] = merged(before.get(key), part)
    unchanged = isinstance(value, FrozenDict) and same_parts(before, after)
    return value if unchanged else frozen(after)


def same_parts(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both hold equal parts under the same keys; parts that are shared cost nothing."""
    return one.keys() == other.keys() and all(
        part is other[key] or part == other[key] for key, part in one.items()
    )


def with_parts(value: Mapping[str, Any], **parts: Any) -> FrozenDict:
    """`value` with these keys set, and with those removed whose part is None."""
    after = {**frozen(value), **{key: frozen(part) for key, part in parts.items()}}
    for key, part in parts.items():
        if part is None:
            del after[key]
    return FrozenDict(after)


def without(value: Mapping[str, Any], keys: Iterable[str]) -> FrozenDict:
    """`value` without `keys`."""
    gone = frozenset(keys)
    return FrozenDict({key: part for key, part in frozen(value).items() if key not in gone})
