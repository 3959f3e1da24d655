from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from tests.builders import DAY, HOUR, NOW, application_set, asks, clusters, policy, spoke
from watcher.decide.carried import Carried
from watcher.decide.context import Context, context
from watcher.decide.reasons import ApplicationSetFailing
from watcher.facts import ApplicationSet, Foreign, Matrix, SetCondition
from watcher.policy import Policy

TWO = policy("crds", "compute")
X, Y = application_set("x", "crds"), application_set("y", "compute")
ANY = application_set("g", generators=[Matrix((Foreign("git"), clusters(asks("{{.tier}}"))))])


def made(
    *sets: ApplicationSet, of: Policy = TWO, before: Carried | None = None, now: float = NOW
) -> Context:
    carried = before or Carried()
    return context(
        _by_key(sets), of, before=carried.context, known=carried.application_sets, now=now
    )


def carried(*sets: ApplicationSet, of: Policy = TWO) -> Carried:
    return Carried(context=made(*sets, of=of), application_sets=_by_key(sets))


def _by_key(sets: Iterable[ApplicationSet]) -> dict[str, ApplicationSet]:
    return {each.key: each for each in sets}


def test_it_tells_which_tiers_are_used_anywhere_on_the_hub() -> None:
    assert made(X).used == {"crds"}
    assert made(X, Y).used == {"crds", "compute"}
    assert made(application_set("z", "of-nobody")).used == frozenset()
    assert not made(X).any_tier
    assert made(ANY).any_tier


def test_it_is_the_same_object_as_long_as_it_means_the_same() -> None:
    before = carried(X, Y)
    written = replace(
        X, resource_version="2", conditions=(SetCondition("ResourcesUpToDate", "True"),)
    )
    assert made(written, Y, before=before) is before.context
    assert made(Y, X, before=before) is before.context


def test_another_selector_policy_error_or_rolling_step_makes_another() -> None:
    before = carried(X, Y)
    failing = replace(X, conditions=(SetCondition("ErrorOccurred", "True"),))
    rolling = replace(X, rolling=True, waiting_steps={"a-x": "Waiting"})
    for changed in (replace(X, generators=(clusters(),)), failing, rolling):
        assert made(changed, Y, before=before) is not before.context
    assert made(X, before=before) is not before.context
    assert made(X, Y, of=policy("crds"), before=before) is not before.context


def test_after_a_start_the_list_has_stood_still_since_its_youngest_member_was_made() -> None:
    young = replace(Y, created_at=NOW - HOUR)
    assert made(X, young).sets_since == NOW - HOUR
    assert made(replace(X, created_at=None)).sets_since == NOW
    assert made().sets_since == NOW


def test_the_list_has_changed_when_one_comes_goes_or_means_something_else() -> None:
    before = carried(X, Y)
    for changed in ([X], [X, Y, application_set("z")], [X, replace(Y, generators=(clusters(),))]):
        assert made(*changed, before=before, now=NOW + 5).sets_since == NOW + 5
    assert made(X, replace(Y, resource_version="2"), before=before, now=NOW + 5).sets_since == (
        NOW - DAY
    )


def test_an_error_counts_for_the_tiers_of_its_application_set() -> None:
    said = SetCondition("ErrorOccurred", "True", "RenderTemplateParamsError", "no key", NOW)
    reason = ApplicationSetFailing("argocd/x", "RenderTemplateParamsError: no key", NOW)
    assert made(replace(X, conditions=(said,)), Y).failing == {"crds": (reason,)}
    over = SetCondition("ErrorOccurred", "False")
    assert made(replace(X, conditions=(over,))).failing == {}
    other = SetCondition("ParametersGenerated", "True")
    assert made(replace(X, conditions=(other,))).failing == {}


def test_an_error_of_an_application_set_for_any_tier_counts_for_all() -> None:
    failing = replace(ANY, conditions=(SetCondition("ErrorOccurred", "True"),))
    assert made(failing).failing.keys() == {"crds", "compute"}


def test_what_rolling_sync_holds_is_told_by_application_set() -> None:
    rolling = replace(X, rolling=True, waiting_steps={"a-x": "Waiting"})
    assert made(rolling).rolling == {"argocd/x": {"a-x": "Waiting"}}
    assert made(replace(rolling, rolling=False)).rolling == {}


def test_spokes_that_all_application_sets_treat_alike_share_one_answer() -> None:
    every = made(X, Y)
    assert every.selected(spoke("a")) is every.selected(spoke("b", labels={"region": "eu"}))
    assert every.selected(spoke("a")) is not every.selected(spoke("a", by_hand=["crds"]))
