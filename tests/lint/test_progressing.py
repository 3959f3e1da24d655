"""Whether what comes behind a gate can settle."""

from __future__ import annotations

from msgspec.structs import replace

from tests.lint.written import app, application_set, clusters, codes, judged, policy, said
from watcher.lint import Severity
from watcher.policy import Accept, Policy

MADE = "{resources: [{kind: ConfigMap}, {kind: ApplicationSet}]}"


def test_on_a_hub_it_is_seen_that_an_application_set_was_made() -> None:
    linted = judged(application_set(clusters()), app("a-x", "a", status=MADE))
    found = [each for each in linted.findings if each.code == "GW041"]
    assert [(each.severity, each.what) for each in found] == [
        (Severity.ERROR, "its Application a-x has made an ApplicationSet")
    ]


def test_an_ungated_bootstrap_is_as_it_should_be() -> None:
    ungated = application_set(clusters("a: b"))
    assert "GW041" not in codes(judged(ungated, app("a-x", "a", status=MADE)))


def test_a_chart_that_is_called_so_counts_only_in_argo_cds_namespace() -> None:
    def installing(where: str) -> str:
        return (
            "metadata: {name: '{{.name}}'}, spec: {source: {chart: application-sets}, "
            f"destination: {{name: x, namespace: {where}}}}}"
        )

    assert "GW041" in codes(judged(application_set(clusters(), template=installing("argocd"))))
    assert "GW041" not in codes(judged(application_set(clusters(), template=installing("apps"))))


def test_a_tier_that_accepts_it_may_wait_for_a_person() -> None:
    accepting = frozenset({Accept.MANUAL_SYNC})
    lenient = Policy(tuple(replace(each, accept=accepting) for each in policy().tiers))
    assert "GW042" in codes(judged(application_set(clusters())))
    assert "GW042" not in codes(judged(application_set(clusters()), of=lenient))


def test_rolling_sync_takes_the_automation_away_itself() -> None:
    rolling = application_set(clusters(), spec=", strategy: {type: RollingSync}")
    assert "GW040" in codes(judged(rolling))
    assert "GW042" not in codes(judged(rolling))


def test_one_that_is_switched_off_is_not_called_absent() -> None:
    template = (
        "metadata: {name: '{{.name}}'}, spec: {destination: {name: '{{.name}}'}, "
        "syncPolicy: {automated: {enabled: false}}}"
    )
    assert said(judged(application_set(clusters(), template=template)), "GW042") == [
        "its template says syncPolicy.automated.enabled: false"
    ]
    assert said(judged(application_set(clusters())), "GW042") == [
        "its template has no syncPolicy.automated"
    ]
