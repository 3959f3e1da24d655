"""Who am I, and may I?

Facts (Kubernetes, authentication.k8s.io/v1 SelfSubjectReview and authorization.k8s.io/v1
SelfSubjectAccessReview): both are created and never stored. `kubectl auth whoami` and `kubectl auth
can-i` ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.routes import SERVED, Target
from watcher.embedded_hub.users import User

WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
MAY_I = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


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
    spec = review.get("spec") or {}
    asked = _target(spec.get("resourceAttributes") or {})
    return {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": {"allowed": asked is not None and user.may(asked)},
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
