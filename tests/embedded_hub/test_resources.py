from __future__ import annotations

from watcher.embedded_hub.resources import APPLICATION, NAMESPACE, RESOURCES, SECRET


def test_paths_and_names_follow_the_group() -> None:
    assert SECRET.path("argocd", "a") == "/api/v1/namespaces/argocd/secrets/a"
    assert APPLICATION.path() == "/apis/argoproj.io/v1alpha1/applications"
    assert NAMESPACE.path("ignored", "argocd") == "/api/v1/namespaces/argocd"
    assert (SECRET.api_version, APPLICATION.api_version) == ("v1", "argoproj.io/v1alpha1")
    assert (SECRET.qualified, APPLICATION.qualified) == ("secrets", "applications.argoproj.io")
    assert APPLICATION.qualified_kind == "Application.argoproj.io"


def test_every_kind_is_there_once() -> None:
    assert len({resource.kind for resource in RESOURCES}) == len(RESOURCES)
