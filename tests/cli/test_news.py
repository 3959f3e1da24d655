from __future__ import annotations

import pytest

from watcher.cli.news import News, line
from watcher.serve import shapes

AT = "2026-11-24T12:00:00Z"
WHY = (shapes.Reason("NotHealthy", "argocd/x is Degraded"),)
EVIL = "[bold]\x1b[2J\u202e\r\n[/]"


def changed(number: int, before: str | None = "Queued", after: str = "Settled") -> shapes.Change:
    return shapes.Change(number, AT, "GateChanged", "a", "compute", before, after)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed(1), "a/compute  Queued → ● Settled"),
        (changed(1, None), "a/compute  ● Settled"),
        (changed(1, "Settled"), "a/compute  ● Settled"),
        (changed(1, after="Frozen"), "a/compute  Queued → ? Frozen"),
        (
            shapes.Change(1, AT, "GateChanged", "a", "compute", "Soaking", "Degraded", WHY),
            "a/compute  Soaking → ◒ Degraded  argocd/x is Degraded",
        ),
        (shapes.Change(1, AT, "SpokeLeft", "a"), "a  is no spoke any more"),
        (
            shapes.Change(1, AT, "AdmissionStopped", reasons=WHY),
            "the hub  nothing is admitted: argocd/x is Degraded",
        ),
        (
            shapes.Change(1, AT, "AdmissionResumed", reasons=WHY),
            "the hub  no longer: argocd/x is Degraded",
        ),
        (
            shapes.Change(1, AT, "OrderGiven", "a", reasons=(shapes.Reason("hold", "hold a"),)),
            "ordered: hold a",
        ),
        (
            shapes.Change(1, AT, "TeardownOrdered", "a", "compute"),
            "a/compute  teardown is ordered",
        ),
        (
            shapes.Change(1, AT, "TeardownDone", "a", "compute"),
            "a/compute  is torn down: closed, and its Applications are gone",
        ),
        (
            shapes.Change(1, AT, "TeardownTakenBack", "a", reasons=WHY),
            "a  TeardownTakenBack  argocd/x is Degraded",
        ),
        (
            shapes.Change(1, AT, "GateLost", "a", reasons=(shapes.Reason("GateLost", "lost it"),)),
            "a  GateLost  lost it",
        ),
        (shapes.Change(1, AT, "Later", reasons=WHY), "the hub  Later: argocd/x is Degraded"),
    ],
)
def test_a_change_is_a_line(change: shapes.Change, said: str) -> None:
    assert line(change).plain == f"{AT}  {said}"


def test_nothing_that_somebody_named_moves_the_cursor_and_long_names_are_cut() -> None:
    evil = shapes.Change(
        1, AT, "GateChanged", EVIL, EVIL, None, "Lost", (shapes.Reason("x", EVIL),)
    )
    assert all(char.isprintable() for char in line(evil).plain)
    left = shapes.Change(1, AT, "SpokeLeft", "x" * 2000)
    assert len(line(left).plain) < 120


def test_each_change_is_shown_once_and_the_oldest_first() -> None:
    news = News()
    assert dict(news.query)["after"] == "0"
    both = shapes.Changes((changed(2), changed(1)), AT, AT)
    assert news.fresh(both) == [changed(1), changed(2)]
    assert dict(news.query)["after"] == "2"
    assert news.fresh(shapes.Changes((), AT, AT)) == []


def test_a_process_that_numbers_anew_is_asked_from_its_beginning() -> None:
    news = News()
    news.fresh(shapes.Changes((changed(7),), AT, AT))
    later = "2026-11-24T13:00:00Z"
    assert news.fresh(shapes.Changes((), later, later)) is None
    assert dict(news.query)["after"] == "0"
    assert news.fresh(shapes.Changes((changed(1),), later, later)) == [changed(1)]
