from __future__ import annotations

import pytest

from tests.builders import NOW, application, application_set, clusters, policy, spoke
from watcher.decide.addons import addon
from watcher.decide.gates import Opened
from watcher.decide.lost import costs, opened_before, unadopted
from watcher.decide.reasons import Costs
from watcher.facts import Application, ApplicationSet, Expression, Foreign, Matrix, Spoke

TWO = policy("crds", "compute")
X = application_set("x", "crds")


def found(each: ApplicationSet, here: Spoke, *apps: Application) -> list[tuple[str, list[str]]]:
    made = addon(each, TWO)
    pairs = {each.key: (made, made.on(here))}
    return [(app.key, sorted(tiers)) for app, tiers in unadopted(apps, pairs)]


def test_the_annotation_tells_before_memory_does() -> None:
    at = Opened({"crds": NOW})
    assert opened_before("crds", at, {"crds": NOW + 9}) == NOW
    assert opened_before("compute", at, {"compute": NOW + 9}) == NOW + 9
    assert opened_before("apps", at, {"compute": NOW}) is None


def test_what_only_the_open_gate_would_select_is_unadopted() -> None:
    assert found(X, spoke(), application()) == [("argocd/a-x", ["crds"])]


def test_every_gate_that_must_be_open_for_it_is_named() -> None:
    both = application_set("x", ["crds", "compute"])
    assert found(both, spoke(), application()) == [("argocd/a-x", ["compute", "crds"])]


def test_where_all_have_one_destination_only_the_label_tells_whose_it_is() -> None:
    constant = application_set("x", "crds", destination_varies=False)
    assert found(constant, spoke(), application()) == []
    assert found(constant, spoke(), application(spoke_label="a")) == [("argocd/a-x", ["crds"])]


def test_what_may_be_selected_with_the_gate_open_is_unadopted_too() -> None:
    gate = X.generators[0]
    unknown = application_set("x", generators=[Matrix((gate, Foreign("git")))])
    assert found(unknown, spoke(), application()) == [("argocd/a-x", ["crds"])]


@pytest.mark.parametrize(
    ("each", "here", "app"),
    [
        (X, spoke(by_hand=["crds"]), application()),
        (application_set("x"), spoke(), application()),
        (application_set("x", "crds", labels={"enable": "true"}), spoke(), application()),
        (X, spoke(), application(owner=None)),
        (X, spoke(), application("y")),
        (X, spoke(), application(deleting_since=NOW)),
        (X, spoke(), application(namespace="team")),
        (
            application_set(generators=[clusters(Expression("team", "In", ("{{.team}}",)))]),
            spoke(),
            application(),
        ),
    ],
    ids=[
        "it is generated, its gate being open",
        "it is generated, no gate being asked",
        "not even the open gate would select it",
        "nobody owns it",
        "nobody that is known owns it",
        "it is terminating",
        "its owner's namesake lives elsewhere",
        "whether it is generated is unknown",
    ],
)
def test_what_proves_nothing(each: ApplicationSet, here: Spoke, app: Application) -> None:
    assert found(each, here, app) == []


@pytest.mark.parametrize(
    ("apps", "deletes", "costly"),
    [
        ([application(cascades=True), application(on="b")], True, Costs.WORKLOADS),
        ([application(cascades=True, deleting_since=NOW)], True, Costs.WORKLOADS),
        ([application()], True, Costs.APPLICATION),
        ([application(cascades=True)], False, Costs.NOTHING),
        ([], True, Costs.APPLICATION),
        ([], False, Costs.NOTHING),
    ],
)
def test_what_a_lost_gate_costs(apps: list[Application], deletes: bool, costly: Costs) -> None:
    made = addon(application_set(tier="crds", deletes=deletes, cascades=False), policy("crds"))
    pair = (made, made.on(spoke()))
    assert costs(apps, {made.key: pair}, [pair]) is costly


def test_where_no_application_is_left_the_templates_tell_what_it_cost() -> None:
    for cascades, deletes, costly in (
        (True, True, Costs.WORKLOADS),
        (False, True, Costs.APPLICATION),
        (True, False, Costs.NOTHING),
    ):
        made = addon(application_set(tier="crds", deletes=deletes, cascades=cascades), TWO)
        assert costs([], {}, [(made, made.on(spoke()))]) is costly


def test_an_addon_that_the_spoke_would_not_have_costs_nothing() -> None:
    made = addon(application_set(tier="crds", labels={"enable": "true"}), TWO)
    assert costs([], {}, [(made, made.on(spoke()))]) is Costs.NOTHING


def test_what_belongs_to_a_set_that_the_hub_does_not_show_may_be_deleted() -> None:
    assert costs([application("unheard-of", cascades=True)], {}, []) is Costs.WORKLOADS
