"""What does the hub answer, once it is bytes no longer?

What looks alike for every kind: the envelopes of lists and of watch events, refusals (Status), bare
metadata. What is inside an envelope is read by whoever knows the kind. Each function here raises
ValueError (msgspec's errors are) where the bytes are not what was asked for.

Facts (Kubernetes, captured):
- A refused patch can quote the whole Secret in its message, base64 and all (400 and 422): such
  text is not kept.
- The 403 and 404 of a proxy or of a path that is not served are no Status.
- An ERROR event may lack its reason, its code, or anything else.

Elsewhere: the objects themselves (decode.py); what to do about a refusal (watching.py,
patching.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct


class Held(Protocol):
    """An object that a store can hold."""

    @property
    def uid(self) -> str:
        """`metadata.uid`."""

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""

    @property
    def resource_version(self) -> str:
        """`metadata.resourceVersion`."""

    @property
    def key(self) -> str:
        """`namespace/name`."""


T = TypeVar("T")
H = TypeVar("H", bound=Held)


class Page(Struct, Generic[T], frozen=True):
    """One page of a list."""

    items: tuple[T, ...]
    resource_version: str
    """Of the whole list: the same on each of its pages."""
    continue_token: str = ""
    """What asks for the next page; empty on the last one."""


class Status(Struct, frozen=True):
    """A refusal, without anything that may quote an object."""

    code: int
    reason: str = ""
    message: str = ""
    """What the hub said, on one line; empty where it may quote an object."""
    retry_after_s: float | None = None
    causes: frozenset[str] = frozenset()
    """The reasons of its causes."""
    fields: frozenset[str] = frozenset()
    """The fields that its causes name."""

    def __str__(self) -> str:
        """Code, reason and message."""
        head = f"{self.code} {self.reason}".rstrip()
        return f"{head}: {self.message}" if self.message else head


class Upserted(Struct, Generic[T], frozen=True):
    """ADDED or MODIFIED: the object is there, in this state."""

    object: T


class Deleted(Struct, Generic[T], frozen=True):
    """DELETED: the last state, with the resourceVersion of the deletion."""

    object: T


class Bookmark(Struct, frozen=True):
    """BOOKMARK: all that happened up to this resourceVersion was sent."""

    resource_version: str


class ErrorEvent(Struct, frozen=True):
    """ERROR: the stream is at its end."""

    status: Status


WatchEvent: TypeAlias = Upserted[T] | Deleted[T] | Bookmark | ErrorEvent


class Metadata(Struct, frozen=True):
    """What identifies an object and its state."""

    namespace: str
    name: str
    uid: str
    resource_version: str

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


def number(resource_version: str) -> int:
    """The resourceVersion as the integer it is (KEP-5504); 0, older than all, where it is none."""
    plain = resource_version.isascii() and resource_version.isdecimal()
    return int(resource_version) if plain and len(resource_version) <= _LONGEST_NUMBER else 0


def status_of(body: bytes, code: int, retry_after_s: float | None = None) -> Status:
    """The refusal in `body`, whatever it is: an HTTP answer with this code and Retry-After."""
    try:
        document = _decode_status(body)
    except ValueError:
        return Status(code=code, retry_after_s=retry_after_s)
    return status_from(document, code=code, retry_after_s=retry_after_s)


class StatusDocument(Struct, frozen=True, rename="camel"):
    """A Status as it came, each field of any type."""

    code: Any = None
    reason: Any = None
    message: Any = None
    details: Any = None


def status_from(
    document: StatusDocument, *, code: int = 0, retry_after_s: float | None = None
) -> Status:
    """What of `document` is of use; the HTTP answer's own code and Retry-After go first."""
    details = document.details if isinstance(document.details, dict) else {}
    said = details.get("causes")
    causes = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    code = code or (document.code if isinstance(document.code, int) else 0)
    return Status(
        code=code,
        reason=one_line(document.reason),
        message=one_line(document.message)
        if code in _QUOTES_NOTHING or document.reason == BAD_QUESTION
        else "",
        retry_after_s=wait_s(details.get("retryAfterSeconds"))
        if retry_after_s is None
        else retry_after_s,
        causes=frozenset(one_line(each.get("reason")) for each in causes) - {""},
        fields=frozenset(one_line(each.get("field")) for each in causes) - {""},
    )


def wait_s(seconds: object) -> float | None:
    """How long the hub asks us to wait, where that can be believed."""
    if not isinstance(seconds, int | float) or not 0 <= seconds <= _LONGEST_WAIT_S:
        return None
    return float(seconds)


def one_line(text: object) -> str:
    """`text` on one line and not too long, whatever the hub put into it; "" where it is none."""
    if not isinstance(text, str):
        return ""
    plain = "".join(char if char.isprintable() else " " for char in text[:_LONGEST_TEXT])
    return plain.strip() + ("…" if len(text) > _LONGEST_TEXT else "")


def read_page(body: bytes, read: Callable[[Raw], H], *, kind: str) -> Page[H]:
    """A page of a list of this `kind` (`SecretList`), each object read by `read`."""
    document = _decode_list(body)
    if document.kind != kind:
        raise ValueError(f"a {one_line(document.kind) or 'nameless kind'} came, not a {kind}")
    return Page(
        items=tuple(_identified(read(item)) for item in document.items or ()),
        resource_version=_version(document.metadata.resource_version),
        continue_token=document.metadata.continue_ or "",
    )


def read_event(line: bytes, read: Callable[[Raw], H]) -> WatchEvent[H]:
    """One line of a watch, its object read by `read`."""
    type_, body = _opened(line)
    match type_:
        case "ADDED" | "MODIFIED":
            return Upserted(_identified(read(body)))
        case "DELETED":
            return Deleted(_identified(read(body)))
        case "BOOKMARK":
            partial = msgspec.json.decode(body, type=_Bookmarked)
            return Bookmark(_version(partial.metadata.resource_version))
        case "ERROR":
            return ErrorEvent(status_from(msgspec.json.decode(body, type=StatusDocument)))
        case other:
            raise ValueError(f"an event of the unknown type {one_line(other)}")


def read_metadata(body: bytes) -> Metadata:
    """A PartialObjectMetadata; raises ValueError where it is none."""
    return _metadata(_decode_one(body))


def read_metadata_page(body: bytes) -> Page[Metadata]:
    """A PartialObjectMetadataList; raises ValueError where it is none."""
    document = _decode_page(body)
    return Page(
        items=tuple(_metadata(item) for item in document.items or ()),
        resource_version=_version(document.metadata.resource_version),
        continue_token=document.metadata.continue_ or "",
    )


_QUOTES_NOTHING = frozenset({401, 403, 404, 405, 409, 410, 415, 429, 503, 504})
"""The codes whose messages name objects and accounts but never quote a body."""

BAD_QUESTION = "BadQuestion"
"""The reason that a watcher alone gives: its message quotes the question."""

_LONGEST_TEXT = 500
"""Characters of the hub's own text that we show; an admission policy's message fits."""

_LONGEST_WAIT_S = 300.0
"""The API server asks for seconds; what asks for more than this is not believed."""

_LONGEST_NUMBER = 20
"""Digits of an unsigned 64-bit integer."""


class _ObjectMeta(Struct, frozen=True, rename="camel"):
    name: str
    uid: str
    resource_version: str
    namespace: str = ""


class _Partial(Struct, frozen=True):
    metadata: _ObjectMeta


class _PartialKind(Struct, frozen=True, tag_field="kind", tag="PartialObjectMetadata"):
    metadata: _ObjectMeta


class _ListMeta(Struct, frozen=True, rename="camel"):
    resource_version: str
    continue_: str | None = msgspec.field(default=None, name="continue")


class _PartialList(Struct, frozen=True, tag_field="kind", tag="PartialObjectMetadataList"):
    metadata: _ListMeta
    items: list[_Partial] | None = None


class _List(Struct, frozen=True):
    metadata: _ListMeta
    kind: str = ""
    items: list[Raw] | None = None


class _Event(Struct, frozen=True):
    type: str
    object: Raw


class _VersionOnly(Struct, frozen=True, rename="camel"):
    resource_version: str


class _Bookmarked(Struct, frozen=True):
    metadata: _VersionOnly


_HEADS = tuple(
    (type_, f'{{"type":"{type_}","object":'.encode()) for type_ in ("MODIFIED", "ADDED", "DELETED")
)
_decode_list = msgspec.json.Decoder(_List).decode
_decode_event = msgspec.json.Decoder(_Event).decode
_decode_status = msgspec.json.Decoder(StatusDocument).decode
_decode_one = msgspec.json.Decoder(_PartialKind).decode
_decode_page = msgspec.json.Decoder(_PartialList).decode


def _opened(line: bytes) -> tuple[str, Raw]:
    """Type and object of an event.

    As an API server writes it, the object is the rest of the line: that spares reading it twice,
    a twentieth of what an event costs. Whoever writes it otherwise is read the long way.
    """
    for type_, head in _HEADS:
        if line.startswith(head) and line.endswith(b"}}"):
            return type_, Raw(line[len(head) : -1])
    event = _decode_event(line)
    return event.type, event.object


def _identified(held: H) -> H:
    if not (held.uid and held.resource_version):
        raise ValueError("an object without uid or resourceVersion")
    return held


def _version(resource_version: str) -> str:
    if not number(resource_version):
        raise ValueError("a resourceVersion that is no number")
    return resource_version


def _metadata(partial: _Partial | _PartialKind) -> Metadata:
    meta = partial.metadata
    return Metadata(meta.namespace, meta.name, meta.uid, meta.resource_version)
