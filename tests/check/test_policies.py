from __future__ import annotations

from tests.check.sights import FORBIDDEN, levels, said
from watcher.check import Level, Unread, Unseen

ABSENT = Unread(Unseen.ABSENT, "read configmap argocd/gate-watcher-policy")


def test_which_policy_it_is_is_said_with_its_tiers() -> None:
    assert said("policy") == [(Level.OK, "policy.yaml, 1 tier")]


def test_the_defaults_are_a_warning_that_names_the_option() -> None:
    ((level, text),) = said("policy", policy_from=ABSENT)
    assert level is Level.WARNING
    assert text.endswith("so the hub is held against the defaults; give the policy with --config")
    assert levels("policy", policy_from=FORBIDDEN) == [Level.WARNING]
    assert levels("policy", policy_from=ABSENT, before=True) == [Level.OK]


def test_a_policy_on_the_hub_that_cannot_be_used_is_a_fault_that_is_told() -> None:
    bad = Unread(Unseen.FAILED, "read it", "the policy on the hub cannot be used", "mend it")
    assert said("policy", policy_from=bad) == [
        (Level.FAULT, "the policy on the hub cannot be used; mend it")
    ]
