"""How does the hub say no?

Each refusal is an exception that carries what its `Status` body says, as a real API server words
it: recorded exchanges judge the wording (tests/captured/exchanges).

Facts (Kubernetes, staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go): the reasons and the
codes; `details.group` is left out for the core group; a refusal of RBAC or of an admission policy
is `Forbidden` and says who and why.
"""

# ruff: noqa: N818  # named as Kubernetes names the reasons

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource

NO_DETAILS: Mapping[str, Any] = {}


class ApiError(Exception):
    """A refusal: `code` is the HTTP status, the rest is the body."""

    code = 500
    reason = "InternalError"

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] = NO_DETAILS,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.metadata = metadata

    def status(self) -> Object:
        """The body: a `Status` object."""
        said = {} if self.details is None else {"details": dict(self.details)}
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": dict(self.metadata),
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            **said,
            "code": self.code,
        }


class InternalError(ApiError):
    """500: what a request asks for cannot be had at all."""


class BadRequest(ApiError):
    """400: the request cannot be read."""

    code = 400
    reason = "BadRequest"


class Unauthorized(ApiError):
    """401: nobody knows who asks."""

    code = 401
    reason = "Unauthorized"


class Forbidden(ApiError):
    """403: RBAC, or a rule in `Store.admit`, refuses."""

    code = 403
    reason = "Forbidden"


class NotFound(ApiError):
    """404."""

    code = 404
    reason = "NotFound"


class MethodNotAllowed(ApiError):
    """405."""

    code = 405
    reason = "MethodNotAllowed"


class NotAcceptable(ApiError):
    """406: the `Accept` header names nothing that can be given."""

    code = 406
    reason = "NotAcceptable"


class AlreadyExists(ApiError):
    """409 on a create."""

    code = 409
    reason = "AlreadyExists"


class Conflict(ApiError):
    """409 on a write whose precondition fails."""

    code = 409
    reason = "Conflict"


class Expired(ApiError):
    """410: the history that is asked for was compacted."""

    code = 410
    reason = "Expired"


class UnsupportedMediaType(ApiError):
    """415."""

    code = 415
    reason = "UnsupportedMediaType"


class Invalid(ApiError):
    """422: the object says what it may not."""

    code = 422
    reason = "Invalid"


class TooManyRequests(ApiError):
    """429."""

    code = 429
    reason = "TooManyRequests"


class ServiceUnavailable(ApiError):
    """503."""

    code = 503
    reason = "ServiceUnavailable"


class Timeout(ApiError):
    """504."""

    code = 504
    reason = "Timeout"


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that an object may not have so."""

    field: str
    message: str
    reason: str = "FieldValueInvalid"


def not_found(resource: Resource, name: str) -> NotFound:
    """No such object."""
    return NotFound(f'{resource.qualified} "{name}" not found', details=_details(resource, name))


def already_exists(resource: Resource, name: str) -> AlreadyExists:
    """An object of that name is there."""
    return AlreadyExists(
        f'{resource.qualified} "{name}" already exists', details=_details(resource, name)
    )


def conflict(resource: Resource, name: str, why: str = "") -> Conflict:
    """The object is not the one, or not the version, that the writer has seen."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version and try"
        " again"
    )
    return Conflict(
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}',
        details=_details(resource, name),
    )


def forbidden(resource: Resource, name: str, why: str) -> Forbidden:
    """`why` nobody may do that; for rules in `Store.admit` as for RBAC."""
    named = f' "{name}"' if name else ""
    return Forbidden(
        f"{resource.qualified}{named} is forbidden: {why}", details=_details(resource, name)
    )


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> Invalid:
    """Each of `causes`, all of them at once; a message that repeats is said once."""
    said = list(dict.fromkeys(f"{cause.field}: {cause.message}" for cause in causes))
    text = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    group = {"group": resource.group} if resource.group else {}
    return Invalid(
        f'{resource.qualified_kind} "{name}" is invalid: {text}',
        details={
            "name": name,
            **group,
            "kind": resource.kind,
            "causes": [
                {"reason": cause.reason, "message": cause.message, "field": cause.field}
                for cause in causes
            ],
        },
    )


def unreadable_patch(resource: Resource, patched: str, why: str) -> Invalid:
    """The object that a patch makes (`patched`, as JSON) is none; the name is not known here."""
    message = f'Invalid value: "{patched}": {why}'
    causes = [{"reason": "FieldValueInvalid", "message": message, "field": "patch"}]
    return Invalid(f' "" is invalid: patch: {message}', details={"causes": causes})


def too_old(revision: int, oldest: int) -> Expired:
    """A watch from `revision`, of which only what came after `oldest` is still known."""
    return Expired(f"too old resource version: {revision} ({oldest})")


def too_large(revision: int, current: int) -> Timeout:
    """A read that must not be older than `revision`, which has not come yet."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return Timeout(
        f"Timeout: Too large resource version: {revision}, current: {current}",
        details={"causes": [cause], "retryAfterSeconds": 1},
    )


def _details(resource: Resource, name: str) -> dict[str, Any]:
    named = {"name": name} if name else {}
    group = {"group": resource.group} if resource.group else {}
    return {**named, **group, "kind": resource.plural}
