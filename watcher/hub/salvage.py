"""What of an object can be read, where one of its fields has the wrong shape?

One absurd field must not make a whole object vanish: each field is tried by itself, and the bad
ones are named, never quoted. Only the fields that the watcher reads are looked at, here as well,
so nothing that has no name becomes an object.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct

T = TypeVar("T", bound=Struct)

_ABSENT = Raw(b"null")


def read(body: bytes | Raw, shape: type[T], problems: list[str], *, at: str = "") -> T:
    """`body` as a `shape`; what could not be read of it is absent, and named in `problems`."""
    try:
        decoder: msgspec.json.Decoder[T] = _decoder(shape)
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError):
        return _salvaged(body, shape, problems, at)


def _salvaged(body: bytes | Raw, shape: type[T], problems: list[str], at: str) -> T:
    try:
        parts = msgspec.json.decode(body, type=_raw_twin(shape))
    except (msgspec.DecodeError, UnicodeError):
        problems.append(f"{at or 'it'} is not an object")
        return shape()
    members: dict[str, Any] = {}
    for member in msgspec.structs.fields(shape):
        raw = getattr(parts, member.name)
        if raw is _ABSENT:
            continue
        where = f"{at}.{member.encode_name}" if at else member.encode_name
        try:
            members[member.name] = msgspec.json.decode(raw, type=member.type)
        except (msgspec.DecodeError, UnicodeError):
            if (inner := _struct_in(member.type)) is not None:
                members[member.name] = _salvaged(raw, inner, problems, where)
            else:
                problems.append(f"{where} cannot be read")
    return shape(**members)


@functools.cache
def _decoder(shape: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


@functools.cache
def _raw_twin(shape: type[Struct]) -> type[Struct]:
    """A struct with the same members, all of them left undecoded."""
    members = msgspec.structs.fields(shape)
    return msgspec.defstruct(
        f"Raw{shape.__name__}",
        [(member.name, Raw, _ABSENT) for member in members],
        rename={member.name: member.encode_name for member in members},
    )


def _struct_in(annotation: Any) -> type[Struct] | None:
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, Struct):
            return each
    return None
