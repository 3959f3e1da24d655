from __future__ import annotations

import pytest

from tests.adopt.brown import Brown, shape
from watcher.adopt.known import KINDS, TierKind, known, never_gated
from watcher.lint import WrittenSet


def called(name: str, text: str = "") -> WrittenSet:
    made = (text or shape("b").replace("enable_x", "enable_y")).replace("addons-x", name)
    (found,) = Brown(made).inventory().sets
    return found


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("addons-karpenter", "compute"),
        ("addons-aws-oss-cert-manager", "security"),
        ("cert-manager", "security"),
        ("addons-aws-load-balancer-controller", "traffic"),
        ("addons-external-dns", "traffic"),
        ("addons-external-secrets", "security"),
        ("addons-metrics-server", "metrics"),
        ("addons-keda", "metrics"),
        ("addons-kube-prometheus-stack", "metrics"),
        ("addons-prometheus-operator-crds", "crds"),
        ("addons-aws-csi-ebs-resources", "foundation"),
        ("addons-aws-ack-s3", "platform"),
        ("addons-argo-rollouts", "platform"),
    ],
)
def test_the_addons_of_the_gitops_bridge_are_known(name: str, tier: str) -> None:
    found = known(called(name))
    assert found is not None
    assert found[1].tier == tier


def test_the_longest_name_decides() -> None:
    found = known(called("addons-prometheus-adapter"))
    assert found is not None
    assert found[0] == "prometheus-adapter"


def test_a_part_of_a_word_is_no_name() -> None:
    assert known(called("addons-ackee")) is None


def test_the_enable_label_and_the_chart_tell_it_as_well() -> None:
    by_label = called("addons-z", shape("b").replace("enable_x", "enable_cert_manager"))
    by_chart = called("addons-z", shape("b").replace("chart: x", "chart: karpenter"))
    by_value = called("addons-z", shape("a").replace("addonChart: x", "addonChart: kyverno"))
    assert [found[0] for each in (by_label, by_chart, by_value) if (found := known(each))] == [
        "cert-manager",
        "karpenter",
        "kyverno",
    ]


@pytest.mark.parametrize("name", ["addons-argo-cd", "addons-argocd", "addons-gate-watcher"])
def test_what_must_run_before_any_gate_gets_none(name: str) -> None:
    assert never_gated(called(name))


def test_argo_rollouts_is_not_argo_cd() -> None:
    assert not never_gated(called("addons-argo-rollouts"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.tier)
def test_every_kind_says_why_it_stands_where_it_does(kind: TierKind) -> None:
    assert len(kind.why) > 20
