"""What a lost gate costs, for every way of saying so."""

from __future__ import annotations

import pytest

from tests.lint.written import application_set, clusters, codes, judged, said

COSTS = {"GW020", "GW021", "GW022"}


@pytest.mark.parametrize(
    ("policy", "finalizers", "patch", "cost"),
    [
        ("{}", "[]", "", "GW020"),
        ("{preserveResourcesOnDeletion: false}", "[]", "", "GW020"),
        ("{preserveResourcesOnDeletion: true}", "[]", "", "GW021"),
        ("{applicationsSync: sync}", "[]", "", "GW020"),
        ("{applicationsSync: create-delete}", "[]", "", "GW020"),
        ("{applicationsSync: create-update}", "[]", "", "GW022"),
        (
            "{applicationsSync: create-only}",
            "[resources-finalizer.argocd.argoproj.io]",
            "",
            "GW022",
        ),
        (
            "{preserveResourcesOnDeletion: true}",
            "[resources-finalizer.argocd.argoproj.io/background]",
            "",
            "GW020",
        ),
        ("{}", "[example.com/mine]", "", "GW021"),
        ("{preserveResourcesOnDeletion: true}", "[]", "metadata: {finalizers: []}", "GW020"),
    ],
)
def test_the_cost_is_told_for_every_addon(
    policy: str, finalizers: str, patch: str, cost: str
) -> None:
    template = f"metadata: {{name: '{{{{.name}}}}', finalizers: {finalizers}}}"
    spec = f", syncPolicy: {policy}, templatePatch: '{patch}'"
    linted = judged(application_set(clusters(), spec=spec, template=template))
    assert codes(linted) & COSTS == {cost}


def test_a_generators_own_template_may_write_the_finalizer() -> None:
    finalizer = "{metadata: {finalizers: [resources-finalizer.argocd.argoproj.io]}}"
    labels = "{matchLabels: {gate-watcher.io/compute: open}}"
    generator = f"{{clusters: {{selector: {labels}, template: {finalizer}}}}}"
    spec = ", syncPolicy: {preserveResourcesOnDeletion: true}"
    (what,) = said(judged(application_set(generator, spec=spec)), "GW020")
    assert "a generator's own template writes finalizers" in what


def parameters(policy: str, override: str = "") -> str:
    data = f"applicationsetcontroller.policy: '{policy}'"
    if override:
        data += f", applicationsetcontroller.enable.policy.override: '{override}'"
    metadata = "{name: argocd-cmd-params-cm}"
    return f"---\nkind: ConfigMap\nmetadata: {metadata}\ndata: {{{data}}}\n"


@pytest.mark.parametrize(
    ("controller", "own", "cost", "disobeyed"),
    [
        (parameters(""), "create-only", "GW022", False),
        (parameters("sync"), "create-only", "GW020", True),
        (parameters("sync", "true"), "create-only", "GW022", False),
        (parameters("create-update"), "sync", "GW022", False),
        (parameters("create-update", "true"), "sync", "GW020", False),
        (parameters("create-update", "1"), "", "GW022", False),
        (parameters("", "false"), "create-update", "GW020", True),
        (parameters("create-delete", "maybe"), "create-update", "GW020", True),
    ],
)
def test_the_controllers_own_policy_is_reckoned_with(
    controller: str, own: str, cost: str, disobeyed: bool
) -> None:
    spec = f", syncPolicy: {{applicationsSync: {own}}}" if own else ""
    found = codes(judged(application_set(clusters(), spec=spec), controller))
    assert found & COSTS == {cost}
    assert ("GW023" in found) is disobeyed


def test_an_addon_without_a_gate_has_none_to_lose() -> None:
    assert not codes(judged(application_set(clusters("a: b")))) & COSTS


def test_the_tier_and_the_reason_are_said() -> None:
    assert said(judged(application_set(clusters())), "GW020") == [
        "behind the gate of compute: preserveResourcesOnDeletion is not true, so Argo CD adds its "
        "finalizer"
    ]
