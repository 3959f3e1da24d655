from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    NOW,
    annotation,
    application,
    application_set,
    newborn,
    next_turn,
    order,
    policy,
    settled_since,
    snapshot,
    sources,
    spoke,
)
from watcher.decide import Change, Decision, Gate, Snapshot, State, decide
from watcher.decide.changes import (
    AdmissionResumed,
    AdmissionStopped,
    GateChanged,
    Named,
    OrderEnded,
    OrderGiven,
    OrderUnreadable,
    SpokeLeft,
    TeardownDone,
    TeardownOrdered,
    TeardownTakenBack,
    changes,
)
from watcher.decide.changes import standing as all_of_it
from watcher.decide.reasons import (
    DeletionPending,
    LabelsReach,
    NotListed,
    OpenedUnreadable,
    PatchRefused,
    Stale,
    StartsBehindOpenGate,
)
from watcher.facts import (
    Application,
    BadOrder,
    Command,
    Kind,
    Orders,
    Refusal,
    SetCondition,
    Spoke,
)
from watcher.policy import Policy

CRDS = policy("crds")
X = application_set("x", "crds")


def turn(before: Snapshot, decision: Decision, **changed: object) -> tuple[Change, ...]:
    """What has changed a second later."""
    return changes(decision, decide(next_turn(before, decision, **changed), CRDS, NOW + 1))


def spokes(*those: Spoke) -> dict[str, Spoke]:
    return {each.uid: each for each in those}


def test_who_only_looks_is_told_of_every_gate_that_has_not_passed() -> None:
    hub = snapshot(
        [spoke("settled", opened={"crds": NOW - DAY}), spoke("queued")],
        [X],
        [settled_since(NOW - DAY, on="settled")],
    )
    (told,) = all_of_it(decide(hub, CRDS, NOW))
    assert (told.spoke, told.before, told.after) == ("queued", None, State.QUEUED)
    assert told.reasons


def test_at_a_start_only_what_is_lost_or_stalled_is_spoken_of() -> None:
    hub = snapshot(
        [
            spoke("settled", opened={"crds": NOW - DAY}),
            spoke("queued"),
            spoke("lost", opened=annotation({"crds": NOW - DAY})),
            spoke("stalled", opened={"crds": NOW - HOUR}),
        ],
        [X],
        [settled_since(NOW - DAY, on="settled"), newborn(on="stalled", created_at=NOW - HOUR)],
    )
    said = [each for each in changes(None, decide(hub, CRDS, NOW)) if isinstance(each, GateChanged)]
    assert [(each.spoke, each.before, each.after) for each in said] == [
        ("lost", None, State.LOST),
        ("stalled", None, State.STALLED),
    ]


def test_when_a_start_is_over_and_everything_is_known_it_is_still_the_start() -> None:
    hub = snapshot([spoke()], [X], heard=sources(unlisted=[Kind.SPOKES], trouble="403"))
    nothing = decide(hub, CRDS, NOW)
    assert changes(None, nothing) == (AdmissionStopped(NotListed(Kind.SPOKES, "403")),)
    said = turn(hub, nothing, sources=sources())
    assert said == (AdmissionResumed(NotListed(Kind.SPOKES, "403")),)


def test_a_gate_in_another_state_is_told_with_its_names_and_reasons() -> None:
    hub = snapshot([spoke()], [X])
    now_open = spokes(spoke(opened={"crds": NOW}))
    (said,) = turn(hub, decide(hub, CRDS, NOW), spokes=now_open)
    assert isinstance(said, GateChanged)
    assert (said.gate, said.spoke) == (Gate("uid-a", "crds"), "a")
    assert (said.namespace, said.secret) == ("argocd", "cluster-a")
    assert (said.before, said.after) == (State.QUEUED, State.PROGRESSING)
    assert said.reasons


def test_what_stays_as_it_is_is_no_news() -> None:
    hub = snapshot([spoke("a"), spoke("b", opened={"crds": NOW - 5})], [X])
    before = decide(hub, CRDS, NOW)
    assert turn(hub, before) == ()
    again = spokes(spoke("a", resource_version="2"), hub.spokes["uid-b"])
    assert turn(hub, before, spokes=again) == ()


def test_other_reasons_of_the_same_state_are_no_news() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - 5})], [X])
    came = snapshot(apps=[newborn(created_at=NOW)]).applications
    assert turn(hub, decide(hub, CRDS, NOW), applications=came) == ()


def test_a_reason_that_is_news_is_told_though_the_state_stays() -> None:
    hub = snapshot([spoke()], [X])
    before = decide(hub, CRDS, NOW)
    refused = {"uid-a": Refusal(403, "no right", NOW, NOW + 30)}
    (said,) = turn(hub, before, refusals=refused)
    assert isinstance(said, GateChanged)
    assert (said.before, said.after) == (State.QUEUED, State.QUEUED)
    assert said.reasons == (PatchRefused(403, "no right", NOW + 30),)


def test_a_reason_that_is_news_is_told_once() -> None:
    refusal = Refusal(403, "no right", NOW, NOW + 30)
    hub = snapshot([spoke()], [X], refusals={"a": refusal})
    before = decide(hub, CRDS, NOW)
    again = {"uid-a": replace(refusal, at=NOW + 1, retry_at=NOW + 61)}
    assert turn(hub, before, refusals=again) == ()


def test_what_an_open_gate_shows_of_its_annotation_and_what_reaches_a_closed_one_is_news() -> None:
    hub = snapshot([spoke(by_hand=["crds"]), spoke("b")], [X], [application()])
    before = decide(hub, CRDS, NOW)
    broken = spokes(spoke(by_hand=["crds"], opened="{"), spoke("b"))
    (said,) = turn(hub, before, spokes=broken)
    assert isinstance(said, GateChanged)
    assert any(isinstance(each, OpenedUnreadable) for each in said.reasons)
    ranging = application_set("r", reads_all_labels=True)
    (said,) = turn(hub, before, application_sets={**hub.application_sets, ranging.key: ranging})
    assert isinstance(said, GateChanged)
    assert said.reasons == (LabelsReach("argocd/r"),)


def test_an_ungated_rush_is_told_though_the_gate_progressed_already() -> None:
    sets = [X, application_set("late", "crds", created_at=NOW)]
    hub = snapshot([spoke(opened={"crds": NOW - DAY})], sets, [settled_since(NOW - DAY)])
    before = decide(hub, CRDS, NOW)
    rush = snapshot(apps=[settled_since(NOW - DAY), newborn("late")]).applications
    (said,) = turn(hub, before, applications=rush)
    assert isinstance(said, GateChanged)
    assert (said.before, said.after) == (State.PROGRESSING, State.PROGRESSING)
    assert said.reasons[0] == StartsBehindOpenGate("argocd/a-late")


def test_the_spoke_that_broke_an_application_set_is_told() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - 9})], [X], [newborn(created_at=NOW - 8)])
    failing = SetCondition("ErrorOccurred", "True", "RenderTemplateParamsError", "no key", NOW - 5)
    broken = {X.key: application_set("x", "crds", conditions=(failing,))}
    (said,) = turn(hub, decide(hub, CRDS, NOW), application_sets=broken)
    assert isinstance(said, GateChanged)
    assert [type(each).__name__ for each in said.reasons][-1] == "BrokeGeneration"


def test_a_spoke_that_comes_is_told_gate_by_gate_and_one_that_leaves_by_its_name() -> None:
    hub = snapshot([spoke("a")], [X])
    before = decide(hub, CRDS, NOW)
    came, left = turn(hub, before, spokes=spokes(spoke("b")))
    assert left == SpokeLeft("uid-a", "a") or came == SpokeLeft("uid-a", "a")
    (gate,) = [each for each in (came, left) if isinstance(each, GateChanged)]
    assert (gate.spoke, gate.before, gate.after) == ("b", None, State.QUEUED)


def test_that_admission_stopped_and_goes_on_is_told_once_for_the_hub() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X])
    stale = sources(stale=[Kind.APPLICATIONS], trouble="timed out")
    before = decide(hub, CRDS, NOW)
    still = next_turn(hub, before, sources=stale)
    stopped = decide(still, CRDS, NOW)
    (said,) = changes(before, stopped)
    assert isinstance(said, AdmissionStopped)
    assert isinstance(said.reason, Stale)
    more = decide(next_turn(still, stopped), CRDS, NOW + 1)
    assert changes(stopped, more) == ()
    after = decide(next_turn(still, more, sources=sources(NOW + 1)), CRDS, NOW + 1)
    assert changes(more, after) == (AdmissionResumed(said.reason),)


def test_pending_deletions_stop_admission_and_the_first_is_named() -> None:
    hub = snapshot([spoke()], [X])
    strays = [application("x", "gone"), application("x", "went")]
    (said,) = turn(hub, decide(hub, CRDS, NOW), applications=snapshot(apps=strays).applications)
    assert said == AdmissionStopped(DeletionPending("argocd/gone-x", "argocd/x"))


def test_decisions_that_do_not_follow_one_another_are_compared_whole() -> None:
    hub = snapshot([spoke("a"), spoke("b")], [X])
    one = decide(hub, CRDS, NOW)
    other = decide(snapshot([spoke("a", opened={"crds": NOW}), spoke("c")], [X]), CRDS, NOW)
    kinds = [type(each) for each in changes(one, other)]
    assert kinds == [GateChanged, GateChanged, SpokeLeft]


def test_a_change_says_where_the_gate_is() -> None:
    hub = snapshot([spoke("queued")], [X])
    (told,) = all_of_it(decide(hub, CRDS, NOW))
    assert (told.server, told.shard) == ("https://queued.example.com", "0")


# --- orders --------------------------------------------------------------------------------------

HOLD = order(Command.HOLD, tier="compute", until=NOW + 1)


def test_an_order_is_told_when_it_comes_into_force_and_when_it_leaves_it() -> None:
    hub = snapshot([spoke()], [X])
    first = decide(hub, CRDS, NOW)
    given = next_turn(hub, first, orders=Orders(orders=(HOLD,)))
    second = decide(given, CRDS, NOW + 0.5)
    assert OrderGiven(HOLD) in changes(first, second)
    third = decide(next_turn(given, second), CRDS, NOW + 1)
    assert OrderEnded(HOLD) in changes(second, third)


def test_an_order_that_names_one_spoke_says_which_secret_that_is() -> None:
    held = order(Command.HOLD, spoke="a", tier="crds", until=NOW + 1)
    other = order(Command.HOLD, spoke="nobody", until=NOW + 1)
    hub = snapshot([spoke("a"), spoke("b")], [X])
    first = decide(hub, CRDS, NOW)
    given = next_turn(hub, first, orders=Orders(orders=(held, other)))
    second = decide(given, CRDS, NOW + 0.5)
    here = hub.spokes["uid-a"]
    named = Named("uid-a", here.namespace, here.secret)
    told = changes(first, second)
    assert [each for each in told if isinstance(each, OrderGiven)] == [
        OrderGiven(held, named),
        OrderGiven(other),
    ]
    third = decide(next_turn(given, second), CRDS, NOW + 1)
    assert OrderEnded(held, named) in changes(second, third)


def test_what_is_no_order_is_told_once() -> None:
    hub = snapshot([spoke()], [X])
    first = decide(hub, CRDS, NOW)
    bad = Orders(orders=(), bad=(BadOrder("x", "it cannot be read"),))
    given = next_turn(hub, first, orders=bad)
    second = decide(given, CRDS, NOW)
    told = OrderUnreadable("x", "it cannot be read")
    assert told in changes(first, second)
    third = decide(next_turn(given, second, orders=replace(bad, resource_version="2")), CRDS, NOW)
    assert told not in changes(second, third)
    assert told in changes(None, second), "at a start, too"


# --- teardowns -----------------------------------------------------------------------------------

TWO = policy("crds", "compute")
ON_A = ("a", "argocd", "cluster-a")


def told(*turns: Snapshot, by: Policy = TWO) -> list[list[Change]]:
    """What each of these turns tells of teardowns, from the second on."""
    made = [decide(turns[0], by, NOW)]
    for at, each in enumerate(turns[1:], 1):
        made.append(decide(next_turn(each, made[-1]), by, NOW + at))
    kinds = TeardownOrdered | TeardownDone | TeardownTakenBack
    return [
        [each for each in changes(before, after) if isinstance(each, kinds)]
        for before, after in pairwise(made)
    ]


def torn(names: str | None, *apps: Application, opened: Iterable[str] = ()) -> Snapshot:
    here = spoke(opened=dict.fromkeys(opened, NOW - DAY), teardown=names)
    return snapshot([here], [application_set("x", "compute")], apps)


def test_that_a_teardown_is_ordered_is_told_gate_by_gate_and_once() -> None:
    lives = settled_since(NOW - DAY)
    before = torn(None, lives, opened=["compute"])
    ordered = torn("compute", lives, opened=["compute"])
    assert told(before, ordered, ordered) == [
        [TeardownOrdered(Gate("uid-a", "compute"), *ON_A)],
        [],
    ]


def test_that_it_is_done_is_told_when_the_last_application_is_gone() -> None:
    lives = settled_since(NOW - DAY)
    going = replace(lives, deleting_since=NOW)
    assert told(
        torn("compute", lives, opened=["compute"]),
        torn("compute", going),
        torn("compute"),
        torn("compute"),
    ) == [[], [TeardownDone(Gate("uid-a", "compute"), *ON_A)], []]


def test_a_teardown_of_what_was_not_there_is_ordered_and_no_more() -> None:
    assert told(torn(None), torn("*")) == [
        [TeardownOrdered(Gate("uid-a", tier), *ON_A) for tier in ("crds", "compute")]
    ]


def test_what_is_taken_back_of_a_teardown_is_told() -> None:
    back = TeardownTakenBack(Gate("uid-a", "compute"), *ON_A)
    assert told(torn("*"), torn("crds"), torn("crds")) == [[back], []]
    assert told(torn("compute"), torn(None)) == [[back]]


def test_other_words_for_the_same_teardown_and_names_of_no_tier_are_no_news_of_it() -> None:
    assert told(torn("*"), torn("crds, compute"), torn("crds,compute,compte")) == [[], []]


def test_a_spoke_that_comes_torn_down_is_told_and_at_a_start_it_is_no_news() -> None:
    empty = snapshot([], [application_set("x", "compute")])
    assert told(empty, torn("compute")) == [[TeardownOrdered(Gate("uid-a", "compute"), *ON_A)]]
    started = decide(torn("compute"), TWO, NOW)
    assert not any(isinstance(each, TeardownOrdered) for each in changes(None, started))
