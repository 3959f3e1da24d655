"""What of that which lives would be deleted."""

from __future__ import annotations

from tests.lint.written import app, application_set, clusters, codes, judged, said, secret

BOTH = {"GW080", "GW081"}
MINE = clusters("enable: 'true', gate-watcher.io/compute: open")


def test_behind_a_closed_gate_it_is_a_brown_field() -> None:
    linted = judged(application_set(MINE), secret("a", "enable: 'true'"), app("a-x", "a"))
    assert said(linted, "GW081") == [
        "it lives, and ApplicationSet argocd/x does not select its spoke while the gate of compute "
        "is closed"
    ]


def test_a_fleet_has_one_finding_for_each_application_set() -> None:
    fleet = [secret(name, "enable: 'true'") + app(f"{name}-x", name) for name in "abc"]
    linted = judged(application_set(MINE), *fleet)
    (found,) = [each for each in linted.findings if each.code == "GW081"]
    assert found.object == "Application argocd/a-x"
    assert found.what.startswith("it lives, and so do 2 more, and ApplicationSet argocd/x does not")


def test_what_no_gate_would_bring_back_is_a_pending_deletion() -> None:
    linted = judged(application_set(MINE), secret("a"), app("a-x", "a"))
    assert said(linted, "GW080") == [
        "it lives, and ApplicationSet argocd/x does not select its spoke"
    ]


def test_what_goes_already_is_not_spoken_of() -> None:
    going = app("a-x", "a", metadata=", deletionTimestamp: '2026-03-02T09:00:00Z'")
    assert not codes(judged(application_set(MINE), secret("a"), going)) & BOTH


def test_an_application_set_that_may_not_delete_deletes_nothing() -> None:
    keeps = application_set(MINE, spec=", syncPolicy: {applicationsSync: create-only}")
    assert not codes(judged(keeps, secret("a"), app("a-x", "a"))) & BOTH


def test_what_a_git_generator_may_have_made_is_not_judged() -> None:
    made = application_set(f"{MINE}, {{git: {{repoURL: x}}}}")
    assert not codes(judged(made, secret("a"), app("a-x", "a"))) & BOTH


def test_an_application_without_a_known_spoke_or_owner_is_not_judged() -> None:
    elsewhere = judged(application_set(MINE), secret("a"), app("z-x", "z"))
    orphan = judged(application_set(MINE), secret("a"), app("a-y", "a", of="y"))
    assert not (codes(elsewhere) | codes(orphan)) & BOTH
