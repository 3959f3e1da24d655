"""A plan in words, and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.adopt.brown import SHAPES, Brown, read, runs, shape, spoke
from tests.builders import NOW, policy
from tests.lint.written import CANARY
from watcher.adopt import as_document, as_text, plan
from watcher.adopt.output import policy_text
from watcher.policy import Polarity, Policy, read_policy

TIER = {"addons-x": "compute"}
RUNS = spoke("a") + runs("addon-a-x", "a")


def test_it_is_said_in_the_order_in_which_it_is_done() -> None:
    said = as_text(Brown(shape("c"), RUNS, shape("i").replace("addons-x", "git")).plan(TIER))
    assert f"{said}\n" == (Path(__file__).parent / "plan.txt").read_text()


def test_of_what_is_not_done_no_command_is_shown() -> None:
    said = as_text(Brown(shape("d"), RUNS).plan(TIER))
    assert "not done: in-cluster: ApplicationSet argocd/addons-x selects the hub itself" in said
    assert "kubectl" not in said


def test_who_keeps_it_is_named_and_nothing_is_told_to_be_patched() -> None:
    kept = shape("c").replace(
        "  namespace: argocd",
        "  namespace: argocd\n  labels: {helm.sh/chart: application-sets-0.2.0}\n"
        "  annotations: {argocd.argoproj.io/tracking-id: 'addons:x'}",
        1,
    )
    said = as_text(Brown(kept, RUNS).plan(TIER))
    assert "    kept by Application addons: change it there\n" in said
    assert "addons-x.selectorMatchLabels: gate-watcher.io/compute: open\n" in said
    assert "kubectl" not in said


def test_what_waits_to_be_deleted_is_said_with_what_to_do() -> None:
    said = as_text(Brown(shape("c"), spoke("a", "") + runs("addon-a-x", "a")).plan(TIER))
    assert said.startswith("Tiers")
    assert "Nothing can be written: deletions wait" in said


def test_what_keeps_many_gates_closed_is_said_once() -> None:
    torn = [
        spoke(each, metadata=", annotations: {gate-watcher.io/teardown: compute}")
        + runs(f"{each}-x", each)
        for each in "abcde"
    ]
    said = as_text(Brown(shape("c"), *torn).plan(TIER))
    assert (
        "  not done: compute on a, b, c and 2 more: a teardown names the gate of compute: take it "
        "back first\n" in said
    )


def test_many_spokes_are_counted_on_a_screen_and_listed_for_programs() -> None:
    many = [spoke(f"s{n:02}") + runs(f"x{n}", f"s{n:02}") for n in range(20)]
    made = Brown(shape("c"), *many).plan(TIER)
    assert "  and 8 more: -o json has them all" in as_text(made)
    assert len(as_document(made).openings) == 20


def test_an_adopted_hub_has_nothing_left() -> None:
    hub = Brown(shape("c"), RUNS)
    made = hub.plan(TIER)
    hub.open_gates(made)
    hub.change("addons-x", made.gatings[0].change.operations)
    last = hub.plan({}, policy("compute"))
    assert as_text(last).endswith(": 1 addon behind their gates, nothing is left to be done")
    assert as_document(last).done


def test_what_was_given_a_tier_that_the_policy_lacks_is_left() -> None:
    made = Brown(shape("c"), RUNS).plan({"addons-x": "compte"}, policy("compute"))
    assert not as_document(made).done
    said = as_text(made)
    assert "is it compute?" in said
    assert said.endswith("left without the gate that somebody gave it: argocd/addons-x; see above")
    assert "nothing is left" not in said


@pytest.mark.parametrize(
    "wanted",
    [
        policy("crds", "compute"),
        policy("a", "b", "c", namespace="gitops"),
        policy("a", application_namespaces=("argocd", "apps")),
    ],
)
def test_the_policy_that_is_shown_is_the_one_that_is_meant(wanted: Policy) -> None:
    assert read_policy(policy_text(wanted), file="x") == wanted


def test_polarity_block_is_written_down() -> None:
    read = read_policy(
        "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
        "gates: {polarity: block}\ntiers: [{name: a}]\n",
        file="x",
    )
    assert isinstance(read, Policy)
    assert read.gates.polarity is Polarity.BLOCK
    assert read_policy(policy_text(read), file="x") == read


def test_what_the_policy_on_the_hub_lacks_is_said_with_its_place() -> None:
    names = ("vpc-cni", "karpenter", "cert-manager")
    hub = Brown(*(shape("c").replace("addons-x", f"addons-{name}") for name in names))
    inventory = hub.inventory(policy("compute", "metrics"))
    made = plan(inventory, {}, read=read, now=NOW, found=True)
    assert (
        "The policy on the hub lacks tiers: put them into it, look at their order, and give it\n"
        "with --config\n"
        "  foundation, first\n"
        "  security, after compute\n"
    ) in as_text(made)
    assert as_document(made).lacking == ("foundation", "security")


@pytest.mark.parametrize("name", SHAPES)
def test_for_programs_it_is_json_and_holds_no_credential(name: str) -> None:
    made = Brown(shape(name), RUNS).plan(TIER)
    text = msgspec.json.encode(as_document(made)).decode() + as_text(made)
    assert CANARY not in text
    assert json.loads(msgspec.json.encode(as_document(made)))["proposed"] is True
