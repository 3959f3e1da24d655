"""What does a get or a list answer?

Facts (Kubernetes API concepts, resource versions; tests/captured/exchanges/list-*.json): a list
without resourceVersion shows the latest; one that must not be older than a revision which has not
come yet is refused with 504; pages after the first show the revision of the first, and are Expired
(410) once that was compacted. `remainingItemCount` is told only where nothing selects.

Elsewhere: watches (watching.py); the shape of the answer (views.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import islice

from watcher.embedded_hub.continuation import AS_IT_IS_NOW, Continuation, continuation
from watcher.embedded_hub.errors import BadRequest, Expired, not_found, too_large
from watcher.embedded_hub.events import served_face
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.selectors import Matcher, both, field_matcher, label_matcher
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.views import Page

_LIST_TOO_OLD = "The resourceVersion for the provided list is too old."


def found(store: Store, asked: Target) -> Object:
    """The object that a get asks for. Raises NotFound."""
    obj = store.get(asked.stored, asked.namespace or "", asked.name or "")
    if obj is None:
        raise not_found(asked.resource, asked.name or "")
    return obj


def page(store: Store, asked: Target, query: Mapping[str, str], *, seen: int) -> Page:
    """The list, or the page of it, that `query` asks for; `seen` is the revision that reads which
    do not insist on the latest have come to. Raises BadRequest, Expired, Timeout.
    """
    matches = matcher(asked.resource, query)
    limit = _number(query, "limit")
    items, revision, after = _listed(store, asked, query, seen=seen, limit=limit)
    start = bisect_right(items, after, key=lambda obj: _place(asked, obj)) if after else 0
    if matches is None:
        shown = items[start : start + limit] if limit else items[start:]
        more = len(items) - start - len(shown)
    else:
        hits = (obj for obj in islice(items, start, None) if matches(obj))
        shown = list(islice(hits, limit or None))
        more = 1 if next(hits, None) is not None else 0
    if not more:
        return Page(shown, revision)
    token = Continuation(revision, _place(asked, shown[-1])).token()
    return Page(shown, revision, token, more if matches is None else None)


def matcher(resource: Resource, query: Mapping[str, str]) -> Matcher | None:
    """Whom the selectors of `query` mean; None for everybody. Raises BadRequest."""
    fields = field_matcher(query.get("fieldSelector", ""), resource.kind)
    if fields is not None and resource.kind == "Event":
        return both(_shown(resource, fields), label_matcher(query.get("labelSelector", "")))
    return both(label_matcher(query.get("labelSelector", "")), fields)


def asked_revision(query: Mapping[str, str]) -> int | None:
    """The resourceVersion of `query`; None where it is unset. Raises BadRequest."""
    return _number(query, "resourceVersion") if query.get("resourceVersion") else None


def _listed(
    store: Store, asked: Target, query: Mapping[str, str], *, seen: int, limit: int
) -> tuple[Sequence[Object], int, str]:
    """The whole collection, its revision, and the key after which the page begins."""
    revision = asked_revision(query)
    if token := query.get("continue", ""):
        return _continued(store, asked, continuation(token), revision)
    if revision is not None and revision > max(seen, store.last_revision(asked.stored)):
        raise too_large(revision, seen)
    match = query.get("resourceVersionMatch", "")
    if revision and (match == "Exact" or (not match and limit)):
        try:
            return store.list_at(asked.stored, revision, asked.namespace), revision, ""
        except Expired as error:
            raise Expired(_LIST_TOO_OLD) from error
    return store.list(asked.stored, asked.namespace), store.revision, ""


def _continued(
    store: Store, asked: Target, place: Continuation, revision: int | None
) -> tuple[Sequence[Object], int, str]:
    if revision is not None:
        raise BadRequest("specifying resource version is not allowed when using continue")
    if place.revision == AS_IT_IS_NOW:
        return store.list(asked.stored, asked.namespace), store.revision, place.after
    try:
        items = store.list_at(asked.stored, place.revision, asked.namespace)
    except Expired as error:
        raise place.expired() from error
    return items, place.revision, place.after


def _place(asked: Target, obj: Object) -> str:
    """Where an object stands in the list: its key relative to the collection."""
    metadata = obj["metadata"]
    within = asked.namespace is not None or not asked.resource.namespaced
    return metadata["name"] if within else f"{metadata['namespace']}/{metadata['name']}"


def _shown(resource: Resource, fields: Matcher) -> Matcher:
    return lambda obj: fields(served_face(resource, obj))


def _number(query: Mapping[str, str], key: str) -> int:
    text = query.get(key) or "0"
    if not text.isdigit():
        raise BadRequest(
            f'{key}: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text)
