"""What of an object can be read, where one of its fields has the wrong shape?

One absurd field must not make a whole object vanish: each field is tried by itself, and the bad
ones are named, never quoted. Only the fields that the watcher reads are looked at, here as well,
so nothing that has no name becomes an object.

Facts (Kubernetes, apimachinery/pkg/runtime/serializer/json): the API server lets values nest deeper
than the decoder here does, so a value may be good JSON and still not to be read.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct

from watcher.facts import Instant, instant
from watcher.hub.reported import absent

T = TypeVar("T", bound=Struct)

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What decoding raises: no JSON, or of another shape; no UTF-8; nested too deep."""
_ABSENT = Raw(b"null")


def read(body: bytes | Raw, shape: type[T], problems: list[str], *, at: str = "") -> T:
    """`body` as a `shape`; what could not be read of it is absent, and named in `problems`.

    Raises msgspec.DecodeError where `body` is no JSON object. `at` is what `body` is a part of:
    then that is a problem, too.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except UNREADABLE:
        return _salvaged(body, shape, problems, at)


def part(raw: Raw, shape: type[T], problems: list[str], *, at: str) -> T:
    """A member that was left undecoded; what could not be read of it is absent, and named."""
    return shape() if absent(raw) else read(raw, shape, problems, at=at)


def moment(text: str | None, where: str, problems: list[str]) -> Instant | None:
    """A time that cannot be read is not the same as one that is not there."""
    at = instant(text)
    if text and at is None:
        problems.append(f"{where} is no time")
    return at


def _salvaged(body: bytes | Raw, shape: type[T], problems: list[str], at: str) -> T:
    try:
        parts = msgspec.json.decode(body, type=_raw_twin(shape))
    except UNREADABLE as error:
        if not at:
            raise _as_decode_error(error) from None
        problems.append(f"{at} is not an object")
        return shape()
    members: dict[str, Any] = {}
    for member in msgspec.structs.fields(shape):
        raw = getattr(parts, member.name)
        if raw is _ABSENT:
            continue
        where = f"{at}.{member.encode_name}" if at else member.encode_name
        try:
            members[member.name] = msgspec.json.decode(raw, type=member.type)
        except UNREADABLE:
            if (inner := _struct_in(member.type)) is not None:
                members[member.name] = _salvaged(raw, inner, problems, where)
            else:
                problems.append(f"{where} cannot be read")
    return shape(**members)


def _as_decode_error(error: Exception) -> msgspec.DecodeError:
    """Callers need to know one error only, and its text holds nothing of the body."""
    if isinstance(error, msgspec.DecodeError):
        return error
    return msgspec.DecodeError(
        "nested too deep" if isinstance(error, RecursionError) else "no UTF-8"
    )


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
