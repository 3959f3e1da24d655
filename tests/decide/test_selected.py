from __future__ import annotations

from tests.builders import application_set, asks, clusters, policy, spoke
from watcher.decide.addons import addon
from watcher.decide.selected import Selected, selected
from watcher.facts import ApplicationSet, Foreign, Matrix

TWO = policy("crds", "compute")
ENABLED = application_set("e", "compute", labels={"enable": "true"})
ANY = application_set("g", generators=[Matrix((Foreign("git"), clusters(asks("{{.tier}}"))))])


def all_of(*sets: ApplicationSet, labels: dict[str, str] | None = None) -> Selected:
    here = spoke(labels=labels)
    made = [addon(each, TWO) for each in sets]
    return selected([(each, each.on(here)) for each in made], TWO)


def mine(chosen: Selected) -> dict[str, list[str]]:
    return {tier: [addon.key for addon, _ in pairs] for tier, pairs in chosen.mine.items()}


def test_each_tier_has_its_addons_here() -> None:
    sets = application_set("x", "crds"), application_set("y", "crds"), ENABLED
    assert mine(all_of(*sets)) == {"crds": ["argocd/x", "argocd/y"]}
    assert mine(all_of(*sets, labels={"enable": "true"}))["compute"] == ["argocd/e"]


def test_an_addon_with_several_gates_is_the_deepest_tiers_and_asks_for_all() -> None:
    chosen = all_of(application_set("z", ["crds", "compute"]))
    assert mine(chosen) == {"compute": ["argocd/z"]}
    assert chosen.asked == {"crds", "compute"}


def test_a_gate_is_asked_for_only_where_it_decides() -> None:
    assert all_of(ENABLED).asked == frozenset()
    assert all_of(ENABLED, labels={"enable": "true"}).asked == {"compute"}


def test_an_addon_of_any_tier_is_every_tiers() -> None:
    chosen = all_of(ANY)
    assert mine(chosen) == {"crds": ["argocd/g"], "compute": ["argocd/g"]}
    assert chosen.any_tier


def test_each_addon_is_found_by_its_key() -> None:
    chosen = all_of(application_set("x", "crds"), ENABLED)
    assert chosen.by_key.keys() == {"argocd/x", "argocd/e"}
    assert [addon.key for addon, _ in chosen.addons] == ["argocd/x", "argocd/e"]
