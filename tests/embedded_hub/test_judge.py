"""The judge sees every kind of harm, and no harm where there is none."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.embedded_hub.small_hub import SmallHub
from watcher.embedded_hub.judge import MANAGER, Violation
from watcher.embedded_hub.resources import APPLICATION, CONFIG_MAP, LEASE, SECRET, Resource
from watcher.embedded_hub.users import ADMIN, WATCHER
from watcher.embedded_hub.workloads import takes

MERGE = "application/merge-patch+json"


@asynccontextmanager
async def judged(*, policy: str = "sync") -> AsyncIterator[SmallHub]:
    """Two spokes with both gates open and an addon behind each, settled."""
    hub = SmallHub(x=takes(5.0), y=takes(5.0))
    hub.start()
    hub.add_set("x", tier="tier-a", syncPolicy={"applicationsSync": policy})
    hub.add_set("y", tier="tier-b")
    for name in ("a", "b"):
        hub.add_spoke(name, "tier-a", "tier-b")
    await hub.clock.advance(60.0)
    try:
        yield hub
    finally:
        await hub.stop()


def rules(hub: SmallHub) -> set[str]:
    return {one.rule for one in hub.judge.violations}


async def test_opening_a_gate_harms_nobody() -> None:
    async with judged() as hub:
        hub.add_spoke("c")
        hub.label("c", manager=MANAGER, tier_a="open")
        await hub.clock.advance(5.0)
        assert hub.judge.violations == []


async def test_closing_a_gate_is_seen_as_the_deletion_that_it_orders() -> None:
    async with judged() as hub:
        hub.label("a", manager=MANAGER, tier_a=None)
        (shape, deletion) = hub.judge.violations
        assert shape.said == "a: gate tier-a closed, no teardown"
        assert deletion.rule == "S4"
        assert deletion.said == "addon-x deletes a-x because of the write to a"
        assert deletion.revision == shape.revision == hub.store.revision


async def test_what_others_do_is_not_the_watchers_doing() -> None:
    async with judged() as hub:
        hub.label("a", manager="kubectl", tier_a=None)
        await hub.clock.advance(5.0)
        assert hub.judge.violations == []


async def test_a_teardown_that_was_asked_for_before_is_obeyed() -> None:
    async with judged() as hub:
        hub.annotate_spoke("a", "gate-watcher.io/teardown", "tier-b, tier-a")
        hub.label("a", manager=MANAGER, tier_b=None)
        await hub.clock.advance(5.0)
        hub.label("a", manager=MANAGER, tier_a=None)
        assert hub.judge.violations == []


@pytest.mark.parametrize(("named", "harm"), [("tier-b", True), ("*", False), ("", True)])
async def test_a_teardown_covers_the_gates_that_it_names(named: str, harm: bool) -> None:
    async with judged() as hub:
        hub.annotate_spoke("a", "gate-watcher.io/teardown", named)
        hub.label("a", manager=MANAGER, tier_a=None, tier_b=None)
        assert ("S4" in rules(hub)) is harm
        deleted = [one.said for one in hub.judge.violations if one.rule == "S4"]
        assert all("a-x" in one or named == "" for one in deleted)


async def test_opening_may_deselect_and_that_is_seen() -> None:
    """A set that wants the gate's key to be absent loses the spoke when it opens."""
    async with judged() as hub:
        hub.add_set("z")
        absent = [{"key": "gate-watcher.io/tier-c", "operator": "DoesNotExist"}]
        selector = {"matchLabels": None, "matchExpressions": absent}
        hub.change_set("z", {"spec": {"generators": [{"clusters": {"selector": selector}}]}})
        await hub.clock.advance(30.0)
        assert "a-z" in hub.names()
        hub.label("a", manager=MANAGER, tier_c="open")
        assert [one.said for one in hub.judge.violations] == [
            "addon-z deletes a-z because of the write to a"
        ]


async def test_opening_may_rename_and_that_is_seen() -> None:
    async with judged() as hub:
        hub.add_set("z")
        hub.change_set(
            "z",
            {
                "spec": {
                    "generators": [{"clusters": {"selector": {"matchLabels": None}}}],
                    "template": {"metadata": {"name": "{{.name}}-{{ len .metadata.labels }}"}},
                }
            },
        )
        hub.store.delete(SECRET, "argocd", "b")  # in-cluster has no labels: it would be an error
        exists = [{"key": "gate-watcher.io/tier-a", "operator": "Exists"}]
        generator = {"clusters": {"selector": {"matchExpressions": exists}}}
        hub.change_set("z", {"spec": {"generators": [generator]}})
        await hub.clock.advance(30.0)
        assert "a-3" in hub.names()
        hub.label("a", manager=MANAGER, tier_c="open")
        assert "S4" in rules(hub)


async def test_a_pending_deletion_of_others_is_not_charged_to_the_write_that_sets_it_off() -> None:
    """The gate creates nothing; of one that does, S3 speaks."""
    async with judged() as hub:
        hub.application_sets.pause()
        hub.label("a", manager="kubectl", tier_a=None)
        hub.application_sets.paused = False
        hub.label("b", manager=MANAGER, tier_c="open")
        assert hub.judge.violations == []
        await hub.clock.advance(5.0)
        assert "a-x" not in hub.names()


@asynccontextmanager
async def waiting_deletion() -> AsyncIterator[SmallHub]:
    """A Secret of b that is no spoke's any more, which Argo CD has not seen; and a spoke c."""
    async with judged() as hub:
        hub.add_spoke("c")
        await hub.clock.advance(30.0)
        labels = {"argocd.argoproj.io/secret-type": None}
        hub.store.patch(SECRET, "argocd", "b", {"metadata": {"labels": labels}})
        await hub.clock.advance(30.0)
        assert "b-x" in hub.names()
        yield hub


async def test_a_first_opening_that_sets_off_a_waiting_deletion_is_seen() -> None:
    async with waiting_deletion() as hub:
        hub.label("c", manager=MANAGER, tier_a="open")
        assert [(one.rule, one.said) for one in hub.judge.violations] == [
            ("S3", "b-x was waiting to be deleted at the write to c"),
            ("S3", "b-y was waiting to be deleted at the write to c"),
        ]


async def test_a_deletion_that_a_pass_is_due_for_is_not_set_off() -> None:
    async with waiting_deletion() as hub:
        hub.label("a", manager="kubectl", tier_c="open")
        hub.label("c", manager=MANAGER, tier_a="open")
        assert hub.judge.violations == []


async def test_a_gate_that_was_lost_opens_whatever_waits() -> None:
    async with waiting_deletion() as hub:
        hub.application_sets.pause()
        hub.annotate_spoke("c", "gate-watcher.io/opened", '{"tier-a":"2027-01-15T08:00:00Z"}')
        hub.label("c", manager=MANAGER, tier_a="open")
        assert hub.judge.violations == []


async def test_what_no_policy_deletes_is_no_deletion() -> None:
    async with judged(policy="create-update") as hub:
        hub.label("a", manager=MANAGER, tier_a=None)
        assert rules(hub) == {"S1"}


async def test_an_error_that_ends_the_pass_before_is_taken_into_account() -> None:
    """Generating fails now, so nothing is deleted; the write mends it, and then it is."""
    async with judged() as hub:
        named = {"name": "{{.name}}-{{ .metadata.labels.team }}"}
        hub.add_set("z")
        hub.change_set("z", {"spec": {"template": {"metadata": named}}})
        await hub.clock.advance(5.0)
        assert [name for name in hub.names() if name.endswith("-z")] == []
        hub.add_spoke("c", "tier-a", team="one")
        for name in ("a", "b"):
            hub.store.patch(SECRET, "argocd", name, {"metadata": {"labels": {"team": "one"}}})
        await hub.clock.advance(30.0)
        assert "c-one" in hub.names()
        patch = {"metadata": {"labels": {"team": None}}}
        hub.store.patch(SECRET, "argocd", "a", patch)  # generating fails from now on
        hub.label("c", manager="kubectl", tier_a=None)  # so c-one stays
        await hub.clock.advance(5.0)
        assert "c-one" in hub.names()
        hub.label("a", manager=MANAGER, tier_a=None)  # a is out, and the pass goes through again
        assert "addon-z deletes c-one because of the write to a" in [
            one.said for one in hub.judge.violations
        ]


@pytest.mark.parametrize(
    ("merge", "said"),
    [
        ({"metadata": {"labels": {"enable_x": "true"}}}, "a: labels enable_x changed"),
        ({"metadata": {"labels": {"gate-watcher.io/tier": "x"}}},
         "a: labels gate-watcher.io/tier changed"),
        ({"metadata": {"annotations": {"gate-watcher.io/teardown": "x"}}},
         "a: annotations gate-watcher.io/teardown changed"),
        ({"data": {"name": "eg=="}}, "a: data changed"),
    ],
)  # fmt: skip
async def test_what_is_none_of_its_business_is_seen(merge: dict[str, Any], said: str) -> None:
    async with judged() as hub:
        hub.store.patch(SECRET, "argocd", "a", merge, manager=MANAGER)
        assert Violation("S1", said, hub.store.revision) in hub.judge.violations


async def test_its_own_record_is_its_business() -> None:
    async with judged() as hub:
        opened = {"gate-watcher.io/opened": '{"tier-a":"2027-01-15T08:00:00Z"}'}
        patch = {"metadata": {"annotations": opened}}
        hub.store.patch(SECRET, "argocd", "a", patch, manager=MANAGER)
        assert hub.judge.violations == []


async def test_the_other_polarity_is_judged_alike() -> None:
    async with judged() as hub:
        hub.add_set("z")
        block = [{"key": "gate-watcher.io/late", "operator": "NotIn", "values": ["closed"]}]
        generator = {"clusters": {"selector": {"matchLabels": None, "matchExpressions": block}}}
        hub.change_set("z", {"spec": {"generators": [generator]}})
        hub.add_spoke("c")
        hub.label("c", late="closed")
        await hub.clock.advance(30.0)
        hub.label("c", manager=MANAGER, late=None)
        assert hub.judge.violations == []
        await hub.clock.advance(30.0)
        hub.label("c", manager=MANAGER, late="closed")
        assert rules(hub) == {"S1", "S4"}


# Several Secrets of one data.name


@asynccontextmanager
async def namesakes(*names: str, seed: int = 0, said: str | None = None) -> AsyncIterator[SmallHub]:
    """Spokes whose Secrets all say `said` for a name, if anything; an Application NAME-x for each.

    The last one's gate is open.
    """
    hub = SmallHub(seed=seed, x=takes(5.0))
    hub.start()
    hub.add_set("x")
    own = {"metadata": {"name": "{{.metadata.labels.id}}-x"}}
    hub.change_set("x", {"spec": {"template": own}})
    told = None if said is None else b64encode(said.encode()).decode()
    for name in names:
        hub.add_spoke(name, id=name)
        hub.store.patch(SECRET, "argocd", name, {"data": {"name": told}})
    hub.label(names[-1], tier_a="open")
    await hub.clock.advance(30.0)
    assert hub.names() == [f"{names[-1]}-x"]
    try:
        yield hub
    finally:
        await hub.stop()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("said", [None, "same"])
@pytest.mark.parametrize(("opened", "other"), [("a", "b"), ("b", "a")])
async def test_a_second_secret_of_one_name_may_push_out_the_first_whatever_is_drawn(
    opened: str, other: str, said: str | None, seed: int
) -> None:
    """Argo CD draws anew at each pass: that the hub's draw spares it today helps nobody."""
    async with namesakes(opened, other, said=said, seed=seed) as hub:
        hub.label(opened, manager=MANAGER, tier_a="open")
        assert rules(hub) == {"S4"}
        (found,) = hub.judge.violations
        assert found.said in (
            f"addon-x deletes {other}-x because of the write to {opened}",
            f"addon-x may delete or move {other}-x because of the write to {opened}",
        )


@pytest.mark.parametrize("seed", range(12))
async def test_the_judge_draws_what_the_controller_draws(seed: int) -> None:
    """Two compete already; whom the third one pushes out depends on its place among them."""
    async with namesakes("a", "b", "c", seed=seed) as hub:
        hub.label("b", tier_a="open")
        await hub.clock.advance(30.0)
        (there,) = hub.names()
        hub.label("a", manager=MANAGER, tier_a="open")
        judged = bool(hub.judge.violations)
        await hub.clock.advance(30.0)
        assert judged is (there not in hub.names())


async def test_an_application_that_changes_hands_with_the_draw_is_seen() -> None:
    """Named by data.name it stays, and lands on another spoke."""
    async with judged() as hub:
        hub.add_spoke("c")
        hub.store.patch(SECRET, "argocd", "c", {"data": {"name": b64encode(b"a").decode()}})
        hub.label("c", manager=MANAGER, tier_a="open")
        assert [(one.rule, one.said) for one in hub.judge.violations] == [
            ("S4", "addon-x may delete or move a-x because of the write to c")
        ]


async def test_what_is_pushed_out_before_it_is_created_is_seen() -> None:
    async with namesakes("a", "b") as hub:
        hub.application_sets.pause()
        hub.add_spoke("c", "tier-a", id="c")
        hub.add_spoke("d", id="d")
        hub.store.patch(SECRET, "argocd", "d", {"data": {"name": b64encode(b"c").decode()}})
        hub.label("d", manager=MANAGER, tier_a="open")
        assert [one.said for one in hub.judge.violations] == [
            "addon-x may delete or move c-x because of the write to d"
        ]


async def test_a_namesake_that_is_not_selected_pushes_nobody_out() -> None:
    async with namesakes("a", "b") as hub:
        hub.label("a", manager=MANAGER, tier_b="open")
        await hub.clock.advance(5.0)
        assert hub.judge.violations == []
        assert hub.names() == ["b-x"]


async def test_a_teardown_of_one_of_two_namesakes_harms_nobody() -> None:
    async with namesakes("a", "b") as hub:
        hub.label("a", tier_a="open")
        hub.annotate_spoke("a", "gate-watcher.io/teardown", "tier-a")
        await hub.clock.advance(30.0)
        hub.label("a", manager=MANAGER, tier_a=None)
        assert hub.judge.violations == []


# Parking

SKIP, MARK = "argocd.argoproj.io/skip-reconcile", "gate-watcher.io/parked"
AT = "2026-03-02T09:00:00Z"


@pytest.mark.parametrize(
    ("before", "change", "said"),
    [
        ({}, {SKIP: "true", MARK: AT}, None),
        ({SKIP: "true", MARK: AT}, {SKIP: None, MARK: None}, None),
        ({MARK: AT}, {MARK: None}, None),
        ({MARK: AT}, {SKIP: "true", MARK: AT}, None),
        ({}, {MARK: AT}, "marked as parked, which it is not"),
        ({}, {SKIP: "true"}, "skip-reconcile changed without the mark"),
        ({SKIP: "true"}, {SKIP: None}, "skip-reconcile changed without the mark"),
        ({SKIP: "true"}, {MARK: AT}, "marked as parked, which it is not"),
        ({SKIP: "true", MARK: AT}, {MARK: None}, "the mark of parking taken away alone"),
    ],
    ids=str,
)
async def test_a_spoke_is_parked_by_both_marks_and_a_persons_own_is_not_touched(
    before: dict[str, str], change: dict[str, str | None], said: str | None
) -> None:
    async with judged() as hub:
        for key, value in before.items():
            hub.annotate_spoke("a", key, value)
        patch = {"metadata": {"annotations": change}}
        hub.store.patch(SECRET, "argocd", "a", patch, manager=MANAGER)
        expected = [] if said is None else [("P", f"a: {said}")]
        assert [(one.rule, one.said) for one in hub.judge.violations] == expected


async def test_the_hub_itself_is_never_parked() -> None:
    async with judged() as hub:
        server = b64encode(b"https://kubernetes.default.svc").decode()
        hub.store.patch(SECRET, "argocd", "a", {"data": {"server": server}})
        patch = {"metadata": {"annotations": {SKIP: "true", MARK: AT}}}
        hub.store.patch(SECRET, "argocd", "a", patch, manager=MANAGER)
        assert [one.said for one in hub.judge.violations] == ["a: the hub itself parked"]


# Requests


@dataclass
class Sent:
    verb: str
    resource: Resource | None
    body: bytes = b""
    name: str | None = "a"
    user: str = ADMIN.name
    query: Mapping[str, str] = field(default_factory=lambda: {"fieldManager": MANAGER})
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": MERGE})


def patch_of(**metadata: Any) -> bytes:
    return json.dumps({"metadata": {"uid": "u", "resourceVersion": "1", **metadata}}).encode()


def refresh(kind: str = "normal") -> bytes:
    annotations = {"argocd.argoproj.io/refresh": kind}
    return json.dumps({"metadata": {"uid": "u", "annotations": annotations}}).encode()


GATE = {"labels": {"gate-watcher.io/tier-a": "open"}}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Sent("patch", SECRET, patch_of(**GATE)), None),
        (Sent("patch", SECRET, patch_of(annotations={"gate-watcher.io/opened": "{}"})), None),
        (Sent("get", SECRET), None),
        (Sent("create", LEASE, b"{}"), None),
        (Sent("delete", SECRET), "delete of secrets a"),
        (Sent("delete", CONFIG_MAP, query={}, user=WATCHER.name), "delete of configmaps a"),
        (Sent("patch", APPLICATION, b"{}"), "patch of applications a"),
        (Sent("patch", APPLICATION, refresh()), None),
        (Sent("patch", APPLICATION, refresh(kind="hard")), "patch of applications a"),
        (Sent("patch", APPLICATION, patch_of(annotations={})), "patch of applications a"),
        (Sent("patch", SECRET, patch_of(annotations={SKIP: "true", MARK: AT})), None),
        (Sent("update", SECRET, patch_of(**GATE)), "is no merge patch"),
        (Sent("patch", SECRET, patch_of(**GATE), headers={}), "no content type is no merge patch"),
        (Sent("patch", SECRET, b'{"data":{},"metadata":{"uid":"u","resourceVersion":"1"}}'),
         "it holds data"),
        (Sent("patch", SECRET, patch_of(finalizers=[])), "it holds finalizers"),
        (Sent("patch", SECRET, patch_of(uid=None)), "it has no uid or no resourceVersion"),
        (Sent("patch", SECRET, patch_of(labels={"env": "x"})), "it holds labels env"),
        (Sent("patch", SECRET, patch_of(annotations={"gate-watcher.io/teardown": "*"})),
         "it holds annotations gate-watcher.io/teardown"),
        (Sent("patch", SECRET, b"{}", query={"fieldManager": "kubectl"}), None),
    ],
)  # fmt: skip
async def test_a_request_has_the_one_shape_that_it_may_have(
    request_: Sent, said: str | None
) -> None:
    hub = SmallHub()
    hub.judge.requests = [request_]
    found = hub.judge.violations
    assert hub.judge.violations == found  # looked at once
    if said is None:
        assert found == []
    else:
        assert len(found) == 1
        assert said in found[0].said
