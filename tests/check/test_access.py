from __future__ import annotations

from tests.check.sights import ABSENT, ACCOUNT, levels, said
from watcher.check import Level, Rights

LACKING = ("list/watch pods in argocd", "patch secrets in argocd")


def test_an_account_that_is_not_there_is_a_fault_that_names_the_option() -> None:
    ((level, text),) = said("service-account", service_account=ABSENT)
    assert level is Level.FAULT
    assert "--service-account" in text


def test_every_right_that_the_watcher_lacks_is_named() -> None:
    ((level, text),) = said("rights", rights=Rights(ACCOUNT, LACKING))
    assert level is Level.FAULT
    assert f"{ACCOUNT} may not list/watch pods in argocd, patch secrets in argocd;" in text


def test_the_right_that_recovery_needs_comes_with_its_component() -> None:
    patch = "patch applications.argoproj.io in argocd"
    ((level, text),) = said("rights", rights=Rights(ACCOUNT, (patch,)))
    assert level is Level.FAULT
    assert "recovery: apply its component of the manifests" in text
    assert "namespace-install" not in text, "that does not grant it"
    ((_, both),) = said("rights", rights=Rights(ACCOUNT, (*LACKING, patch)))
    assert "namespace-install" in both
    assert "recovery: apply its component" in both
    ((_, none),) = said("rights", rights=Rights(ACCOUNT, LACKING))
    assert "recovery" not in none


def test_before_the_installation_they_come_with_it() -> None:
    ((level, text),) = said("rights", rights=Rights(ACCOUNT, LACKING), before=True)
    assert level is Level.OK
    assert "may not yet list/watch pods" in text


def test_rights_of_who_looks_are_never_taken_for_the_watchers() -> None:
    ((level, text),) = said("rights", rights=Rights("jane"))
    assert level is Level.WARNING
    assert text.startswith(
        f"not asked of {ACCOUNT}, since you, jane, may not ask for the rights of others: you "
        "yourself may do all that the watcher does"
    )
    assert "create localsubjectaccessreviews in argocd" in text
    ((level, text),) = said("rights", rights=Rights("jane", LACKING))
    assert level is Level.WARNING
    assert "you yourself may not list/watch pods in argocd, patch secrets in argocd" in text
    assert levels("rights", rights=Rights("jane", LACKING), before=True) == [Level.OK]
