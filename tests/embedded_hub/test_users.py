from __future__ import annotations

from dataclasses import replace

from watcher.embedded_hub.resources import APPLICATION_SET, SECRET
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.users import ADMIN, VIEWER, WATCHER, Rule, refusal

READ = Target("get", SECRET, "argocd", "a", None)
PATCH = Target("patch", SECRET, "argocd", "a", None)


def test_the_administrator_may_all_the_viewer_may_look_the_watcher_nothing() -> None:
    assert [user.may(READ) for user in (ADMIN, VIEWER, WATCHER)] == [True, True, False]
    assert [user.may(PATCH) for user in (ADMIN, VIEWER, WATCHER)] == [True, False, False]


def test_a_rule_allows_what_it_names_and_nothing_else() -> None:
    rule = Rule(("get", "patch"), ("",), ("secrets",), names=("a",), namespaces=("argocd",))
    assert rule.allows(PATCH)
    for other in (
        replace(PATCH, verb="delete"),
        replace(PATCH, name="b"),
        replace(PATCH, namespace="default"),
        replace(PATCH, namespace=None),
        replace(PATCH, resource=APPLICATION_SET),
        Target("create", SECRET, "argocd", None, None),
    ):
        assert not rule.allows(other)


def test_a_subresource_has_a_name_of_its_own() -> None:
    status = Target("patch", APPLICATION_SET, "argocd", "a", "status")
    sets = Rule(("*",), ("argoproj.io",), ("applicationsets",))
    assert not sets.allows(status)
    assert replace(sets, resources=("applicationsets/status",)).allows(status)


def test_a_refusal_says_who_what_and_where() -> None:
    said = refusal(WATCHER, Target("list", APPLICATION_SET, None, None, None))
    assert said.message == (
        'applicationsets.argoproj.io is forbidden: User "system:serviceaccount:argocd:gate-watcher"'
        ' cannot list resource "applicationsets" in API group "argoproj.io" at the cluster scope'
    )
    assert said.details == {"group": "argoproj.io", "kind": "applicationsets"}
