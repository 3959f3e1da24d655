from __future__ import annotations

import pytest

from watcher.adopt import tier_file

KNOWN = ("argocd/addons-karpenter", "argocd/addons-keda")


def read(text: str) -> object:
    return tier_file(text, file="tiers.yaml", known=KNOWN)


def test_a_line_is_an_application_set_and_its_tier() -> None:
    text = "addons-karpenter: compute\nargocd/addons-keda: metrics\n"
    assert read(text) == {"addons-karpenter": "compute", "argocd/addons-keda": "metrics"}


@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_nothing_keeps_it_without_a_gate(nothing: str) -> None:
    assert read(f"addons-keda: {nothing}\n") == {"addons-keda": None}


def test_an_empty_file_says_nothing() -> None:
    assert read("\n") == {}


def test_every_fault_has_its_line_and_what_to_do() -> None:
    text = "addons-kedda: x\naddons-keda: [a]\naddons-karpenter: a\naddons-karpenter: b\n"
    assert [str(each) for each in read(text)] == [  # type: ignore[attr-defined]
        "tiers.yaml:1: addons-kedda: there is no such ApplicationSet; is it addons-keda?",
        "tiers.yaml:2: addons-keda: it is given a list; write NAME: TIER, one ApplicationSet a "
        "line",
        "tiers.yaml:4: addons-karpenter: it is named twice; name it once",
    ]


def test_a_list_is_no_file_of_tiers() -> None:
    assert [str(each) for each in read("- a\n")] == [  # type: ignore[attr-defined]
        "tiers.yaml:1: it is a list, and no mapping; write NAME: TIER, one ApplicationSet a line"
    ]
