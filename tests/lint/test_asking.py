"""What a selector asks of a gate."""

from __future__ import annotations

from msgspec.structs import replace

from tests.lint.written import application_set, clusters, codes, judged, policy, said
from watcher.lint import Severity
from watcher.policy import Gates, Polarity, Policy, Tier


def expression(text: str) -> str:
    return f"{{clusters: {{selector: {{matchExpressions: [{{{text}}}]}}}}}}"


def test_what_to_ask_for_instead_is_said() -> None:
    negative = expression("key: gate-watcher.io/compute, operator: DoesNotExist")
    assert said(judged(application_set(negative)), "GW010") == [
        "it asks for gate-watcher.io/compute DoesNotExist; ask for gate-watcher.io/compute: open"
    ]


def test_under_block_the_closed_label_is_what_to_ask_about() -> None:
    block = replace(policy(), gates=Gates(polarity=Polarity.BLOCK))
    right = expression("key: gate-watcher.io/compute, operator: NotIn, values: [closed]")
    wrong = expression("key: gate-watcher.io/compute, operator: In, values: [closed]")
    assert not codes(judged(application_set(right), of=block)) & {"GW010", "GW011"}
    assert "GW010" in codes(judged(application_set(wrong), of=block))


def test_existence_is_a_warning_since_any_value_opens() -> None:
    exists = expression("key: gate-watcher.io/compute, operator: Exists")
    linted = judged(application_set(exists))
    assert [each.severity for each in linted.findings if each.code == "GW011"] == [Severity.WARNING]


def test_gates_in_a_matrix_of_one_generator_are_one_selector() -> None:
    both = clusters("gate-watcher.io/compute: open, gate-watcher.io/metrics: open")
    assert said(judged(application_set(both)), "GW012") == [
        "it asks for compute and metrics, and neither depends on the other"
    ]


def test_an_unknown_tier_is_said_with_those_that_there_are() -> None:
    linted = judged(application_set(clusters("gate-watcher.io/computer: open")))
    assert said(linted, "GW013") == ["it asks for computer; the policy has compute, crds, metrics"]


def test_an_optional_tier_needs_no_addon() -> None:
    only = Policy((Tier("crds", optional=True), Tier("compute")))
    assert said(judged(application_set(clusters()), of=only, whole=True), "GW014") == []


def test_unused_is_certain_only_on_a_hub() -> None:
    for whole, severity in ((True, Severity.WARNING), (False, Severity.NOTE)):
        linted = judged(application_set(clusters()), whole=whole)
        found = [each for each in linted.findings if each.code == "GW014"]
        assert [each.object for each in found] == ["tier crds", "tier metrics"]
        assert {each.severity for each in found} == {severity}
