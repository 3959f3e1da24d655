from __future__ import annotations

import pytest

from tests.builders import NOW, order
from watcher.decide import Gate, State
from watcher.decide.changes import (
    AdmissionStopped,
    GateChanged,
    Named,
    OrderEnded,
    OrderGiven,
    SpokeLeft,
    TeardownDone,
    TeardownOrdered,
    TeardownTakenBack,
)
from watcher.decide.notices import News, notice
from watcher.decide.reasons import Costs, LabelGone, NotSynced, Reason, TierUnused
from watcher.facts import Command


def changed(before: State | None, after: State, *reasons: Reason) -> GateChanged:
    return GateChanged(
        Gate("uid-a", "compute"), "eu-1", "argocd", "cluster-eu-1", before, after, reasons
    )


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        (State.QUEUED, State.PROGRESSING, News.OPENED),
        (State.WAITING, State.SETTLED, News.OPENED),
        (State.UNADOPTED, State.SOAKING, News.OPENED),
        (State.SOAKING, State.SETTLED, News.SETTLED),
        (State.STALLED, State.SETTLED, News.SETTLED),
        (State.PROGRESSING, State.STALLED, News.STALLED),
        (None, State.STALLED, News.STALLED),
        (State.SETTLED, State.LOST, News.LOST),
        (None, State.LOST, News.LOST),
        (State.LOST, State.PROGRESSING, News.REOPENED),
        (State.LOST, State.SETTLED, News.REOPENED),
        (State.WAITING, State.QUEUED, None),
        (State.SETTLED, State.PROGRESSING, None),
        (State.PROGRESSING, State.SOAKING, None),
        (State.LOST, State.LOST, None),
        (State.UNGATED, State.SETTLED, None),
        (None, State.SETTLED, None),
        (State.SETTLED, State.HELD, None),
    ],
)
def test_what_is_told_of_a_gate(before: State | None, after: State, news: News | None) -> None:
    told = notice(changed(before, after))
    assert (None if told is None else told.news) is news


def test_it_names_the_secret_and_says_why() -> None:
    gone = LabelGone(NOW, 2, Costs.WORKLOADS)
    told = notice(changed(State.SETTLED, State.LOST, gone))
    assert told is not None
    assert (told.namespace, told.secret, told.gate.spoke) == ("argocd", "cluster-eu-1", "uid-a")
    assert told.words.startswith("lost the open gate of tier compute: it was open since")
    assert "with all that they installed" in told.words


def test_of_many_reasons_the_first_are_said() -> None:
    many = [NotSynced(f"argocd/x-{number}", "OutOfSync") for number in range(9)]
    told = notice(changed(State.PROGRESSING, State.STALLED, *many))
    assert told is not None
    assert "argocd/x-2" in told.words
    assert "argocd/x-3" not in told.words


def test_an_order_that_names_a_spoke_is_told_there_and_so_is_its_end() -> None:
    held = order(Command.HOLD, spoke="eu-1", tier="compute")
    named = Named("uid-a", "argocd", "cluster-eu-1")
    came, went = notice(OrderGiven(held, named)), notice(OrderEnded(held, named))
    assert came is not None
    assert went is not None
    assert (came.gate, came.secret, came.order) == (
        Gate("uid-a", "compute"),
        "cluster-eu-1",
        held.key,
    )
    assert came.news is News.ORDERED
    assert came.words.startswith("order is in force: hold spoke eu-1, tier compute by ")
    assert went.news is News.ORDER_ENDED
    assert went.words.startswith("order is in force no longer: hold")
    assert not came.warns


def test_what_is_of_no_gate_is_on_no_secret() -> None:
    assert notice(SpokeLeft("uid-a", "a")) is None
    assert notice(AdmissionStopped(TierUnused("compute"))) is None
    assert notice(OrderGiven(order(Command.HOLD, tier="compute"))) is None


def test_how_a_teardown_goes_is_told_gate_by_gate() -> None:
    gate = Gate("uid-a", "compute")
    kinds = (TeardownOrdered, TeardownDone, TeardownTakenBack)
    said = [notice(kind(gate, "eu-1", "argocd", "cluster-eu-1")) for kind in kinds]
    assert [None if each is None else each.news for each in said] == [
        News.TEARDOWN_ORDERED,
        News.TEARDOWN_DONE,
        News.TEARDOWN_TAKEN_BACK,
    ]
    first = said[0]
    assert first is not None
    assert (first.gate, first.secret) == (gate, "cluster-eu-1")
    assert first.words == "teardown is ordered by the annotation: tier compute"
    assert not first.warns
