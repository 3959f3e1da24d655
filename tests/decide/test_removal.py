from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import event, given
from hypothesis import strategies as st

from tests.builders import (
    BLOCK,
    NOW,
    application,
    application_set,
    asks,
    clusters,
    opens,
    policy,
    snapshot,
    spoke,
)
from tests.decide.hubs import Described, hubs, tried
from tests.decide.reference import UntoldError, generated, reads_clusters
from watcher.decide import Snapshot, decide
from watcher.decide.removal import (
    GOING,
    NO_FINALIZER,
    NO_OWNER,
    SELECTED,
    Closing,
    Fate,
    Removal,
    closed,
    closings,
    removals_of,
    seen_by,
)
from watcher.decide.teardown_order import ordered
from watcher.decide.view import View
from watcher.facts import (
    Application,
    ApplicationSet,
    Elements,
    Expression,
    Foreign,
    Matrix,
    Owner,
    Spoke,
)
from watcher.policy import Policy, Tier

CHAIN = policy("crds", "compute", "apps")
ALL_OPEN = spoke(opened={"crds": NOW - 60, "compute": NOW - 50, "apps": NOW - 40})


def looked_at(held: Snapshot, by: Policy, uid: str = "uid-a") -> View:
    """One spoke, as a decision about the hub sees it."""
    return seen_by(decide(held, by, NOW), uid, NOW)


def shown(
    sets: Iterable[ApplicationSet],
    apps: Iterable[Application],
    annotation: str = "*",
    *,
    on: Spoke = ALL_OPEN,
    by: Policy = CHAIN,
    keeps: Mapping[str, str] | None = None,
) -> list[tuple[tuple[str, ...], dict[str, tuple[Fate, str]]]]:
    """Step by step: the tiers, and what becomes of each Application by its name."""
    here = looked_at(snapshot([on], sets, apps), by)
    return [
        (
            step.tiers,
            {
                (each.application or each.application_set).partition("/")[2]: (each.fate, each.why)
                for each in step.removals
            },
        )
        for step in closings(here, annotation, keeps=keeps or {})
    ]


DELETED = (Fate.DELETED, "")


def test_each_goes_when_its_gate_closes_the_deepest_first() -> None:
    sets = [application_set("cni", "crds"), application_set("shop", "apps")]
    apps = [application("cni", cascades=True), application("shop", cascades=True)]
    assert shown(sets, apps) == [
        (("apps",), {"a-shop": DELETED}),
        (("compute",), {}),
        (("crds",), {"a-cni": DELETED}),
    ]
    assert shown(sets, apps, "apps") == [(("apps",), {"a-shop": DELETED})]


def test_without_the_finalizer_what_it_installed_goes_on_running() -> None:
    sets, apps = [application_set("shop", "apps")], [application("shop")]
    assert shown(sets, apps, "apps") == [
        (("apps",), {"a-shop": (Fate.ORPHANS, NO_FINALIZER)}),
    ]


def test_what_its_policy_forbids_to_delete_stays_and_why_is_told() -> None:
    sets, apps = [application_set("shop", "apps")], [application("shop", cascades=True)]
    keeps = {"argocd/shop": "applicationsSync is create-only"}
    assert shown(sets, apps, "apps", keeps=keeps) == [
        (("apps",), {"a-shop": (Fate.STAYS, "applicationsSync is create-only")}),
    ]


def test_what_no_gate_decides_stays_though_it_belongs_to_the_tier() -> None:
    sets = [application_set("shop", tier_label="apps")]
    by_hand = application("by-hand", owner=None, tier_label="apps")
    orphan = application("lost", owner=Owner("lost", "uid"), tier_label="apps")
    apps = [application("shop", tier_label="apps", cascades=True), by_hand, orphan]
    assert shown(sets, apps, "apps") == [
        (
            ("apps",),
            {
                "a-shop": (Fate.STAYS, SELECTED),
                "a-by-hand": (Fate.STAYS, NO_OWNER),
                "a-lost": (Fate.STAYS, "its ApplicationSet argocd/lost is not on the hub"),
            },
        )
    ]


def test_what_asks_for_two_gates_goes_with_the_first_that_closes() -> None:
    by = policy("crds", Tier("one", ("crds",)), Tier("two", ("crds",)))
    on = spoke(by_hand=["crds", "one", "two"])
    sets = [application_set("both", ["one", "two"])]
    apps = [application("both", cascades=True)]
    assert shown(sets, apps, "one", on=on, by=by) == [(("one",), {"a-both": DELETED})]
    here = looked_at(snapshot([on], sets, apps), by)
    (step,) = closings(here, "one", keeps={})
    assert [each.tier for each in step.removals] == ["two"], "which nobody named"


def test_what_a_closed_gate_leaves_alone_is_not_shown() -> None:
    sets = [
        application_set("shop", "apps"),
        application_set("plain"),
        application_set("cni", "crds"),
    ]
    apps = [application(each, cascades=True) for each in ("shop", "plain", "cni")]
    assert shown(sets, apps, "apps") == [(("apps",), {"a-shop": DELETED})]


def test_under_block_the_label_that_comes_closes_the_gate() -> None:
    by = policy("crds", "apps", gates=BLOCK)
    assert closed({"a": "b"}, ["apps"], BLOCK) == {"a": "b", BLOCK.key("apps"): "closed"}
    sets = [application_set("shop", "apps", gates=BLOCK)]
    apps = [application("shop", cascades=True)]
    on = spoke(opened={"apps": NOW - 60}, gates=BLOCK)
    assert shown(sets, apps, "apps", on=on, by=by) == [(("apps",), {"a-shop": DELETED})]


def test_where_git_says_how_many_all_of_them_go() -> None:
    generator = Matrix((clusters(asks("apps")), Foreign("git")))
    sets = [application_set("shop", generators=[generator])]
    apps = [application("shop", name=f"a-shop-{n}", cascades=True) for n in (1, 2)]
    assert shown(sets, apps, "apps") == [
        (("apps",), {"a-shop-1": DELETED, "a-shop-2": DELETED}),
    ]


def test_what_is_selected_by_another_generator_still_may_go_by_its_name() -> None:
    two = [clusters(asks("apps")), clusters(Expression("x", "DoesNotExist", ()))]
    sets = [application_set("shop", generators=two)]
    ((_, found),) = shown(sets, [application("shop", tier_label="apps")], "apps")
    assert found["a-shop"][0] is Fate.UNTOLD


def test_a_template_that_takes_all_labels_may_render_another_name() -> None:
    sets = [application_set("shop", "crds", reads_all_labels=True)]
    apps = [application("shop", cascades=True)]
    ((_, found),) = shown(sets, apps, "apps")
    assert found["a-shop"][0] is Fate.UNTOLD
    by = policy("crds", "compute", "apps", ignore_application_sets=frozenset({"shop"}))
    assert shown(sets, apps, "apps", by=by) == [(("apps",), {})]


def test_what_is_for_the_spoke_and_stands_elsewhere_is_told_as_far_as_it_can_be() -> None:
    sets = [application_set("shop", "apps", destination_varies=False)]
    apps = [application("shop", on="hub", cascades=True)]
    ((_, found),) = shown(sets, apps, "apps")
    assert found["shop"][0] is Fate.UNTOLD
    named = [application("shop", on="hub", spoke_label="a", cascades=True)]
    assert shown(sets, named, "apps") == [(("apps",), {"hub-shop": DELETED})]


def test_what_is_on_its_way_out_is_told_with_since_when() -> None:
    on = spoke(opened={"crds": NOW - 60})
    sets = [application_set("shop", "apps")]
    apps = [application("shop", cascades=True, deleting_since=NOW - 5)]
    here = looked_at(snapshot([on], sets, apps), CHAIN)
    first, *_ = closings(here, "*", keeps={"argocd/shop": "it is kept"})
    assert first == Closing(
        ("apps",),
        (
            Removal(
                "argocd/a-shop",
                "argocd/shop",
                "apps",
                Fate.DELETED,
                uid="uid-a-shop",
                deleting_since=NOW - 5,
            ),
        ),
    )


def test_an_addon_by_itself_takes_its_own_and_no_others() -> None:
    sets = [application_set("shop", "apps"), application_set("cni", "crds")]
    apps = [application("shop", tier_label="apps", cascades=True), application("cni")]
    here = looked_at(snapshot([ALL_OPEN], sets, apps), CHAIN)
    (one,) = removals_of(here, "argocd/shop", keeps={})
    assert (one.application, one.fate, one.guarded) == ("argocd/a-shop", Fate.DELETED, True)


# --- what is shown is what goes ------------------------------------------------------------------


def told(each: ApplicationSet, here: Spoke, labels: Mapping[str, str]) -> frozenset[str] | None:
    try:
        return generated(each, here, labels)
    except UntoldError:
        return None


@given(
    hubs(stale=[], writes={}, refusals={}),
    st.sampled_from(["*", "tier-0", "tier-1", "tier-0,tier-2"]),
)
@tried(2)
def test_what_is_shown_is_what_argo_cd_would_delete_and_nothing_else(
    described: Described, wanted: str
) -> None:
    hub = described.built()
    decision = decide(hub.snapshot, hub.policy, NOW)
    for uid, on in hub.snapshot.spokes.items():
        here = seen_by(decision, uid, NOW)
        annotation = ordered(on.teardown, wanted.split(","))
        before: Mapping[str, str] = on.labels
        for step in closings(here, annotation, keeps={}):
            after = closed(before, step.tiers, hub.policy.gates)
            going = {each.application for each in step.removals if each.fate in GOING}
            for app in here.everything:
                owner = hub.snapshot.application_sets.get(
                    f"argocd/{app.owner.name}" if app.owner else ""
                )
                if owner is None or app.deleting_since or not owner.destination_varies:
                    continue
                was, is_now = told(owner, on, before), told(owner, on, after)
                if was is None or is_now is None or owner.reads_all_labels:
                    continue
                if was and not is_now and all(map(reads_clusters, owner.generators)):
                    event("goes")
                    assert app.key in going or _gone_before(app, here, annotation, step)
                elif was and was <= is_now:
                    event("stays")
                    assert app.key not in going
            before = after


def _gone_before(app: Application, here: View, annotation: str, until: Closing) -> bool:
    """Whether it has gone, or may have, in a step before this one."""
    for step in closings(here, annotation, keeps={}):
        if step == until:
            return False
        if any(each.application == app.key and each.fate in GOING for each in step.removals):
            return True
    return False


def test_the_elements_of_a_list_are_nobodys_selection() -> None:
    generator = Matrix((clusters(asks("apps")), Elements(({"n": "1"}, {"n": "2"}))))
    sets = [application_set("shop", generators=[generator])]
    apps = [application("shop", name=f"a-shop-{n}", cascades=True) for n in (1, 2)]
    assert shown(sets, apps, "crds") == [(("crds",), {})]
    assert opens(decide(snapshot([ALL_OPEN], sets, apps), CHAIN, NOW)) == {}
