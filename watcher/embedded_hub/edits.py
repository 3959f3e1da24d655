"""How is a request to write read, and what does it answer?

From a body and a query to a write of the store: field managers, unknown fields, the kinds of patch.

Facts (Kubernetes API concepts; recorded in tests/captured/exchanges/patch-*.json, lease-*.json):
a manager that is not named is the User-Agent up to its first slash; built-in kinds take a strategic
merge patch, custom resources do not; updates of custom resources and of Leases must name the
resourceVersion; a delete that is done answers a Status, one that waits for finalizers the object.

Elsewhere: what a write may not do (store.py, validation.py). Server-side apply, dry runs, and what
makes a strategic merge patch other than a merge patch (lists merged by key) are not modelled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from watcher.embedded_hub.errors import (
    ApiError,
    BadRequest,
    Cause,
    MethodNotAllowed,
    UnsupportedMediaType,
    invalid,
    not_found,
    unreadable_patch,
)
from watcher.embedded_hub.events import stored_face
from watcher.embedded_hub.fields import known, strict_error, unknown_fields
from watcher.embedded_hub.json_patch import as_merge_patch
from watcher.embedded_hub.objects import Object, merged
from watcher.embedded_hub.reads import page
from watcher.embedded_hub.resources import LEASE
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.store import Store

_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
_OTHER_PATCHES = frozenset({"application/apply-patch+yaml", "application/apply-patch+cbor"})


@dataclass(frozen=True, slots=True)
class Edit:
    """A request to write, as it came."""

    asked: Target
    query: Mapping[str, str]
    content_type: str
    body: bytes
    user: str
    user_agent: str


@dataclass(slots=True)
class Done:
    """What came of it."""

    status: int
    answer: Object
    is_status: bool = False
    """`answer` is a Status, and so has no other shape."""
    warnings: list[str] = field(default_factory=list)


def edited(store: Store, edit: Edit) -> Done:
    """Do what `edit` asks. Raises ApiError."""
    if edit.query.get("dryRun"):
        raise BadRequest("the embedded hub does no dry runs")
    match edit.asked.verb:
        case "create":
            return _created(store, edit)
        case "update":
            return _updated(store, edit)
        case "patch":
            return _patched(store, edit)
        case "delete":
            return _deleted(store, edit, edit.asked.name or "")
        case "deletecollection":
            return _cleared(store, edit)
        case _:
            raise MethodNotAllowed(
                "the server does not allow this method on the requested resource", details={}
            )


def _created(store: Store, edit: Edit) -> Done:
    asked = edit.asked
    done = Done(201, {})
    obj = _object(edit, done)
    if asked.resource.namespaced and asked.namespace is None:
        raise BadRequest("an empty namespace may not be set during creation")
    done.answer = store.create(asked.stored, obj, manager=_manager(edit), user=edit.user)
    return done


def _updated(store: Store, edit: Edit) -> Done:
    asked = edit.asked
    done = Done(200, {})
    obj = _object(edit, done)
    name = obj["metadata"].get("name", "")
    if name != asked.name:
        raise BadRequest(
            f"the name of the object ({name}) does not match the name on the URL ({asked.name})"
        )
    unconditional = not asked.resource.custom and asked.resource is not LEASE
    if not unconditional and not obj["metadata"].get("resourceVersion"):
        said = "Invalid value: 0: must be specified for an update"
        raise invalid(asked.resource, name, [Cause("metadata.resourceVersion", said)])
    done.answer = store.replace(
        asked.stored,
        obj,
        subresource=_subresource(asked),
        manager=_manager(edit),
        user=edit.user,
    )
    return done


def _patched(store: Store, edit: Edit) -> Done:
    asked = edit.asked
    namespace, name = asked.namespace or "", asked.name or ""
    patch = _decoded(edit.body)
    before = store.get(asked.stored, namespace, name)
    if before is None:
        raise not_found(asked.resource, name)
    merge = _merge(edit, before, patch)
    done = Done(200, {})
    after = merged(before, merge)
    if unknown := _unknown(edit, after, done):
        text = json.dumps(after, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        quoted = json.dumps(text, ensure_ascii=False)[1:-1]
        raise unreadable_patch(asked.resource, quoted, strict_error(unknown))
    done.answer = store.patch(
        asked.stored,
        namespace,
        name,
        known(asked.stored.kind, merge),
        subresource=_subresource(asked),
        manager=_manager(edit),
        user=edit.user,
    )
    return done


def _deleted(store: Store, edit: Edit, name: str) -> Done:
    asked = edit.asked
    namespace = asked.namespace or ""
    options = _options(edit)
    before = store.get(asked.stored, namespace, name)
    if before is not None and options.get("propagationPolicy") == "Orphan":
        store.garbage.orphan(before)
    last = store.delete(
        asked.stored,
        namespace,
        name,
        preconditions=options.get("preconditions") or {},
        user=edit.user,
    )
    left = store.get(asked.stored, namespace, name)
    if left is not None:
        return Done(200, left)
    group = {"group": asked.resource.group} if asked.resource.group else {}
    uid = last["metadata"]["uid"]
    details = {"name": name, **group, "kind": asked.resource.plural, "uid": uid}
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return Done(200, {**head, "details": details}, is_status=True)


def _cleared(store: Store, edit: Edit) -> Done:
    for obj in page(store, edit.asked, edit.query, seen=store.revision).items:
        metadata = obj["metadata"]
        namespace = metadata.get("namespace", "")
        store.delete(edit.asked.stored, namespace, metadata["name"], user=edit.user)
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return Done(200, {**head, "details": {"kind": edit.asked.resource.plural}}, is_status=True)


def _object(edit: Edit, done: Done) -> Object:
    """The body of a create or an update, as the store takes it."""
    asked = edit.asked
    if edit.content_type not in ("application/json", ""):
        raise _unsupported("application/json, application/yaml")
    given = _decoded(edit.body)
    if not isinstance(given, Mapping) or not isinstance(given.get("metadata"), Mapping | None):
        raise BadRequest("json: cannot unmarshal into Go struct field ObjectMeta")
    resource = asked.resource
    kind, version = given.get("kind", resource.kind), given.get("apiVersion", resource.api_version)
    if (kind, version) != (resource.kind, resource.api_version):
        raise _cannot_be_handled(edit, f"no kind registered for {version}, Kind={kind}")
    obj = stored_face(resource, given)
    if unknown := _unknown(edit, obj, done):
        raise _cannot_be_handled(edit, strict_error(unknown))
    obj = known(asked.stored.kind, obj)
    metadata = dict(obj.get("metadata") or {})
    if asked.namespace is None:
        return {**obj, "metadata": metadata}
    if metadata.setdefault("namespace", asked.namespace) != asked.namespace:
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return {**obj, "metadata": metadata}


def _merge(edit: Edit, before: Object, patch: Any) -> Object:
    custom = edit.asked.resource.custom
    accepted = [_JSON_PATCH, _MERGE, *([] if custom else [_STRATEGIC])]
    if edit.content_type in _OTHER_PATCHES or (custom and edit.content_type == _STRATEGIC):
        raise _unsupported(", ".join(accepted))
    if edit.content_type not in accepted:
        raise UnsupportedMediaType("415: Unsupported Media Type", details={})
    if edit.content_type == _JSON_PATCH:
        if not isinstance(patch, list):
            raise BadRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
        return stored_face(edit.asked.resource, as_merge_patch(before, patch))
    if not isinstance(patch, Mapping):
        raise BadRequest("json: cannot unmarshal array into Go value of type map[string]interface")
    if edit.content_type == _STRATEGIC:
        patch = _without_directives(patch)
    return stored_face(edit.asked.resource, patch)


def _without_directives(patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    return {
        key: _without_directives(part) for key, part in patch.items() if not key.startswith("$")
    }


def _unknown(edit: Edit, obj: Mapping[str, Any], done: Done) -> list[str]:
    """The unknown fields that refuse the request; `done` takes those that only warn."""
    unknown = unknown_fields(edit.asked.stored.kind, obj)
    validation = edit.query.get("fieldValidation") or "Warn"
    if validation == "Warn":
        done.warnings += [f'unknown field "{path}"' for path in unknown]
    return unknown if validation == "Strict" else []


def _options(edit: Edit) -> Mapping[str, Any]:
    given = _decoded(edit.body) if edit.body.strip() else {}
    if not isinstance(given, Mapping):
        raise BadRequest("json: cannot unmarshal into Go value of type v1.DeleteOptions")
    return {**edit.query, **given}


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"couldn't get version/kind; json parse error: {error}") from error


def _manager(edit: Edit) -> str:
    return edit.query.get("fieldManager") or edit.user_agent.partition("/")[0]


def _subresource(asked: Target) -> str | None:
    return "status" if asked.subresource == "status" else None


def _unsupported(accepted: str) -> ApiError:
    return UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include:"
        f" {accepted}"
    )


def _cannot_be_handled(edit: Edit, why: str) -> BadRequest:
    resource = edit.asked.resource
    return BadRequest(
        f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}:'
        f" {why}"
    )
