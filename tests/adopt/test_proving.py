"""What stands against a step, and what does not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.adopt.brown import Brown, runs, shape, spoke
from tests.builders import policy
from watcher.adopt.proving import Doubt, may_be, takes_hub, waiting_deletions

TIER = {"addons-x": "compute"}
POLICY = policy("crds", "compute")
RUNS = spoke("a") + runs("addon-a-x", "a")


def other(selector: str, *, template: str = "{{name}}", go: bool = False) -> str:
    """Another ApplicationSet of the hub, which nobody adopts."""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: other}\n"
        f"spec: {{goTemplate: {str(go).lower()}, generators: [{{clusters: {{selector: {selector}"
        f"}}}}], template: {{metadata: {{name: '{template}'}}, "
        "spec: {destination: {name: '{{name}}'}}}}\n"
    )


def stuck(*texts: str) -> list[str]:
    """Why the gate of `a` does not open."""
    made = Brown(shape("c"), RUNS, *texts).plan({**TIER, "other": None})
    return [doubt.why for each in made.unopened for doubt in each.doubts]


def test_an_application_set_that_does_not_look_at_gates_stands_against_nothing() -> None:
    assert stuck(other("{matchLabels: {enable_x: 'true'}}")) == []


@pytest.mark.parametrize("how", ["NotIn, values: [open]", "DoesNotExist"])
def test_one_that_excludes_on_the_gate_would_lose_the_spoke(how: str) -> None:
    asks = other(f"{{matchExpressions: [{{key: gate-watcher.io/compute, operator: {how}}}]}}")
    hub = Brown(shape("c"), RUNS, asks)
    made = hub.plan(TIER, POLICY)
    assert made.openings == ()
    assert [each.why for one in made.unopened for each in one.doubts] == [
        "ApplicationSet argocd/other would no longer select it, and delete what it has there"
    ]


def test_one_that_begins_with_the_gate_waits_for_the_watcher() -> None:
    gated = other("{matchLabels: {gate-watcher.io/compute: open}}")
    made = Brown(shape("c"), RUNS, gated).plan(TIER, POLICY)
    assert [each.why for one in made.unopened for each in one.doubts] == [
        "ApplicationSet argocd/other would begin there: let the watcher open this gate in its turn"
    ]


def test_a_template_that_takes_all_labels_may_change_what_it_makes() -> None:
    takes = other(
        "{matchLabels: {enable_x: 'true'}}", template="{{ range .metadata.labels }}", go=True
    )
    assert stuck(takes) == [
        "ApplicationSet argocd/other reads in its templates what would be written, so that what it "
        "makes may change; if that is safe, name it in ignoreApplicationSets of the policy"
    ]


def test_on_a_spoke_that_it_does_not_select_it_may_take_what_it_likes() -> None:
    takes = other(
        "{matchLabels: {other: 'true'}}", template="{{ range .metadata.labels }}", go=True
    )
    assert stuck(takes) == []


def test_one_that_the_policy_ignores_is_vouched_for() -> None:
    takes = other(
        "{matchLabels: {enable_x: 'true'}}", template="{{ range .metadata.labels }}", go=True
    )
    vouched = policy("compute", ignore_application_sets=frozenset({"other"}))
    assert Brown(shape("c"), RUNS, takes).plan(TIER, vouched).unopened == ()


def test_a_later_child_of_a_merge_would_override_other_values() -> None:
    merged = shape("a").replace("addons-x", "other").replace(
        "environment: prod", "gate-watcher.io/compute: open"
    )  # fmt: skip
    made = Brown(shape("c"), RUNS, merged).plan({**TIER, "other": None}, POLICY)
    assert ["overrides values" in each.why for one in made.unopened for each in one.doubts] == [
        True
    ]


def test_a_templated_key_may_be_the_gate() -> None:
    keyed = shape("g").replace("addons-x", "other").replace("enable_{{ .feature }}", "{{ .key }}")
    made = Brown(shape("c"), RUNS, keyed).plan({**TIER, "other": None})
    assert ["cannot be told" in each.why for one in made.unopened for each in one.doubts] == [True]


@pytest.mark.parametrize(
    ("key", "may"),
    [
        ("gate-watcher.io/compute", True),
        ("gate-watcher.io/crds", False),
        ("{{ .key }}", True),
        ("gate-watcher.io/{{ .tier }}", True),
        ("enable_{{ .feature }}", False),
        ("{{ .prefix }}/crds", False),
    ],
)
def test_what_a_key_may_come_to(key: str, may: bool) -> None:
    assert may_be(key, "gate-watcher.io/compute") is may


def test_a_selector_that_asks_for_cluster_secrets_does_not_take_the_hub() -> None:
    asks = shape("d").replace(
        "clusters: {}",
        "clusters: {selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster}}}",
    )
    assert [takes_hub(each) for each in Brown(asks, shape("d")).inventory().sets] == [False, True]
    assert [each.on_hub for each in Brown(asks, RUNS).plan(TIER).gatings] == [True]


def test_the_hubs_own_server_is_compared_as_argo_cd_does() -> None:
    slash = spoke("hub", server="https://kubernetes.default.svc/")
    (gating,) = Brown(shape("d"), slash).plan(TIER).gatings
    assert [each.spoke for each in gating.doubts] == ["in-cluster"]


def parameters(namespaces: str) -> str:
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cmd-params-cm}\n"
        f"data: {{applicationsetcontroller.namespaces: '{namespaces}'}}\n"
    )


def test_application_sets_that_nobody_read_may_select_what_they_like() -> None:
    of = policy("compute", application_namespaces=("argocd", "apps"))
    made = Brown(shape("c"), RUNS, parameters("apps, argocd, team, x-*")).plan(TIER, of)
    assert [(each.why[:60], each.open_question) for each in made.unseen] == [
        ("the ApplicationSet controller looks into namespace team, too", False),
        ("the ApplicationSet controller looks into the namespaces x-* ", True),
    ]
    assert made.stops == made.unseen[:1]


def test_where_all_were_read_nothing_is_unseen() -> None:
    assert Brown(shape("c"), RUNS, parameters("argocd")).plan(TIER, POLICY).unseen == ()


def waiting(*texts: str) -> Iterable[Doubt]:
    return list(waiting_deletions(Brown(*texts).inventory(POLICY), {}))


def test_what_nothing_selects_waits_to_be_deleted() -> None:
    assert len(list(waiting(shape("c"), spoke("a", "") + runs("addon-a-x", "a")))) == 1
    assert list(waiting(shape("c"), RUNS)) == []


def test_what_stands_on_no_spoke_waits_too() -> None:
    assert len(list(waiting(shape("c"), runs("addon-z-x", "z")))) == 1


@pytest.mark.parametrize("how", ["create-only", "create-update"])
def test_what_may_not_be_deleted_does_not(how: str) -> None:
    keeps = shape("c").replace(
        "{preserveResources", f"{{applicationsSync: {how}, preserveResources"
    )
    assert list(waiting(keeps, spoke("a", "") + runs("addon-a-x", "a"))) == []


def test_where_the_controller_does_not_obey_it_may_be_deleted_all_the_same() -> None:
    keeps = shape("c").replace(
        "{preserveResources", "{applicationsSync: create-only, preserveResources"
    )
    parameters = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cmd-params-cm}\n"
        "data: {applicationsetcontroller.policy: sync}\n"
    )
    assert len(list(waiting(keeps, spoke("a", "") + runs("a-x", "a"), parameters))) == 1
