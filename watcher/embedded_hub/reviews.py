"""Who am I, may I, and may another?

Facts (Kubernetes, authentication.k8s.io/v1 SelfSubjectReview and authorization.k8s.io/v1
SelfSubjectAccessReview, LocalSubjectAccessReview): all are created and never stored. `kubectl auth
whoami` and `kubectl auth can-i` ask the first two, and everybody may; the last takes the right to
create it in the namespace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.routes import SERVED, Target
from watcher.embedded_hub.users import User

WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
MAY_I = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
LOCAL_REVIEW = Resource(
    "authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview"
)
"""Not stored, and not served but to be created."""


def asked_of_others(method: str, path: str) -> Target | None:
    """What is asked by asking for another's rights; None where that is not asked."""
    match path.split("/"):
        case ["", "apis", LOCAL_REVIEW.group, "v1", "namespaces", namespace, LOCAL_REVIEW.plural]:
            verb = "create" if method == "POST" else ""
            return Target(verb, LOCAL_REVIEW, namespace, None, None)
        case _:
            return None


def who_am_i(user: User) -> Object:
    """The answer to a SelfSubjectReview."""
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": None},
        "status": {"userInfo": {"username": user.name, "groups": ["system:authenticated"]}},
    }


def may_i(user: User, review: Mapping[str, Any]) -> Object:
    """The answer to a SelfSubjectAccessReview."""
    return _answer("SelfSubjectAccessReview", user, review)


def may_they(users: Mapping[str, User], review: Mapping[str, Any]) -> Object:
    """The answer to a LocalSubjectAccessReview; who is not known may nothing."""
    user = users.get((review.get("spec") or {}).get("user", ""))
    return _answer(LOCAL_REVIEW.kind, user, review)


def _answer(kind: str, user: User | None, review: Mapping[str, Any]) -> Object:
    spec = review.get("spec") or {}
    asked = _target(spec.get("resourceAttributes") or {})
    allowed = user is not None and asked is not None and user.may(asked)
    return {
        "kind": kind,
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": {"allowed": allowed},
    }


def _target(attributes: Mapping[str, str]) -> Target | None:
    plural, group = attributes.get("resource", ""), attributes.get("group", "")
    resource = next((r for r in SERVED if (r.plural, r.group) == (plural, group)), None)
    if resource is None:
        return None
    return Target(
        attributes.get("verb", ""),
        resource,
        attributes.get("namespace") or None,
        attributes.get("name") or None,
        attributes.get("subresource") or None,
    )
