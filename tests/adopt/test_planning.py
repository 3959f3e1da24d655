"""Every shape of the manual is adopted without losing a spoke, or is not, and that is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adopt.brown import ENABLED, MADE_AT, NOW, SHAPES, Brown, runs, shape, spoke
from tests.builders import policy
from watcher.decide.selection import Number
from watcher.lint import Inventory, lint

TIER = {"addons-x": "compute"}
POLICY = policy("crds", "compute")
ADOPTED = "abce"


def fleet(name: str) -> Brown:
    """Two spokes on which the addon runs, and one that does not want it."""
    on_two = [spoke(each) + runs(f"addon-{each}-x", each) for each in "ab"]
    return Brown(shape(name), *on_two, spoke("c", ""))


def selected(inventory: Inventory) -> dict[str, list[object]]:
    """What each ApplicationSet does with each spoke."""
    return {
        each.key: [inventory.addons[each.key].on(one.spoke).now for one in inventory.spokes]
        for each in inventory.sets
    }


@pytest.mark.parametrize("name", ADOPTED)
def test_a_shape_is_adopted_step_by_step_and_loses_no_spoke(name: str) -> None:
    hub = fleet(name)
    before = selected(hub.inventory(POLICY))
    first = hub.plan(TIER, POLICY)
    assert [(each.name, dict(each.opens)) for each in first.openings] == [
        ("a", {"compute": MADE_AT}),
        ("b", {"compute": MADE_AT}),
    ]
    hub.open_gates(first)
    assert selected(hub.inventory(POLICY)) == before
    second = hub.plan(TIER, POLICY)
    assert not second.openings
    (gating,) = second.gatings
    assert gating.on_hub
    hub.change("addons-x", gating.change.operations)
    after = hub.inventory(POLICY)
    assert selected(after) == before
    assert hub.plan({}, POLICY).is_done
    errors = [each for each in lint(after).findings if each.severity.value == "error"]
    assert errors == []


def test_where_the_addon_does_not_run_no_gate_opens() -> None:
    assert [each.name for each in fleet("c").plan(TIER).openings] == ["a", "b"]


@pytest.mark.parametrize("name", ["d", "h"])
def test_what_would_lose_the_hub_itself_is_refused_and_opens_nothing(name: str) -> None:
    made = fleet(name).plan(TIER)
    assert made.openings == ()
    (gating,) = made.gatings
    assert not gating.may_follow
    assert gating.doubts[0].spoke == "in-cluster"
    assert "Register the hub with a cluster Secret" in gating.doubts[0].why


@pytest.mark.parametrize("name", ["d", "h"])
def test_a_hub_with_a_secret_of_its_own_is_a_spoke_like_any_other(name: str) -> None:
    hub = spoke("hub", "", server="https://kubernetes.default.svc") + runs("addon-hub-x", "hub")
    a = spoke("a") + runs("addon-a-x", "a")
    brown = Brown(shape(name), hub, a)
    made = brown.plan(TIER)
    assert [each.name for each in made.openings] == ["a", "hub"]
    assert [each.on_hub for each in made.gatings] == [True]


@pytest.mark.parametrize("name", ["f", "g", "i"])
def test_what_gets_no_gate_by_itself_is_left_apart(name: str) -> None:
    made = Brown(shape(name), spoke("a")).plan()
    assert (made.openings, made.gatings) == ((), ())
    assert [each.key for each in made.apart] == ["argocd/addons-x"]


def test_a_templated_selector_is_patched_where_every_gate_is_open_that_it_may_select() -> None:
    hub = Brown(shape("g"), *(spoke(each) + runs(f"{each}-x", each) for each in "ab"))
    hub.open_gates(hub.plan(TIER))
    assert [each.on_hub for each in hub.plan(TIER).gatings] == [True]


def test_where_nobody_can_tell_a_person_may_and_the_command_does_not() -> None:
    made = fleet("g").plan(TIER)
    (gating,) = made.gatings
    assert [(each.spoke, each.open_question) for each in gating.doubts] == [("c", True)]
    assert gating.may_follow
    assert not gating.on_hub
    assert [each.name for each in made.openings] == ["a", "b"]


def test_all_generators_of_one_get_the_gate_at_once() -> None:
    hub = Brown(shape("siblings").replace("environment: prod", "enable_y: 'true'"),
                spoke("a") + runs("addon-a-x", "a"),
                spoke("b", "enable_y: 'true'") + runs("addon-b-x", "b"))  # fmt: skip
    made = hub.plan(TIER)
    (gating,) = made.gatings
    assert gating.on_hub
    assert [each.path for each in gating.change.operations][:2] == [
        "/spec/generators/0/clusters/selector/matchExpressions/-",
        "/spec/generators/1/clusters/selector/matchLabels/gate-watcher.io~1compute",
    ]
    assert [each.name for each in made.openings] == ["a", "b"]


def test_a_deletion_that_waits_stops_everything() -> None:
    stranger = runs("addon-c-x", "c")
    hub = Brown(shape("c"), spoke("a") + runs("addon-a-x", "a"), spoke("c", "") + stranger)
    (doubt,) = hub.plan(TIER).waiting
    assert "argocd/addon-c-x is deleted at the next write" in doubt.why


def test_what_runs_behind_a_closed_gate_is_opened_and_stops_nothing() -> None:
    gated = shape("c").replace(
        "fleet_member: spoke", "fleet_member: spoke, gate-watcher.io/compute: open"
    )
    hub = Brown(gated, spoke("a") + runs("addon-a-x", "a"))
    made = hub.plan({}, POLICY)
    assert made.waiting == ()
    assert [(each.name, dict(each.opens)) for each in made.openings] == [
        ("a", {"compute": MADE_AT})
    ]


def test_a_gate_that_stays_closed_keeps_its_selector_as_it_is() -> None:
    torn = spoke("a", metadata=", annotations: {gate-watcher.io/teardown: compute}")
    made = Brown(shape("c"), torn + runs("addon-a-x", "a"), spoke("b") + runs("b-x", "b")).plan(
        TIER
    )
    assert [each.name for each in made.unopened] == ["a"]
    assert made.openings == ()
    assert [each.may_follow for each in made.gatings] == [False]


def test_what_lint_would_call_an_error_is_not_done() -> None:
    bootstrap = shape("c").replace("chart: x", "chart: y").replace("'addon-{{name}}-x'", "'same'")
    hub = Brown(bootstrap, spoke("a") + spoke("b"))
    (gating,) = hub.plan({"addons-x": "compute"}).gatings
    assert not [each for each in gating.doubts if "GW032" in each.why]  # it is one already
    constant = shape("c").replace("destination: {name: '{{name}}'", "destination: {name: hub")
    assert all("GW019" not in each.why for each in Brown(constant).plan(TIER).gatings[0].doubts)


def test_the_proposed_policy_has_the_tiers_each_after_the_one_before() -> None:
    cert = shape("c").replace("addons-x", "addons-cert-manager")
    karpenter = shape("c").replace("addons-x", "addons-karpenter")
    made = Brown(cert, karpenter).plan()
    assert made.proposed
    assert [(each.name, each.depends_on) for each in made.policy.order] == [
        ("compute", ()),
        ("security", ("compute",)),
    ]


def test_a_spoke_that_is_selected_and_has_nothing_yet_is_open_since_now() -> None:
    hub = Brown(shape("c"), spoke("a") + runs("addon-a-x", "a"), spoke("b"))
    assert {each.name: each.opens["compute"] for each in hub.plan(TIER).openings} == {
        "a": MADE_AT,
        "b": NOW,
    }


@pytest.mark.parametrize("name", SHAPES)
def test_planned_twice_it_is_the_same(name: str) -> None:
    hub = Brown(shape(name), spoke("a", ENABLED) + runs("addon-a-x", "a"))
    assert hub.plan(TIER) == hub.plan(TIER)


GIT = {"addons-x": "compute", "addons-y": "compute"}


def two_in_one_tier() -> Brown:
    """Another addon of the tier runs on a spoke where nobody can tell what git has for it."""
    git = shape("e").replace("enable_x", "other").replace("addon.yaml", "x")
    plain = shape("c").replace("addons-x", "addons-y")
    return Brown(
        git,
        plain,
        spoke("a", f"{ENABLED}, other: 'true'") + runs("addon-a-x", "a", of="addons-y"),
    )


def test_a_tier_whose_number_nobody_knows_must_accept_empty_where_nothing_is() -> None:
    made = two_in_one_tier().plan(GIT, POLICY)
    assert list(made.empty) == ["compute"]
    assert [each.spoke for each in made.empty["compute"]] == ["a"]


def test_the_proposed_policy_accepts_it() -> None:
    made = two_in_one_tier().plan(GIT)
    assert [(each.name, sorted(each.accept)) for each in made.policy.order] == [
        ("compute", ["Empty"])
    ]
    assert made.empty == {}


LABELS = {
    "enable_x": ["true", "false"],
    "fleet_member": ["spoke"],
    "environment": ["staging", "prod"],
    "gate-watcher.io/crds": ["open"],
    "gate-watcher.io/compute": ["open", "closed"],
}
FLEETS = st.lists(
    st.fixed_dictionaries({}, optional={key: st.sampled_from(of) for key, of in LABELS.items()}),
    min_size=1,
    max_size=3,
)
WANTED = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e", "g", "h", "siblings", "shape-c-gated"]),
    st.sampled_from(["crds", "compute"]),
    min_size=1,
    max_size=3,
)


def any_hub(wanted: dict[str, str], fleet: list[dict[str, str]]) -> Brown:
    """ApplicationSets of these shapes, with an Application wherever one selects a spoke."""
    texts = []
    for name in wanted:
        text = shape(name.removeprefix("shape-")[0] if name.startswith("shape-") else name)
        if name.startswith("shape-"):
            text = text.replace("fleet_member: spoke", "gate-watcher.io/compute: open")
        texts.append(text.replace("addons-x", f"addons-{name}"))
    for number, labels in enumerate(fleet):
        said = ", ".join(f"{key}: '{value}'" for key, value in labels.items())
        texts.append(spoke(f"s{number}", said))
    bare = Brown(*texts).inventory(POLICY)
    lives = [
        runs(f"{each.set.name}-{one.spoke.name}", one.spoke.name, of=each.set.name)
        for each in bare.sets
        for one in bare.spokes
        if bare.addons[each.key].on(one.spoke).now not in (0, Number.UNKNOWN)
    ]
    return Brown(*texts, *lives)


@settings(max_examples=40)
@given(WANTED, FLEETS)
def test_no_step_changes_what_anything_selects(
    wanted: dict[str, str], fleet: list[dict[str, str]]
) -> None:
    hub = any_hub(wanted, fleet)
    tiers: dict[str, str | None] = {f"addons-{name}": tier for name, tier in wanted.items()}
    before = selected(hub.inventory(POLICY))
    hub.open_gates(hub.plan(tiers, POLICY))
    assert selected(hub.inventory(POLICY)) == before
    for each in hub.plan(tiers, POLICY).gatings:
        if each.on_hub:
            hub.change(each.set.set.name, each.change.operations)
            assert selected(hub.inventory(POLICY)) == before
    again = hub.plan(tiers, POLICY)
    assert not again.openings
    assert not any(each.on_hub for each in again.gatings)
