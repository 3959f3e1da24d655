from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.policy.policies import GOOD, HEAD, MISTAKES, WHOLE, Mistake
from watcher.facts import selector
from watcher.policy import (
    Accept,
    Budgets,
    Fault,
    Gates,
    Memory,
    Pacing,
    Polarity,
    Policy,
    Prior,
    Recovery,
    Ring,
    StartWhen,
    StopWhen,
    Survive,
    Tier,
    Window,
    WindowKind,
    read_policy,
)

MIB = 1024 * 1024

TWELVE_FAULTS = """\
apiVersion: config.gate-watcher.io/v1beta1
kind: GateWatcherConfigration
gates:
  prefix: Gates_Example
  polarity: open
namespace: on
tiers:
- name: crds
  soak: 1s
- name: teardown
  dependsOn: [crd]
  deadline: 30
- name: apps
  acept: [OutOfSync]
  dependsOn: [mesh]
- name: mesh
budgets:
  spokesInProgress: 0
"""

THEIR_PLACES = [
    (1, "apiVersion"),
    (2, "kind"),
    (4, "gates.prefix"),
    (5, "gates.polarity"),
    (6, "namespace"),
    (9, "tiers[0].soak"),
    (10, "tiers[1].name"),
    (11, "tiers[1].dependsOn[0]"),
    (12, "tiers[1].deadline"),
    (14, "tiers[2].acept"),
    (15, "tiers[2].dependsOn"),
    (18, "budgets.spokesInProgress"),
]


def faults(text: str) -> tuple[Fault, ...]:
    read = read_policy(text, file="policy.yaml")
    assert isinstance(read, tuple), read
    return read


def test_every_key_reaches_the_policy() -> None:
    assert read_policy(WHOLE, file="policy.yaml") == Policy(
        tiers=(
            Tier("crds", soak_s=2.0),
            Tier(
                "compute",
                ("crds",),
                deadline_s=1200.0,
                empty_after_s=600.0,
                accept=frozenset({Accept.OUT_OF_SYNC, Accept.EMPTY}),
            ),
            Tier("mesh", ("crds",), optional=True),
            Tier("apps", ("compute", "mesh")),
        ),
        gates=Gates(prefix="gates.example.com", polarity=Polarity.BLOCK),
        namespace="argo",
        application_namespaces=("argo", "team-a"),
        ignore_application_sets=frozenset({"bootstrap", "team-a/shared"}),
        budgets=Budgets(spokes_in_progress=8, applications_in_progress=200, interval_s=90.0),
        pacing=Pacing(without_limit=3),
        memory=Memory(
            selector="app=argocd,component in (controller, sharded),!canary",
            port=9090,
            path="/controller/metrics",
            scrape_every_s=10.0,
            stale_after_s=60.0,
            limit_bytes=4096 * MIB,
            overhead_bytes=120 * MIB,
            high=0.8,
            low=0.6,
            cool_down_s=300.0,
            collecting=0.3,
            survive=Survive.RUNNING,
            prior=Prior(
                idle_bytes=16 * MIB,
                spoke_bytes=40 * MIB,
                load_bytes=150_000_000,
                later_bytes=50 * MIB,
                resync_bytes=MIB // 2,
                restart_factor=2.0,
            ),
        ),
        recovery=Recovery.PARK,
        stale_after_s=120.0,
        rings=(
            Ring(
                "canary",
                selector("ring=canary,!retired"),
                frozenset({"compute"}),
                StartWhen(approval=True),
                StopWhen(0.1),
            ),
            Ring(
                "fleet",
                selector("ring in (fleet)"),
                start=StartWhen(0.95, 3600.0),
                stop=StopWhen(5),
            ),
            Ring("rest"),
        ),
        windows=(
            Window(
                "weekend",
                WindowKind.DENY,
                "0 22 * * 5",
                60 * 3600.0,
                "Europe/Berlin",
                frozenset({"fleet", "rest"}),
            ),
            Window("office", WindowKind.ALLOW, "0 9-16 * * MON-FRI", 5400.0),
        ),
    )


@pytest.mark.parametrize("word", ["off", "Off", "no", "false", "'off'"])
def test_a_choice_is_read_as_it_is_meant_also_where_yaml_takes_it_for_a_boolean(word: str) -> None:
    policy = read_policy(f"{GOOD['the least']}recovery: {word}\n", file="policy.yaml")
    assert isinstance(policy, Policy)
    assert policy.recovery is Recovery.OFF


def test_what_is_absent_has_the_default_of_the_structs() -> None:
    assert read_policy(GOOD["the least"], file="policy.yaml") == Policy((Tier("crds"),))


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_good_policy_is_read_and_its_tiers_are_sound(text: str) -> None:
    policy = read_policy(text, file="policy.yaml")
    assert isinstance(policy, Policy)
    assert len(policy.order) == len(policy.tiers)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_one_mistake_is_one_fault_at_its_key_and_line(mistake: Mistake) -> None:
    (fault,) = faults(mistake.text)
    assert (fault.key, fault.line) == (mistake.key, mistake.line)
    assert mistake.says in str(fault)
    assert fault.problem and fault.remedy
    assert len(str(fault).splitlines()) == 1


def test_twelve_faults_come_at_once_each_on_its_line() -> None:
    found = faults(TWELVE_FAULTS)
    assert len(found) == 12
    assert [(fault.line, fault.key) for fault in found] == THEIR_PLACES


def test_a_fault_is_a_line_that_says_where_and_what_to_do() -> None:
    assert str(faults(TWELVE_FAULTS)[9]) == (
        "policy.yaml:14: tiers[2].acept: is not a key; did you mean accept?"
    )


def test_what_lies_behind_a_misspelt_key_is_judged_too() -> None:
    found = faults(HEAD + "tires:\n- name: crds\n  soak: 1s\n")
    assert [(fault.line, fault.key) for fault in found] == [(3, "tires"), (5, "tiers[0].soak")]


def test_faults_that_cannot_be_there_with_others_are_alone() -> None:
    for text in ("", "# nothing\n", "a: [", "a: 1\n---\nb: 2\n", "x" * 200_000):
        (fault,) = faults(text)
        assert fault.key == ""


def test_a_file_that_is_no_mapping_is_told_which_keys_it_needs() -> None:
    assert str(faults("hello")[0]).startswith(
        "policy.yaml:1: the file is the text hello, not a mapping; give it apiVersion, kind"
    )


def test_a_text_that_multiplies_is_neither_followed_nor_slow() -> None:
    laughs = "a0: &a0 [ha, ha]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 50)
    )
    found = faults(f"{laughs}{HEAD}tiers: *a49\n")
    assert found[-1].key == "tiers"
    assert found[-1].problem.startswith("is an alias")


@settings(deadline=None)
@given(st.text())
@example("\ufeff")
@example('a: "\\UFFFFFFFF"')
@example(f"%YAML 1.{'9' * 5000}\n--- a\n")
@example('"\\ud800": "\\ud800"')
@example("? [a]\n: {}")
@example("&a [*a]")
@example("[" * 100_000)
@example("{a: " * 100_000)
@example("- " * 50_000)
def test_no_text_raises(text: str) -> None:
    read = read_policy(text, file="policy.yaml")
    assert isinstance(read, Policy) or read


@settings(deadline=None)
@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 12),
            st.sampled_from([*"\n\t :-[]{}&*!'\"#?,0x", "- ", ": ", "tiers", "null", "yes"])
            | st.text(max_size=4),
        ),
        max_size=4,
    ),
)
def test_no_good_policy_raises_whatever_is_done_to_it(
    name: str, edits: list[tuple[float, int, str]]
) -> None:
    text = GOOD[name]
    for place, cut, put in edits:
        at = int(place * len(text))
        text = text[:at] + put + text[at + cut :]
    read = read_policy(text, file="policy.yaml")
    if isinstance(read, tuple):
        lines = (
            text.count("\n") + text.count("\r") + 1 + sum(text.count(c) for c in "\x85\u2028\u2029")
        )
        assert all(1 <= fault.line <= lines + 1 for fault in read)
        assert all(len(str(fault).splitlines()) == 1 for fault in read)
    else:
        assert len(read.order) == len(read.tiers)
