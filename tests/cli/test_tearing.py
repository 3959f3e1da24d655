"""What is ordered, and what speaks against it, in values; from the terminal: test_teardown.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, application, application_set, policy, snapshot, spoke
from watcher.cli.tearing import (
    Leave,
    addon_removal,
    addons_on,
    every_or,
    naming,
    stop,
    teardown_of,
)
from watcher.daemon.tearing import Ground
from watcher.decide import decide
from watcher.decide.gates import names
from watcher.decide.removal import Fate
from watcher.decide.teardown import torn_tiers
from watcher.facts import Application, ApplicationSet, Spoke
from watcher.guards.removals import named
from watcher.hub.removals import Removals
from watcher.policy import Policy, Tier

TIERS = ("crds", "compute", "apps")
CHAIN = policy(*TIERS)
SETS = [application_set(tier, tier) for tier in TIERS]
APPS = [application(tier, tier_label=tier, cascades=True) for tier in TIERS]
UID = "uid-a"


def open_gates(*tiers: str, teardown: str | None = None) -> Spoke:
    return spoke(opened=dict.fromkeys(tiers, NOW - 60), teardown=teardown)


def ground(
    on: Spoke | None = None,
    *,
    sets: Iterable[ApplicationSet] = SETS,
    apps: Iterable[Application] = APPS,
    by: Policy = CHAIN,
    keeps: Mapping[str, str] | None = None,
    removals: Removals | None = None,
    unnamable: str = "",
) -> Ground:
    held = list(apps)
    seen = snapshot([open_gates(*TIERS) if on is None else on], sets, held)
    return Ground(
        policy=by,
        decision=decide(seen, by, NOW),
        at=NOW,
        keeps=keeps or {},
        removals=removals,
        unnamable=unnamable,
        living=frozenset(each.uid for each in held),
    )


def refused(on: Ground, *tiers: str, leaves: Iterable[Leave] = ()) -> tuple[str, ...]:
    return teardown_of(on, UID, every_or(tiers), leaves).refused


def test_nothing_speaks_against_what_is_named_whole() -> None:
    assert refused(ground()) == ()
    assert refused(ground(), "apps") == ()
    assert refused(ground(), "apps", "compute") == ()


def test_what_is_named_already_counts_as_named() -> None:
    assert refused(ground(open_gates(*TIERS, teardown="apps")), "compute") == ()


def test_a_tier_with_nothing_behind_its_gate_may_close_beneath_others() -> None:
    made = ground(apps=APPS[2:])
    assert refused(made, "compute") == ()


def test_an_application_of_another_tier_is_a_surprise() -> None:
    by = policy("crds", Tier("one", ("crds",)), Tier("two", ("crds",)))
    both = application_set("both", ["one", "two"])
    made = ground(
        open_gates("one", "two"), sets=[both], apps=[application("both", cascades=True)], by=by
    )
    (said,) = refused(made, "one")
    assert "argocd/a-both of tier two would be deleted, too" in said
    assert refused(made, "one", "two") == ()


def test_what_belongs_to_no_tier_is_a_surprise_as_well() -> None:
    by = policy("crds", "apps")
    named_elsewhere = application_set("odd", "apps", tier_label="gone")
    made = ground(
        open_gates("crds", "apps"),
        sets=[named_elsewhere],
        apps=[application("odd", tier_label="gone", cascades=True)],
        by=by,
    )
    (said,) = refused(made, "apps")
    assert "belongs to none of these tiers" in said


def test_what_cannot_be_told_is_a_surprise_until_the_policy_says_otherwise() -> None:
    sets = [*SETS, application_set("odd", labels={"x": "y"}, reads_all_labels=True)]
    apps = [*APPS, application("odd", cascades=True)]
    on = spoke(opened=dict.fromkeys(TIERS, NOW - 60), labels={"x": "y"})
    (said,) = refused(ground(on, sets=sets, apps=apps), "apps")
    assert "put argocd/odd into ignoreApplicationSets" in said
    by = policy(*TIERS, ignore_application_sets=frozenset({"odd"}))
    assert refused(ground(on, sets=sets, apps=apps, by=by), "apps") == ()


def test_what_stays_behind_is_told_in_a_few_names() -> None:
    apps = [application("apps", name=f"a-{n}", tier_label="apps") for n in range(5)]
    made = ground(apps=apps)
    (said,) = refused(made, "apps")
    assert said.startswith("what argocd/a-0, argocd/a-1, argocd/a-2 and 2 more installed would go")
    assert refused(made, "apps", leaves=[Leave.WORKLOADS]) == ()
    kept = ground(keeps={"argocd/apps": "applicationsSync is create-only"})
    (said,) = refused(kept, "apps", leaves=[Leave.WORKLOADS])
    assert said.startswith("argocd/a-apps would stay")
    assert refused(kept, "apps", leaves=[Leave.APPLICATIONS]) == ()


def test_what_is_on_its_way_out_is_nobodys_decision_any_more() -> None:
    apps = [*APPS[:2], application("apps", tier_label="apps", deleting_since=NOW - 5)]
    assert refused(ground(open_gates("crds", "compute"), apps=apps)) == ()


def test_an_addon_that_stays_is_not_waited_for() -> None:
    made = ground(keeps={"argocd/apps": "applicationsSync is create-only"})
    (said,) = addon_removal(made, UID, "argocd/apps", ()).refused
    assert "wait" not in said


def test_addons_are_known_by_their_name_and_with_their_namespace() -> None:
    apps = [*APPS, application("apps", namespace="other")]
    found = addons_on(ground(apps=apps), UID)
    assert found["argocd/crds"] == found["crds"] == ("argocd/crds",)
    assert found["apps"] == ("argocd/apps", "other/apps")


# --- the names that guard C asks for -------------------------------------------------------------


def name_of(tier: str, uid: str) -> dict[str, str]:
    said = named(f"argocd/a-{tier}", uid, by="alice", at=NOW, secret=UID, spoke="a", tier=tier)
    return dict([said])


def test_only_what_the_guard_sees_and_what_goes_is_named() -> None:
    unlabelled = application("compute", cascades=True)
    made = ground(apps=[APPS[0], unlabelled, APPS[2]], removals=Removals("uid", {}))
    assert teardown_of(made, UID, ["compute", "apps"], ()).named == ("argocd.a-apps",)
    kept = ground(removals=Removals("uid", {}), keeps={"argocd/apps": "it is kept"})
    assert teardown_of(kept, UID, ["apps"], [Leave.APPLICATIONS]).named == ()


def test_a_name_that_is_there_is_not_written_again_unless_it_meant_another() -> None:
    def wanted(data: dict[str, str]) -> tuple[str, ...]:
        return teardown_of(ground(removals=Removals("uid", data)), UID, ["apps"], ()).named

    assert wanted({"argocd.a-apps": "by hand"}) == ()
    assert wanted(name_of("apps", "uid-a-apps")) == ()
    assert wanted(name_of("apps", "the one before")) == ("argocd.a-apps",)


def test_with_the_names_go_those_of_what_is_gone() -> None:
    old = {**name_of("old", "long gone"), "argocd.b-old": "by hand"}
    made = ground(removals=Removals("uid", old))
    order = teardown_of(made, UID, ["apps"], ())
    written = naming(made, UID, order, by="alice")
    assert written.keys() == {"argocd.a-old", "argocd.a-apps"}
    assert written["argocd.a-old"] is None
    assert naming(ground(), UID, order, by="alice") == {}, "there is no guard C"


def test_where_names_are_wanted_and_cannot_be_put_nothing_is_ordered() -> None:
    (said,) = refused(ground(unnamable="it is not there"), "apps")
    assert said.startswith("it is not there; ask for")
    bare = [application("apps", cascades=True)]
    assert refused(ground(apps=bare, unnamable="it is not there"), "apps") == ()


# --- stopping ------------------------------------------------------------------------------------


def test_a_stop_tells_what_had_closed_and_what_had_not() -> None:
    apps = [*APPS[:2], application("apps", tier_label="apps", deleting_since=NOW - 5)]
    data = name_of("apps", "uid-a-apps") | name_of("other", "x")
    made = stop(
        ground(
            open_gates("crds", "compute", teardown="*"),
            apps=apps,
            removals=Removals("uid", data),
        ),
        UID,
        (),
    )
    assert (made.annotation, made.closed, made.open) == (None, ("apps",), ("crds", "compute"))
    assert (made.going, made.unnamed) == ({"apps": 1}, ("argocd.a-apps",))


def test_a_stop_tells_apart_the_names_that_are_no_tiers() -> None:
    by_hand = ground(open_gates("crds", teardown="crds,compte"))
    some = stop(by_hand, UID, ["crds"])
    assert (some.annotation, some.strange, some.strange_left) == ("compte", (), ("compte",))
    rest = stop(ground(open_gates("crds", teardown="compte")), UID, [])
    assert (rest.annotation, rest.strange, rest.strange_left) == (None, ("compte",), ())


def test_what_was_named_beneath_others_before_does_not_keep_a_stop_from_being_made() -> None:
    on = open_gates(*TIERS, teardown="crds,apps")
    assert stop(ground(on), UID, ["apps"]).refused != ()
    by_hand = open_gates(*TIERS, teardown="crds,strange")
    assert stop(ground(by_hand), UID, ["apps"]).refused == (), "apps is not taken back"
    assert stop(ground(by_hand), UID, ["crds"]).refused == ()


# --- what may be ordered -------------------------------------------------------------------------


@given(
    st.sets(st.sampled_from(TIERS)),
    st.lists(st.sampled_from(TIERS), min_size=1),
    st.none() | st.sampled_from([*TIERS, "*"]),
)
def test_what_is_ordered_deletes_of_no_tier_that_nobody_named(
    gates: set[str], wanted: list[str], before: str | None
) -> None:
    made = teardown_of(ground(open_gates(*gates, teardown=before)), UID, wanted, ())
    torn = torn_tiers(frozenset(names(made.annotation)), CHAIN)
    closing = {tier for step in made.steps for tier in step.tiers}
    assert closing <= torn
    if not made.refused:
        going = [each for step in made.steps for each in step.applications]
        assert all(each.tier in torn for each in going if each.fate is not Fate.STAYS)
