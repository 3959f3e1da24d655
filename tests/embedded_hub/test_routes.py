from __future__ import annotations

import pytest

from watcher.embedded_hub.events import CORE_EVENT
from watcher.embedded_hub.resources import (
    APPLICATION,
    APPLICATION_SET,
    EVENT,
    NAMESPACE,
    SECRET,
    Resource,
)
from watcher.embedded_hub.routes import Target, target


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/secrets", {}, ("list", SECRET, None, None, None)),
        ("GET", "/api/v1/secrets", {"watch": "1"}, ("watch", SECRET, None, None, None)),
        ("GET", "/api/v1/secrets", {"watch": "false"}, ("list", SECRET, None, None, None)),
        ("GET", "/api/v1/secrets", {"fieldSelector": "metadata.name=s"},
         ("list", SECRET, None, "s", None)),
        ("GET", "/api/v1/secrets", {"fieldSelector": "type=x, metadata.name == s", "watch": "1"},
         ("watch", SECRET, None, "s", None)),
        ("GET", "/api/v1/secrets", {"fieldSelector": "metadata.name!=s"},
         ("list", SECRET, None, None, None)),
        ("POST", "/api/v1/namespaces/a/secrets", {"fieldSelector": "metadata.name=s"},
         ("create", SECRET, "a", None, None)),
        ("GET", "/api/v1/namespaces/a/secrets/s", {}, ("get", SECRET, "a", "s", None)),
        ("GET", "/api/v1/namespaces", {}, ("list", NAMESPACE, None, None, None)),
        ("GET", "/api/v1/namespaces/a", {}, ("get", NAMESPACE, None, "a", None)),
        ("PUT", "/api/v1/namespaces/a/finalize", {}, ("update", NAMESPACE, None, "a", "finalize")),
        ("GET", "/api/v1/namespaces/a/events", {}, ("list", CORE_EVENT, "a", None, None)),
        ("POST", "/apis/events.k8s.io/v1/namespaces/a/events", {},
         ("create", EVENT, "a", None, None)),
        ("DELETE", "/apis/argoproj.io/v1alpha1/namespaces/a/applications", {},
         ("deletecollection", APPLICATION, "a", None, None)),
        ("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/a/applicationsets/s/status", {},
         ("patch", APPLICATION_SET, "a", "s", "status")),
        ("POST", "/api/v1/namespaces/a/secrets/s", {}, ("", SECRET, "a", "s", None)),
    ],
)  # fmt: skip
def test_what_is_asked(
    method: str,
    path: str,
    query: dict[str, str],
    expected: tuple[str, Resource, str | None, str | None, str | None],
) -> None:
    assert target(method, path, query) == Target(*expected)


@pytest.mark.parametrize(
    "path",
    [
        "/", "/api", "/api/v1", "/apis/argoproj.io/v1alpha1", "/version", "/api/v2/secrets",
        "/apis/argoproj.io/v1alpha1/nosuchkinds", "/api/v1/namespaces/a/secrets/s/status",
        "/apis/argoproj.io/v1alpha1/namespaces/a/applications/x/status", "/api/v1/secrets/s",
        "/api/v1/namespaces/a/secrets/s/x/y", "/api/v1/namespaces/a/nosuchkinds",
    ],
)  # fmt: skip
def test_paths_that_concern_no_kind(path: str) -> None:
    assert target("GET", path, {}) is None


def test_the_events_of_both_groups_are_one_kind_of_the_store() -> None:
    asked = target("GET", "/api/v1/events", {})
    assert asked is not None
    assert asked.stored is EVENT
