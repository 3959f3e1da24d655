"""Whatever stands in an object, a decision is made, and nothing is believed that is not said.

Real objects, as one-spoke-four-tiers left them, each with something bad in it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.captured.junk import junked
from tests.captured.recorded import Object, stream
from tests.captured.replay import replayed, tiers_in_a_row
from tests.decide.world import RUNS
from watcher.decide import Carried, Decision, Gate, Snapshot, State, Verdict, decide, grouped
from watcher.decide import reasons as r
from watcher.facts import Application, ApplicationSet, Instant, Kind, Source
from watcher.hub.decode import Decoder

TIERS = ("compute", "metrics", "security", "platform")
POLICY = tiers_in_a_row(*TIERS)
DECODER = Decoder(POLICY.gates)
LAST = replayed("one-spoke-four-tiers", POLICY)[-1]
NOW: Instant = LAST.now + 60.0
OPEN = {f"gate-watcher.io/{tier}": "open" for tier in TIERS}
WHEN_OPENED = json.dumps(dict.fromkeys(TIERS, "2026-11-24T10:16:32Z"))

SECRET: Object = LAST.hub["Secret", "spoke-000"]
SECRET = {
    **SECRET,
    "metadata": {**SECRET["metadata"], "annotations": {"gate-watcher.io/opened": WHEN_OPENED}},
}
SETS = [each for (kind, _), each in LAST.hub.items() if kind == "ApplicationSet"]
APPS = [each for (kind, _), each in LAST.hub.items() if kind == "Application"]
KEDA: Object = LAST.hub["Application", "spoke-000-keda"]


def body(document: Object) -> bytes:
    return json.dumps(document).encode()


THE_SETS = tuple(DECODER.application_set(body(each)) for each in SETS)
THE_APPS = tuple(DECODER.application(body(each)) for each in APPS)
OTHERS = tuple(each for each in THE_APPS if each.name != "spoke-000-keda")


def decided(
    *,
    secrets: Iterable[Object] = (SECRET,),
    sets: Iterable[ApplicationSet] = THE_SETS,
    apps: Iterable[Application] = THE_APPS,
    carried: Carried | None = None,
    now: Instant = NOW,
) -> Decision:
    spokes = [DECODER.spoke(body(each)) for each in secrets]
    snapshot = Snapshot(
        spokes={each.uid: each for each in spokes},
        application_sets={each.key: each for each in sets},
        applications=grouped(apps),
        sources={kind: Source(kind, listed=True, heard_at=now) for kind in Kind},
        pods={RUNS.key: RUNS},
        carried=Carried() if carried is None else carried,
    )
    return decide(snapshot, POLICY, now)


def verdict(decision: Decision, tier: str, secret: Object = SECRET) -> Verdict:
    return decision.verdicts[Gate(secret["metadata"]["uid"], tier)]


def states(decision: Decision) -> list[State]:
    return [verdict(decision, tier).state for tier in TIERS]


def with_keda(text: bytes) -> Decision:
    """With something else for one Application of the highest tier."""
    return decided(apps=[*OTHERS, DECODER.application(text)])


def changed(document: Object, **parts: Mapping[str, Any]) -> Object:
    """A copy of a Secret with more in `metadata` or in `data`."""
    merged = {part: {**(document.get(part) or {}), **more} for part, more in parts.items()}
    return {**document, **merged}


def labelled(document: Object, labels: Mapping[str, str]) -> Object:
    kept = {k: v for k, v in document["metadata"]["labels"].items() if k not in OPEN}
    return changed(document, metadata={"labels": {**kept, **labels}})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_with_nothing_bad_in_it_all_four_have_settled() -> None:
    assert states(decided()) == [State.SETTLED] * 4


# --- Applications ---------------------------------------------------------------------------------


def test_no_junk_in_an_application_raises_or_is_taken_for_settled() -> None:
    """What is read and looks otherwise than it should keeps its gate from settling, or is no bar to
    it: only the rest is ever Settled.
    """
    settles = DECODER.application(body(KEDA))
    for path, junk, text in junked(KEDA):
        if path[:2] in (("metadata", "uid"), ("metadata", "name"), ("metadata", "namespace")):
            continue
        app = DECODER.application(text)
        state = verdict(with_keda(text), "platform").state
        if app.unreadable:
            assert state is not State.SETTLED, (path, junk)
        if app == settles:
            assert state is State.SETTLED, (path, junk)


@given(
    st.dictionaries(
        st.sampled_from(["phase", "finishedAt", "retryCount", "message"]),
        st.sampled_from(["Succeeded", "Running", "x", "", None, 7, -1, "0001-01-01T00:00:00Z"])
        | st.sampled_from(["9999-12-31T23:59:59Z", "2026-11-24T10:16:55Z", [], {}]),
    )
)
def test_no_operation_but_one_that_succeeded_before_the_comparison_lets_it_settle(
    operation: dict[str, Any],
) -> None:
    document = {**KEDA, "status": {**KEDA["status"], "operationState": operation}}
    state = verdict(with_keda(body(document)), "platform").state
    if operation.get("phase") != "Succeeded":
        assert state is not State.SETTLED
    if operation.get("finishedAt") == "9999-12-31T23:59:59Z":
        assert state is not State.SETTLED


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (("status", "reconciledAt"), r.StampAhead),
        (("status", "health", "lastTransitionTime"), r.Soaks),
        (("status", "operationState", "finishedAt"), r.ComparedBeforeOperationEnded),
        (("metadata", "creationTimestamp"), r.Soaks),
        (("metadata", "deletionTimestamp"), r.ApplicationDeleting),
    ],
)
def test_a_time_in_the_future_has_not_come(path: tuple[str, ...], reason: type) -> None:
    document = json.loads(json.dumps(KEDA))
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = "2099-01-01T00:00:00Z"
    said = verdict(with_keda(body(document)), "platform")
    assert said.state is not State.SETTLED
    assert any(isinstance(each, reason) for each in said.reasons)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"])
def test_a_time_of_the_first_year_is_before_any_opening(text: str) -> None:
    document = json.loads(json.dumps(KEDA))
    document["status"]["reconciledAt"] = text
    said = verdict(with_keda(body(document)), "platform")
    assert any(isinstance(each, r.ComparedBeforeOpening) for each in said.reasons)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_one_that_was_made_at_an_absurd_time_behind_no_gate_is_recorded_or_not_touched(
    text: str,
) -> None:
    """Whatever time is written for it must be read again as the same."""
    absurd = [
        {**each, "metadata": {**each["metadata"], "creationTimestamp": text}} for each in APPS
    ]
    closed = changed(labelled(SECRET, {}), metadata={"annotations": {}})
    found = [DECODER.application(body(each)) for each in absurd]
    (patch,) = decided(secrets=[closed], apps=found).patches
    assert patch.urgent
    times = json.loads(patch.annotations["gate-watcher.io/opened"] or "{}")
    assert times == dict.fromkeys(TIERS, text)


def test_five_thousand_resources_change_nothing() -> None:
    many = [KEDA["status"]["resources"][0]] * 5_000
    document = {**KEDA, "status": {**KEDA["status"], "resources": many}}
    assert states(with_keda(body(document))) == [State.SETTLED] * 4


# --- Secrets --------------------------------------------------------------------------------------


def second(**data: str) -> Object:
    """Another Secret, with no gate open, whose name and server are its own but for `data`."""
    meta = {"uid": "uid-of-the-second", "name": "second", "annotations": {}}
    own = {"name": encoded("second"), "server": encoded("https://second.example.com")}
    return labelled(changed(SECRET, metadata=meta, data={**own, **data}), {})


def test_a_second_spoke_would_open_its_first_gate() -> None:
    (patch,) = decided(secrets=[SECRET, second()]).patches
    assert (patch.secret, patch.opens) == ("second", ("compute",))


@pytest.mark.parametrize(
    ("member", "value"), [("name", "spoke-000"), ("server", "https://127.0.1.1:27443/")]
)
def test_two_that_cannot_be_told_apart_are_both_left_alone(member: str, value: str) -> None:
    other = second(**{member: encoded(value)})
    decision = decided(secrets=[SECRET, other])
    assert decision.patches == ()
    for secret in (SECRET, other):
        for tier in TIERS:
            reasons = verdict(decision, tier, secret).reasons
            duplicates = [each for each in reasons if isinstance(each, r.DuplicateSpoke)]
            waits = [each for each in reasons if isinstance(each, r.DependsOn)]
            assert duplicates or waits
    assert verdict(decision, "compute").state is not State.SETTLED


def test_one_without_a_name_is_shown_by_its_secret() -> None:
    nameless = second(name="")
    decision = decided(secrets=[SECRET, nameless])
    assert decision.spokes["uid-of-the-second"].name == "secret/second"
    assert decision.spokes[SECRET["metadata"]["uid"]].name == "spoke-000"


@pytest.mark.parametrize("member", ["name", "server"])
@pytest.mark.parametrize("text", ["%%%", "//79"])
def test_one_that_cannot_be_read_is_unknown_and_left_alone(member: str, text: str) -> None:
    bad = second(**{member: text})
    decision = decided(secrets=[SECRET, bad])
    assert decision.patches == ()
    for tier in TIERS:
        said = verdict(decision, tier, bad)
        assert said.state is State.UNKNOWN
        assert said.reasons == (r.SpokeUnreadable(f"data.{member} is not base64 of UTF-8 text"),)
    assert states(decision) == [State.SETTLED] * 4


def test_three_hundred_labels_change_nothing() -> None:
    labels = {f"example.com/label-{number}": str(number) for number in range(300)}
    assert states(decided(secrets=[labelled(SECRET, {**OPEN, **labels})])) == [State.SETTLED] * 4


@pytest.mark.parametrize(
    "text", ["", "{not json", "7", "[]", '{"compute": 7}', '{"compute": null}', '"x"', "\ufffd"]
)
def test_a_record_of_openings_that_cannot_be_read_counts_as_none_and_is_shown(text: str) -> None:
    noted = changed(SECRET, metadata={"annotations": {"gate-watcher.io/opened": text}})
    decision = decided(secrets=[noted])
    assert states(decision) == [State.SETTLED] * 4
    for tier in TIERS:
        reasons = verdict(decision, tier).reasons
        assert any(isinstance(each, r.OpenedUnreadable) for each in reasons)
        assert r.OpenedByHand() in reasons


def test_one_time_that_cannot_be_read_costs_no_other() -> None:
    times = json.dumps({"compute": "2026-11-24T10:16:32Z", "metrics": "yesterday"})
    noted = changed(SECRET, metadata={"annotations": {"gate-watcher.io/opened": times}})
    decision = decided(secrets=[noted])
    assert verdict(decision, "compute").opened_at is not None
    assert verdict(decision, "metrics").opened_at is None
    assert r.OpenedUnreadable("no time in the past can be read for metrics") in (
        verdict(decision, "metrics").reasons
    )


def test_no_junk_in_the_secret_raises_or_opens_anything() -> None:
    for path, _, text in junked(SECRET):
        spoke = DECODER.spoke(text)
        snapshot = Snapshot(
            spokes={spoke.uid: spoke},
            application_sets={},
            applications={},
            sources={kind: Source(kind, listed=True, heard_at=NOW) for kind in Kind},
            pods={RUNS.key: RUNS},
        )
        decision = decide(snapshot, POLICY, NOW)
        if spoke.unreadable:
            assert {each.state for each in decision.verdicts.values()} == {State.UNKNOWN}, path
            assert decision.patches == ()


# --- ApplicationSets ------------------------------------------------------------------------------


def test_a_list_of_application_sets_that_is_suddenly_empty_lets_nothing_pass() -> None:
    """Neither at once nor after the list has stood still, nor after a restart."""
    before = decided()
    for carried in (before.carried, Carried()):
        for now in (NOW, NOW + 3_600.0):
            decision = decided(sets=[], carried=carried, now=now)
            assert State.UNGATED not in states(decision)
            assert decision.patches == ()


def test_with_no_application_set_no_spoke_that_joins_opens_anything() -> None:
    for now in (NOW, NOW + 3_600.0):
        decision = decided(secrets=[second()], sets=[], apps=[], now=now)
        assert decision.patches == ()
        for tier in TIERS:
            said = verdict(decision, tier, second())
            assert said.state is State.WAITING
            assert r.TierUnused(tier) in said.reasons


def test_with_half_the_list_what_is_missing_does_not_pass() -> None:
    """Those of the lowest tier are gone: on a spoke that joins nothing above it may open."""
    half = [each for each in THE_SETS if each.name not in ("addon-karpenter", "addon-vpc-cni")]
    for now in (NOW, NOW + 3_600.0):
        decision = decided(secrets=[second()], sets=half, apps=[], now=now)
        assert decision.patches == ()
        assert verdict(decision, "compute", second()).state is State.WAITING


@pytest.mark.parametrize("spec", [None, {"generators": 7}, {"generators": [{"clusters": 7}]}])
def test_while_one_cannot_be_read_no_gate_opens(spec: Any) -> None:
    """It may be of any tier, and what a write would make of it nobody knows."""
    bad = DECODER.application_set(body({**SETS[0], "spec": spec}))
    for now in (NOW, NOW + 3_600.0):
        decision = decided(secrets=[second()], sets=[bad, *THE_SETS[1:]], apps=[], now=now)
        assert decision.patches == ()
        assert verdict(decision, "compute", second()).reasons


def test_no_junk_in_an_application_set_raises() -> None:
    for path, junk, text in junked({**SETS[0], "status": {}}):
        bad = DECODER.application_set(text)
        decision = decided(secrets=[second()], sets=[bad, *THE_SETS[1:]])
        if bad.reads_all_labels:
            assert decision.patches == (), (path, junk)


def test_the_objects_are_the_recorded_ones() -> None:
    assert len(stream("one-spoke-four-tiers")) > 100
    assert (len(SETS), len(APPS)) == (8, 8)
