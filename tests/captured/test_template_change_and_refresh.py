"""An ApplicationSet's template changes, and so does its repository; then a person asks to refresh.

The recorded template got an annotation, which Argo CD does not compare; so what the Application's
status says is of its spec all the while, and of the new commit nobody knows until the refresh. In a
copy the template's revision changes too.
"""

from __future__ import annotations

import json

from tests.captured.clauses import holds, steady_since
from tests.captured.recorded import Event, stream
from tests.captured.replay import Turn, replay, start_of, tiers_in_a_row
from watcher.decide import State
from watcher.decide import reasons as r

SPOKE, APP = "spoke-000", "argocd/spoke-000-keda"
TIERS = ("compute", "metrics", "security", "platform")
APPS = tuple(f"{SPOKE}-{addon}" for addon in ("argo-rollouts", "ingress-nginx", "keda"))
RECORDED = stream("template-change-and-refresh")
START = start_of(RECORDED)
CHANGED, REFRESHED, COMPARED, DONE = "902", "904", "908", "915"
"""Versions of the Application: a new template; asked to refresh; compared; synced."""


def of_new_revision(event: Event) -> Event:
    """The event as if the template's revision had changed too: in the spec from the change on, in
    what was compared from the comparison on.
    """
    if event.did or event.kind != "Application" or event.name != f"{SPOKE}-keda":
        return event
    copy = json.loads(json.dumps(event.object))
    version = int(copy["metadata"]["resourceVersion"])
    if version >= int(CHANGED):
        copy["spec"]["source"]["targetRevision"] = "v2"
    if version >= int(COMPARED):
        copy["status"]["sync"]["comparedTo"]["source"]["targetRevision"] = "v2"
    return Event(event.at_s, event.type, copy)


NEW_REVISION = tuple(of_new_revision(each) for each in RECORDED)


def turns(events: tuple[Event, ...] = RECORDED) -> list[Turn]:
    return replay(events, tiers_in_a_row(*TIERS), start=START)


def version(turn: Turn) -> int:
    return int(turn.hub["Application", f"{SPOKE}-keda"]["metadata"]["resourceVersion"])


def test_a_new_annotation_is_nothing_that_argo_cd_compares() -> None:
    for turn in turns():
        if version(turn) <= int(REFRESHED):
            assert turn.state(SPOKE, "platform") is State.SETTLED


def test_a_new_revision_is_not_believed_until_it_was_compared() -> None:
    for turn in turns(NEW_REVISION):
        reasons = turn.reasons(SPOKE, "platform", APP)
        changed = int(CHANGED) <= version(turn) < int(COMPARED)
        assert ("ComparedOtherSpec" in reasons) is changed
        if changed:
            assert turn.state(SPOKE, "platform") is State.PROGRESSING


def test_until_then_all_else_says_that_it_is_well() -> None:
    """Synced, Healthy, operation Succeeded: only the spec tells."""
    of = turns(NEW_REVISION)
    for turn in of:
        if version(turn) in (int(CHANGED), int(REFRESHED)):
            only = r.ComparedOtherSpec(APP)
            assert turn.reasons(SPOKE, "platform", APP) == {"ComparedOtherSpec": only}


def test_the_refresh_brings_an_operation_and_then_it_settles() -> None:
    for events in (RECORDED, NEW_REVISION):
        of = turns(events)
        states = {version(turn): turn.state(SPOKE, "platform") for turn in of if turn.event}
        assert {states[each] for each in (905, 908, 910, 913, 914)} == {State.PROGRESSING}
        assert states[int(DONE)] is State.SOAKING
        for turn in of:
            whole = holds(turn.hub, SPOKE, APPS, opened_at=None)
            steady = whole and turn.now >= steady_since(turn.hub, APPS, opened_at=None) + 2.0
            assert (turn.state(SPOKE, "platform") is State.SETTLED) is steady
        assert of[-1].state(SPOKE, "platform") is State.SETTLED


def test_each_step_has_its_reason() -> None:
    of = turns()
    said = {version(t): set(t.reasons(SPOKE, "platform", APP)) for t in of if t.event}
    assert said[905] == {"OperationPending"}
    assert said[908] == {"OperationPending", "NotSynced"}
    assert said[910] == {"OperationRunning", "NotSynced"}
    assert said[913] == {"OperationRunning"}
    assert said[914] == {"OperationRunning"}


def test_what_synced_again_is_neither_stalled_nor_degraded() -> None:
    for events in (RECORDED, NEW_REVISION):
        states = {turn.state(SPOKE, "platform") for turn in turns(events)}
        assert states <= {State.SETTLED, State.PROGRESSING, State.SOAKING}


def test_the_tiers_below_do_not_notice() -> None:
    for turn in turns(NEW_REVISION):
        assert [turn.state(SPOKE, tier) for tier in TIERS[:-1]] == ["Settled"] * 3
