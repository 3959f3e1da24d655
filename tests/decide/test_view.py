from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.builders import (
    DAY,
    HOUR,
    NOW,
    application,
    application_set,
    asks,
    clusters,
    policy,
    spoke,
)
from watcher.decide.addons import owner_key
from watcher.decide.context import context
from watcher.decide.judgement import Inputs
from watcher.decide.memory import Seen
from watcher.decide.reasons import DuplicateSpoke, Parked, SpokeDeleting, SpokeSkipped
from watcher.decide.view import View, view
from watcher.facts import Application, ApplicationSet, Foreign, Matrix, Spoke, Write

THREE = policy("crds", "compute", "apps")
SETS = (application_set("x", "crds"), application_set("y", "compute"))
UNKNOWN = Matrix((clusters(asks("crds")), Foreign("git")))
ANY = Matrix((Foreign("git"), clusters(asks("{{.tier}}"))))


def look(
    here: Spoke,
    *apps: Application,
    sets: tuple[ApplicationSet, ...] = SETS,
    seen: Mapping[str, Seen] | None = None,
    duplicate: DuplicateSpoke | None = None,
    write: Write | None = None,
) -> View:
    every = context({each.key: each for each in sets}, THREE, before=None, known={}, now=NOW)
    inputs = Inputs(here, (apps,), write, None, every)
    return view(inputs, name="a", duplicate=duplicate, seen=seen or {}, now=NOW)


def names(here: View) -> dict[str, list[str]]:
    return {tier: [app.name for app in apps] for tier, apps in here.apps.items()}


def test_an_application_belongs_to_the_tier_that_its_application_sets_gates_make() -> None:
    assert names(look(spoke(), application("x"), application("y"))) == {
        "crds": ["a-x"],
        "compute": ["a-y"],
    }


def test_where_an_application_names_its_tier_itself_that_decides() -> None:
    assert names(look(spoke(), application("x", tier_label="apps"))) == {"apps": ["a-x"]}


@pytest.mark.parametrize(
    "app",
    [
        application("x", tier_label="unheard-of"),
        application("stranger"),
        application("x", owner=None),
        application("x", namespace="elsewhere"),
    ],
    ids=["of no tier of the policy", "of nobody known", "of nobody", "of a namesake"],
)
def test_an_application_of_no_tier_is_in_none(app: Application) -> None:
    here = look(spoke(), app)
    assert names(here) == {}
    assert here.everything == (app,)


def test_the_living_are_counted_by_application_set() -> None:
    going = application("x", name="a-x-2", deleting_since=NOW)
    here = look(spoke(), application("x"), going, application("stranger"))
    assert here.living == {"argocd/x": 1, "argocd/stranger": 1}


def test_open_gates_named_gates_and_times_are_read_from_the_secret() -> None:
    here = look(spoke(opened={"crds": NOW - HOUR}, by_hand=["apps"], teardown="crds, older"))
    assert here.open_tiers == {"crds", "apps"}
    assert here.named == {"crds", "older"}
    assert here.torn == {"crds"}
    assert (here.opened_at("crds"), here.opened_at("apps")) == (NOW - HOUR, None)
    assert here.is_open("apps")
    assert not here.is_open("compute")


def test_gates_that_the_policy_does_not_name_are_strangers_by_label_annotation_or_memory() -> None:
    here = spoke(by_hand=["one"], opened='{"two": "2026-03-02T08:00:00Z", "crds": "x"}')
    assert look(here, seen={"three": Seen(NOW), "crds": Seen(NOW)}).strangers == {
        "one",
        "two",
        "three",
    }


def test_keys_under_the_prefix_that_mean_something_else_are_no_gates() -> None:
    odd = {"gate-watcher.io/tier": "x", "gate-watcher.io/": "x", "gates.example.com/crds": "open"}
    assert look(spoke(labels=odd)).strangers == frozenset()


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({}, ()),
        ({"deleting_since": NOW}, (SpokeDeleting(NOW),)),
        ({"skip_reconcile": True}, (SpokeSkipped(),)),
        ({"skip_reconcile": True, "parked": "2026-03-02T08:59:00Z"}, (Parked(NOW - 60),)),
        ({"parked": "2026-03-02T08:59:00Z"}, ()),
    ],
    ids=["none", "deleting", "skipped", "parked", "taken back"],
)
def test_what_forbids_every_opening_is_told(fields: dict[str, Any], trouble: tuple[object]) -> None:
    assert look(spoke(**fields)).trouble == trouble


def test_a_spoke_that_is_like_another_is_in_trouble() -> None:
    twin = DuplicateSpoke("name", "a", ("b",))
    assert look(spoke(), duplicate=twin).trouble == (twin,)


def test_the_gates_of_our_last_patch_are_known_as_long_as_the_hub_has_not_shown_it() -> None:
    assert look(spoke(), write=Write(frozenset({"crds"}), NOW)).written == {"crds"}
    assert look(spoke()).written == frozenset()


def test_a_tier_proves_the_ones_below_it_settled_by_when_it_opened() -> None:
    here = look(
        spoke(opened={"compute": NOW - DAY, "apps": NOW - HOUR}, by_hand=["crds"]),
        seen={tier: Seen(NOW) for tier in ("crds", "compute", "apps")},
    )
    assert here.proven_at("crds") == NOW - HOUR
    assert here.proven_at("apps") is None


def test_a_tier_that_was_opened_by_hand_proves_them_settled_by_when_it_was_seen() -> None:
    here = look(spoke(by_hand=["compute"]), seen={"compute": Seen(NOW - HOUR)})
    assert here.proven_at("crds") == NOW - HOUR


def test_a_number_is_known_only_where_that_of_every_addon_is() -> None:
    unknown = application_set("u", generators=[UNKNOWN])
    assert look(spoke()).number_known("crds")
    assert look(spoke()).number_known("apps")
    assert not look(spoke(by_hand=["crds"]), sets=(*SETS, unknown)).number_known("crds")


@pytest.mark.parametrize(
    ("sets", "apps", "short"),
    [
        (SETS, [application("x")], False),
        (SETS, [], True),
        (SETS, [application("x", deleting_since=NOW)], True),
        ((application_set("u", generators=[UNKNOWN]),), [], True),
        ((application_set("u", generators=[UNKNOWN]),), [application("u")], False),
        ((application_set("g", generators=[ANY]),), [application("g")], True),
        (
            (application_set("g", generators=[ANY]),),
            [application("g", tier_label="crds")],
            False,
        ),
    ],
    ids=[
        "it is there",
        "it is not",
        "it is going",
        "none of unknown number",
        "one of unknown number",
        "one of any tier that names none",
        "one of any tier that names this one",
    ],
)
def test_a_tier_is_short_where_an_application_that_it_must_have_is_absent(
    sets: tuple[ApplicationSet, ...], apps: list[Application], *, short: bool
) -> None:
    assert look(spoke(by_hand=["crds"]), *apps, sets=sets).short("crds") is short


def test_an_application_is_its_owners_in_its_own_namespace() -> None:
    assert owner_key(application("x", namespace="team")) == "team/x"
    assert owner_key(application(owner=None)) is None
