"""Nothing that a hub can send makes a decision raise (S13).

What is drawn here is decodable and otherwise as absurd as can be: times that are no times, texts of
any kind, generators in any shape.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from tests.builders import GUARDS, HOUR, NOW, controller, sources
from tests.decide.hubs import tried
from watcher.decide import Snapshot, decide, grouped, say
from watcher.decide.changes import changes
from watcher.facts import (
    Application,
    ApplicationSet,
    Clusters,
    Condition,
    Elements,
    Ended,
    Expression,
    Foreign,
    Hydration,
    Kind,
    Matrix,
    Merge,
    Operation,
    Owner,
    Refusal,
    Selector,
    SetCondition,
    Source,
    Spoke,
    Write,
    rfc3339,
)
from watcher.policy import Accept, Budgets, Gates, Polarity, Policy, Recovery, Tier

wild_floats = st.none() | st.floats() | st.sampled_from([NOW, NOW - HOUR, -1e300, 0.0])
wild_text = st.sampled_from(
    ["", "a", "*", "crds", "open", "x" * 300, "\x00\n\u202e", "\ud800", "{{", "argocd/x"]
)


def wild(kind: type, **given_: Any) -> st.SearchStrategy[Any]:
    """Any value of this struct that its types allow, and some that only a broken hub would send."""
    chosen: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in given_:
            chosen[field.name] = given_[field.name]
            continue
        text = str(field.type)
        if "float" in text or "Instant" in text:
            optional = "None" in text
            chosen[field.name] = wild_floats if optional else st.floats()
        elif "bool" in text:
            chosen[field.name] = st.booleans()
        elif "int" in text:
            chosen[field.name] = st.none() | st.integers() if "None" in text else st.integers()
        elif "bytes" in text:
            chosen[field.name] = st.sampled_from([b"", b"spec"])
        elif "tuple" in text:
            chosen[field.name] = st.lists(wild_text, max_size=2).map(tuple)
        elif "frozenset" in text:
            chosen[field.name] = st.frozensets(wild_text, max_size=2)
        elif "Mapping" in text:
            chosen[field.name] = st.dictionaries(wild_text, wild_text, max_size=2)
        elif "None" in text:
            chosen[field.name] = st.none() | wild_text
        else:
            chosen[field.name] = wild_text
    return st.builds(kind, **chosen)


wild_keys = st.sampled_from(
    [*(f"gate-watcher.io/{tier}" for tier in ("crds", "tier", "opened", "")), "enable", "{{"]
)
wild_selectors = st.builds(
    Selector,
    st.lists(
        st.builds(
            Expression,
            wild_keys | st.sampled_from(["name", "metadata.labels.gate-watcher.io/crds"]),
            st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "", "In\x00"]),
            st.lists(wild_text, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
wild_generators = st.recursive(
    st.one_of(
        wild(Clusters, selector=wild_selectors, filter=st.none() | wild_selectors),
        st.builds(
            Elements,
            st.lists(st.dictionaries(wild_text, wild_text, max_size=2), max_size=2).map(tuple),
            st.none() | wild_selectors,
        ),
        st.builds(Foreign, wild_text, st.none() | wild_selectors),
    ),
    lambda inner: st.one_of(
        st.builds(Matrix, st.lists(inner, max_size=3).map(tuple), st.none() | wild_selectors),
        st.builds(
            Merge,
            st.lists(inner, max_size=3).map(tuple),
            st.lists(st.sampled_from(["server", "name", "values.x"]), max_size=2).map(tuple),
            st.none() | wild_selectors,
        ),
    ),
    max_leaves=4,
)
wild_sets = wild(
    ApplicationSet,
    name=st.sampled_from("xy"),
    namespace=st.just("argocd"),
    generators=st.lists(wild_generators, max_size=2).map(tuple),
    conditions=st.lists(
        wild(SetCondition, type=st.just("ErrorOccurred"), status=st.just("True")), max_size=2
    ).map(tuple),
)
wild_apps = wild(
    Application,
    owner=st.none() | st.builds(Owner, st.sampled_from("xyz"), wild_text),
    operation=st.none()
    | wild(Operation, phase=st.sampled_from(["Succeeded", "Failed", "Running", ""])),
    hydration=st.none() | st.builds(Hydration, wild_text, wild_text),
    conditions=st.lists(wild(Condition), max_size=2).map(tuple),
    sync_status=st.sampled_from(["Synced", "OutOfSync", ""]),
    health_status=st.sampled_from(["Healthy", "Degraded", ""]),
    server=st.sampled_from(["", "https://a", "https://b/"]),
    tier_label=st.sampled_from([None, "crds", "unheard of"]),
)
wild_spokes = wild(
    Spoke,
    uid=st.sampled_from(["1", "2", ""]),
    server=st.sampled_from(["", "https://a", "https://a/"]),
    labels=st.dictionaries(wild_keys, st.sampled_from(["open", "closed", ""]), max_size=4),
    opened=st.sampled_from(
        [None, "", "{}", "[]", '{"crds": 1}', '{"crds": "0001-01-01T00:00:00Z"}']
    ),
    unreadable=st.sampled_from([(), (), ("data.name",)]),
)
wild_pods = st.builds(
    controller,
    st.sampled_from([0, 1, None]),
    ready=st.booleans(),
    started_at=st.none() | wild_floats,
    waiting=st.sampled_from(["", "CrashLoopBackOff"]),
    restarts=st.integers(-1, 3),
    ended=st.none() | st.builds(Ended, st.just("OOMKilled"), st.none(), st.none() | wild_floats),
    limit_bytes=st.sampled_from([None, 0, 2**30]),
    image=st.sampled_from(["argocd:v3.5.1", "argocd:v99999999999.1", "", "a:b"]),
)
wild_snapshots = st.builds(
    Snapshot,
    spokes=st.lists(wild_spokes, max_size=3).map(lambda those: {each.uid: each for each in those}),
    application_sets=st.lists(wild_sets, max_size=2).map(lambda s: {each.key: each for each in s}),
    applications=st.lists(wild_apps, max_size=4).map(grouped),
    sources=st.just(sources())
    | st.dictionaries(
        st.sampled_from(Kind), st.builds(Source, st.sampled_from(Kind), st.booleans(), wild_floats)
    ),
    writes=st.dictionaries(
        st.sampled_from("12"), st.builds(Write, st.frozensets(wild_text), st.floats()), max_size=1
    ),
    refusals=st.dictionaries(
        st.sampled_from("12"),
        st.builds(Refusal, st.integers(), wild_text, st.floats(), st.floats()),
        max_size=1,
    ),
    guards=st.sampled_from(list(GUARDS.values())),
    pods=st.lists(wild_pods, max_size=2).map(lambda those: {each.key: each for each in those}),
)
wild_policies = st.builds(
    lambda polarity, budgets, accept, recovery: Policy(
        (Tier("crds", accept=accept), Tier("compute", ("crds",))),
        Gates(polarity=polarity),
        budgets=budgets,
        recovery=recovery,
    ),
    st.sampled_from(Polarity),
    st.builds(Budgets, st.integers(), st.none() | st.integers(), st.sampled_from([0.0, 5.0])),
    st.frozensets(st.sampled_from(Accept)),
    st.sampled_from(Recovery),
)


@given(wild_snapshots, wild_policies, st.floats() | st.just(NOW), st.floats())
@tried(3)
def test_no_snapshot_is_too_absurd_to_be_decided_and_spoken_of(
    snapshot: Snapshot, policy: Policy, now: float, later: float
) -> None:
    before = decide(snapshot, policy, now)
    after = decide(replace(snapshot, carried=before.carried), policy, later)
    for decision in (before, after):
        for verdict in decision.verdicts.values():
            assert all(say(reason) for reason in verdict.reasons)
            assert verdict.opened_at is None or rfc3339(verdict.opened_at)
    changes(None, before)
    changes(before, after)
