"""What is written on the Secrets."""

from __future__ import annotations

from msgspec.structs import replace

from tests.lint.written import codes, judged, policy, said, secret
from watcher.policy import Gates, Polarity


def noted(name: str, text: str) -> str:
    return secret("a", metadata=f", annotations: {{gate-watcher.io/{name}: '{text}'}}")


def test_both_of_two_with_one_server_are_named() -> None:
    linted = judged(secret("a"), secret("b", server="https://a.example.invalid/"))
    assert said(linted, "GW070") == [
        "it shares its server with cluster-b",
        "it shares its server with cluster-a",
    ]


def test_a_secret_without_a_name_is_no_spoke_that_can_be_told() -> None:
    nameless = secret("a").replace("name: a, server", "server")
    assert said(judged(nameless), "GW070") == ["it has no data.name"]


def test_what_is_wrong_with_the_opening_times_is_said() -> None:
    assert said(judged(noted("opened", "[]")), "GW071") == [
        "it is no JSON object from tier to time"
    ]
    assert said(judged(noted("opened", '{"crds": "soon"}')), "GW071") == [
        "the time of crds cannot be read"
    ]


def test_stale_labels_are_said_once_for_the_fleet() -> None:
    old = "gate-watcher.io/old: open"
    assert said(judged(secret("a", old), secret("b", old)), "GW072") == [
        "it has the label gate-watcher.io/old, and so have 1 more; the policy has compute, crds, "
        "metrics"
    ]


def test_a_secret_that_argo_cd_does_not_read_is_no_spoke() -> None:
    stray = secret("b", server="https://a.example.invalid", metadata=", namespace: teams")
    linted = judged(secret("a"), stray)
    assert said(linted, "GW076") == ["it is not in argocd"]
    assert "GW070" not in codes(linted)
    assert linted.spokes == 1


def test_an_odd_value_is_said_once_for_the_fleet() -> None:
    odd = "gate-watcher.io/crds: Open"
    assert said(judged(secret("a", odd), secret("b", odd)), "GW073") == [
        "gate-watcher.io/crds is 'Open' here and on 1 more, and only 'open' counts"
    ]


def test_under_block_an_opened_gate_needs_no_closed_label() -> None:
    block = replace(policy(), gates=Gates(polarity=Polarity.BLOCK))
    times = '{"crds": "2026-03-02T09:00:00Z", "compute": "2026-03-02T09:00:00Z"}'
    assert said(judged(noted("opened", times), of=block), "GW074") == [
        "it has no closed label for metrics"
    ]


def test_a_teardown_of_everything_names_no_tier() -> None:
    assert "GW075" not in codes(judged(noted("teardown", "*")))
    assert said(judged(noted("teardown", "crds,x")), "GW075") == [
        "its teardown names x; the policy has compute, crds, metrics"
    ]
