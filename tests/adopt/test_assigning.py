from __future__ import annotations

import pytest

from tests.adopt.brown import Brown, shape
from tests.builders import policy
from watcher.adopt import Apart, Assigned, assignment
from watcher.adopt.assigning import wave_tier

POLICY = policy("crds", "compute")


def waved(name: str, wave: str | None) -> str:
    text = shape("c").replace("addons-x", name)
    note = f"annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}"
    return text if wave is None else text.replace("spec:", f"  {note}\nspec:", 1)


def gated(tier: str) -> str:
    return shape("c").replace("fleet_member: spoke", f"gate-watcher.io/{tier}: open")


def test_waves_are_an_order_that_people_have_agreed_on() -> None:
    hub = Brown(waved("late", "5"), waved("early", "-5"), waved("none", None))
    made = assignment(hub.inventory(), {})
    assert [(each.key, each.tier, each.because) for each in made.assigned] == [
        ("argocd/early", "wave-minus-5", "sync wave -5"),
        ("argocd/none", "wave-0", "sync wave 0, having none"),
        ("argocd/late", "wave-5", "sync wave 5"),
    ]
    assert [each.name for each in made.policy.order] == ["wave-minus-5", "wave-0", "wave-5"]


def test_a_wave_of_the_template_counts_too() -> None:
    note = "      annotations: {argocd.argoproj.io/sync-wave: '3'}\n"
    text = shape("c").replace("    metadata:\n", f"    metadata:\n{note}")
    assert Brown(text).inventory().sets[0].wave == 3


@pytest.mark.parametrize(("wave", "name"), [(0, "wave-0"), (12, "wave-12"), (-3, "wave-minus-3")])
def test_a_wave_is_a_label_key(wave: int, name: str) -> None:
    assert wave_tier(wave) == name


def test_where_few_have_a_wave_names_decide() -> None:
    hub = Brown(waved("karpenter", "1"), *(waved(f"keda-{n}", None) for n in range(3)))
    made = assignment(hub.inventory(), {})
    assert {each.tier for each in made.assigned} == {"compute", "metrics"}


def test_a_file_goes_over_what_is_proposed() -> None:
    hub = Brown(waved("karpenter", None), waved("keda", None))
    made = assignment(hub.inventory(), {"karpenter": "late", "argocd/keda": None})
    assert [(each.key, each.tier) for each in made.assigned] == [("argocd/karpenter", "late")]
    assert [(each.key, each.because) for each in made.apart] == [
        ("argocd/keda", "the file of tiers says so")
    ]


def test_what_asks_for_a_gate_has_its_tier() -> None:
    (found,) = assignment(Brown(gated("compute")).inventory(POLICY), {}).assigned
    assert found == Assigned(
        "argocd/addons-x", "compute", "its selectors ask for the gate", gated=True
    )


def test_a_file_that_says_otherwise_moves_nothing() -> None:
    made = assignment(Brown(gated("compute")).inventory(POLICY), {"addons-x": "crds"})
    assert made.assigned == ()
    assert "asks for the gate of compute, and the file of tiers says crds" in made.apart[0].because
    assert made.apart[0].left


def test_a_tier_that_the_policy_lacks_is_none() -> None:
    made = assignment(Brown(waved("keda", None)).inventory(POLICY), {})
    assert not made.proposed
    assert made.assigned == ()
    assert "its tier would be metrics" in made.apart[0].because
    assert not made.apart[0].left, "nobody but us wants it there"


def test_a_tier_that_a_person_named_and_the_policy_lacks_is_left_to_be_mended() -> None:
    hub = Brown(waved("keda", None)).inventory(POLICY)
    (named,) = assignment(hub, {"keda": "compte"}).apart
    assert named.left
    assert named.remedy == (
        "is it compute? Else add the tier to the policy, or name one of crds, compute in the file "
        "of tiers"
    )
    (asks,) = assignment(Brown(gated("late")).inventory(POLICY), {}).apart
    assert (asks.left, asks.remedy.startswith("add the tier")) == (True, True)


def test_the_policy_on_the_hub_is_gone_by_in_its_own_order() -> None:
    there = policy("late", "metrics", "compute")
    hub = Brown(gated("compute"), waved("keda", None)).inventory(there)
    made = assignment(hub, {}, found=True)
    assert (made.policy, made.proposed, made.lacking) == (there, False, ())
    assert [each.tier for each in made.assigned] == ["metrics", "compute"]


def test_what_the_policy_on_the_hub_lacks_is_put_where_it_commonly_belongs() -> None:
    there = policy("compute", "metrics", "own")
    names = ("vpc-cni", "karpenter", "cert-manager", "keda")
    hub = Brown(*(waved(name, None) for name in names)).inventory(there)
    made = assignment(hub, {"keda": "zz"}, found=True)
    assert (made.proposed, made.lacking) == (True, ("foundation", "security", "zz"))
    assert [(each.name, each.depends_on) for each in made.policy.order] == [
        ("foundation", ()),
        ("compute", ("foundation",)),
        ("security", ("compute",)),
        ("metrics", ("security",)),
        ("own", ("metrics",)),
        ("zz", ("own",)),
    ]


def test_a_policy_on_the_hub_of_which_no_tier_is_needed_counts_for_nothing() -> None:
    hub = Brown(waved("late", "5"), waved("early", "-5")).inventory(policy("compute", "metrics"))
    made = assignment(hub, {}, found=True)
    assert (made.proposed, made.lacking) == (True, ())
    assert [each.name for each in made.policy.order] == ["wave-minus-5", "wave-5"]


def apart(text: str) -> Apart:
    (found,) = assignment(Brown(text).inventory(), {"addons-x": "compute"}).apart
    return found


def test_what_can_have_no_gate_says_why() -> None:
    assert "reads clusters" in apart(shape("i")).because
    assert "makes ApplicationSets" in apart(shape("f")).because
    flat = shape("c").replace("- clusters:", "- clusters:\n        flatList: true")
    assert "flatList" in apart(flat).because


def test_what_nobody_but_a_person_knows_says_so() -> None:
    def said(text: str) -> str:
        return assignment(Brown(text).inventory(), {}).apart[0].because

    assert "makes many addons" in said(shape("g"))
    assert "on every spoke, as bootstraps are" in said(
        shape("c").replace("'addon-{{name}}-x'", "cluster-addons")
    )
    assert "nothing tells its tier" in said(shape("c").replace("addons-x", "addons-zz"))
