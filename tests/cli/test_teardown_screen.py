"""How it reads; what stands in it: test_tearing.py, and from the terminal: test_teardown.py."""

from __future__ import annotations

from typing import Any

from watcher.cli.teardown_screen import ordered, shown, stopped
from watcher.cli.tearing import Concerned, Step, Stop, Teardown
from watcher.decide.removal import Fate
from watcher.policy import Gates


def app(name: str | None, fate: Fate, tier: str = "apps", **more: Any) -> Concerned:
    fields = {"why": "", "deleting_since": None, "skipped": False, **more}
    return Concerned(name, "argocd/x", tier, fate, **fields)


def teardown(*steps: Step, **more: Any) -> Teardown:
    fields: dict[str, Any] = {
        "tiers": ("apps", "compute"),
        "addon": None,
        "before": None,
        "annotation": "apps,compute",
        "waits": (),
        "anyway": (),
        "named": (),
        "refused": (),
    }
    return Teardown("a", "argocd/cluster-a", steps=steps, **(fields | more))


def test_each_step_says_what_it_waits_for_and_each_application_what_becomes_of_it() -> None:
    first = Step(
        ("apps", "web"),
        (
            app("argocd/a-shop", Fate.DELETED),
            app("argocd/a-longer", Fate.ORPHANS, why="it has no resources finalizer"),
            app("argocd/a-kept", Fate.STAYS, why="applicationsSync is create-only"),
            app(None, Fate.UNTOLD, why="nobody can say"),
            app("argocd/a-other", Fate.DELETED, tier="compute"),
            app("argocd/a-gone", Fate.DELETED, deleting_since="2026-03-02T09:00:00Z"),
            app("argocd/a-deaf", Fate.DELETED, skipped=True),
        ),
    )
    made = teardown(first, Step(("compute",), ()), waits=("parked",), anyway=("b goes",))
    assert list(shown(made)) == [
        "teardown of apps, compute on a (secret argocd/cluster-a)",
        "",
        "1. apps, web close together",
        "     argocd/a-shop               is deleted with all that it installed",
        "     argocd/a-longer             is deleted, and what it installed goes on running: it "
        "has no resources finalizer",
        "     argocd/a-kept               stays: applicationsSync is create-only",
        "     of ApplicationSet argocd/x  may be deleted: nobody can say",
        "     argocd/a-other              is deleted with all that it installed (of tier compute)",
        "     argocd/a-gone               is being deleted since 2026-03-02T09:00:00Z",
        "     argocd/a-deaf               is deleted with all that it installed; Argo CD ignores "
        "it (skip-reconcile), so that waits",
        "2. compute closes, once all of the above is gone; nothing is behind it",
        "not now: parked; the teardown waits for the end of that",
        "any write to a cluster Secret, this one too, has Argo CD act on this: b goes",
    ]


def test_where_nothing_closes_that_is_said() -> None:
    assert list(shown(teardown(tiers=("*",)))) == [
        "teardown of every tier on a (secret argocd/cluster-a)",
        "",
        "nothing closes: none of these gates is open, and nothing is behind them",
    ]
    addon = teardown(Step((), ()), addon="argocd/x", tiers=())
    assert list(shown(addon))[2:] == ["it has no Application there"]


def test_what_was_ordered_is_told_with_how_it_is_stopped() -> None:
    told = list(ordered(teardown(named=("argocd.a-shop",)), Gates(), "argocd/removals"))
    assert told[:2] == [
        "named in configmap argocd/removals: argocd.a-shop",
        "ordered: gate-watcher.io/teardown=apps,compute on secret argocd/cluster-a",
    ]
    assert told[-1].startswith("to stop it: gate-watcher teardown a --stop")


def test_a_stop_tells_how_far_it_had_got() -> None:
    made = Stop(
        "*", "crds", closed=("apps",), open=("compute",), going={"apps": 2}, unnamed=("argocd.x",)
    )
    assert list(stopped(made, "a", "argocd/removals")) == [
        "had not closed, and stays open: compute",
        "closed, and opens again in its turn, as any other gate: apps",
        "2 Applications of apps are being deleted still, which nothing can stop",
        "still to be torn down: crds",
        "taken out of configmap argocd/removals: argocd.x",
    ]
    assert list(stopped(Stop(None, None), "a", "x")) == ["nothing of this is ordered on a"]


def test_a_stop_tells_of_names_that_are_no_tiers_whether_they_went() -> None:
    went = Stop("compte,crds", None, open=("crds",), strange=("compte",))
    assert list(stopped(went, "a", "x")) == [
        "had not closed, and stays open: crds",
        "taken out, though it tore nothing down, being no tier: compte",
    ]
    stays = Stop("compte,crds,apps", "compte,apps", open=("crds",), strange_left=("compte",))
    assert list(stopped(stays, "a", "x"))[1:] == [
        "still to be torn down: apps",
        "still named, though it tears nothing down, being no tier: compte; "
        "--stop without --tier takes it out, too",
    ]
