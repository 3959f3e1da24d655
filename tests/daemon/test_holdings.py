from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import (
    NOW,
    application,
    application_set,
    controller,
    policy,
    reading,
    sources,
    spoke,
)
from watcher.daemon.holdings import Holdings
from watcher.decide import Carried, Snapshot, Touched, decide, grouped
from watcher.facts import Application, BadOrder, Kind, Orders, Readings
from watcher.hub.store import Change

Events = list[tuple[int, int | None]]


def taken(holdings: Holdings, carried: Carried | None = None) -> Snapshot:
    return holdings.snapshot(
        sources=sources(),
        writes={},
        refusals={},
        guards={},
        carried=Carried() if carried is None else carried,
    )


def followed() -> Carried:
    """What a turn carries that has seen everything."""
    snapshot = taken(Holdings())
    return decide(snapshot, policy("compute"), now=0.0).carried


def test_a_snapshot_holds_each_kind_by_what_decisions_ask_for() -> None:
    holdings, a, x, app = Holdings(), spoke("a"), application_set("x"), application("x", "a")
    holdings.take_spokes([Change(None, a)])
    holdings.take_application_sets([Change(None, x)])
    holdings.take_applications([Change(None, app)])
    snapshot = taken(holdings)
    assert snapshot.spokes == {"uid-a": a}
    assert snapshot.application_sets == {"argocd/x": x}
    assert snapshot.applications == grouped([app])


def test_a_snapshot_that_was_taken_never_changes() -> None:
    holdings, a, app = Holdings(), spoke("a"), application("x", "a")
    holdings.take_spokes([Change(None, a)])
    holdings.take_applications([Change(None, app)])
    first = taken(holdings)
    holdings.take_spokes([Change(a, None), Change(None, spoke("b"))])
    holdings.take_applications([Change(app, None)])
    assert first.spokes == {"uid-a": a}
    assert first.applications == grouped([app])
    assert list(taken(holdings).spokes) == ["uid-b"]


def test_what_was_touched_is_told_once() -> None:
    holdings, carried = Holdings(), followed()
    a, app = spoke("a"), application("x", "b")
    holdings.take_spokes([Change(None, a)])
    holdings.take_applications([Change(None, app)])
    holdings.touch("uid-c")
    assert taken(holdings, carried).touched == Touched(
        frozenset({"uid-a", "uid-c"}), frozenset({"server/https://b.example.com"})
    )
    assert taken(holdings, carried).touched == Touched()


def test_an_application_that_moves_touches_both_places() -> None:
    holdings, carried = Holdings(), followed()
    before = application("x", "a")
    after = replace(before, server="https://b.example.com")
    holdings.take_applications([Change(None, before)])
    taken(holdings, carried)
    holdings.take_applications([Change(before, after)])
    touched = taken(holdings, carried).touched
    assert touched is not None
    assert touched.places == {"server/https://a.example.com", "server/https://b.example.com"}


def test_before_a_turn_has_seen_everything_anything_may_have_changed() -> None:
    assert taken(Holdings()).touched is None


def test_a_secret_that_was_replaced_under_its_name_is_another_spoke() -> None:
    holdings = Holdings()
    before = spoke("a")
    after = replace(before, uid="uid-new")
    holdings.take_spokes([Change(None, before)])
    holdings.take_spokes([Change(before, after)])
    assert holdings.spoke("uid-a") is None
    assert holdings.spoke("uid-new") is after


def test_unreadable_objects_are_counted_while_they_are_held() -> None:
    holdings = Holdings()
    bad = replace(spoke("a"), unreadable=("data.name is not base64 of UTF-8 text",))
    holdings.take_spokes([Change(None, bad), Change(None, spoke("b"))])
    assert holdings.unreadable[Kind.SPOKES] == 1
    holdings.take_spokes([Change(bad, replace(bad, unreadable=()))])
    assert holdings.unreadable[Kind.SPOKES] == 0


def test_a_snapshot_holds_the_orders_and_none_once_their_config_map_is_gone() -> None:
    holdings = Holdings()
    assert taken(holdings).orders == Orders()
    bad = (BadOrder("x", "it is no text"),)
    first = Orders("argocd", "orders", "uid-o", "9")
    second = replace(first, resource_version="10", bad=bad)
    holdings.take_orders([Change(None, first)])
    assert taken(holdings).orders is first
    holdings.take_orders([Change(first, second)])
    assert taken(holdings).orders is second
    assert holdings.unreadable[Kind.ORDERS] == 1
    holdings.take_orders([Change(second, None)])
    assert taken(holdings).orders == Orders()
    assert holdings.unreadable[Kind.ORDERS] == 0


# --- Pods and readings ----------------------------------------------------------------------------

POD = controller()
FIRST, SECOND, THIRD = (reading(at=NOW + second) for second in range(3))


def asked() -> Holdings:
    """One Pod of which there is a first reading."""
    holdings = Holdings()
    holdings.take_pods([Change(None, POD)])
    assert holdings.take_reading(POD, FIRST)
    return holdings


def test_a_snapshot_holds_pods_and_readings_by_the_pods_name() -> None:
    snapshot = taken(asked())
    assert snapshot.pods == {POD.key: POD}
    assert snapshot.readings == {POD.key: Readings((FIRST,))}


def test_each_reading_is_handed_over_once_and_the_last_one_until_there_is_another() -> None:
    holdings = asked()
    holdings.take_reading(POD, SECOND)
    assert taken(holdings).readings[POD.key].latest == (FIRST, SECOND)
    second = taken(holdings).readings[POD.key]
    assert second.latest == (SECOND,)
    assert taken(holdings).readings[POD.key] is second
    holdings.take_reading(POD, THIRD)
    assert taken(holdings).readings[POD.key].latest == (THIRD,)


def test_trouble_stands_beside_the_last_reading_until_there_is_another() -> None:
    holdings = asked()
    holdings.take_reading(POD, SECOND)
    holdings.take_reading(POD, "it hangs")
    assert taken(holdings).readings[POD.key] == Readings((FIRST, SECOND), "it hangs")
    assert taken(holdings).readings[POD.key] == Readings((SECOND,), "it hangs")
    holdings.take_reading(POD, "it hangs still")
    holdings.take_reading(POD, THIRD)
    assert taken(holdings).readings[POD.key] == Readings((THIRD,))


def test_trouble_is_all_there_is_of_a_pod_that_never_answered() -> None:
    holdings = Holdings()
    holdings.take_pods([Change(None, POD)])
    holdings.take_reading(POD, "it hangs")
    assert taken(holdings).readings == {POD.key: Readings((), "it hangs")}


def test_the_same_trouble_again_is_no_news() -> None:
    holdings = asked()
    assert holdings.take_reading(POD, "it hangs")
    assert not holdings.take_reading(POD, "it hangs")
    assert holdings.take_reading(POD, "it refuses")


def test_a_pod_that_is_gone_takes_its_readings_along() -> None:
    holdings = asked()
    holdings.take_pods([Change(POD, None)])
    snapshot = taken(holdings)
    assert (snapshot.pods, snapshot.readings) == ({}, {})


def test_so_does_one_that_was_replaced_under_its_name() -> None:
    holdings, anew = asked(), replace(POD, uid="uid-new")
    holdings.take_pods([Change(POD, anew)])
    assert not holdings.take_reading(POD, SECOND)
    snapshot = taken(holdings)
    assert (snapshot.pods, snapshot.readings) == ({POD.key: anew}, {})


def test_a_pod_that_only_changed_keeps_its_readings() -> None:
    holdings, changed = asked(), replace(POD, restarts=1)
    holdings.take_pods([Change(POD, changed)])
    assert taken(holdings).readings == {POD.key: Readings((FIRST,))}
    assert holdings.pods() == (changed,)


def test_readings_that_nobody_takes_do_not_pile_up() -> None:
    holdings = asked()
    for second in range(100):
        holdings.take_reading(POD, reading(at=NOW + second))
    latest = taken(holdings).readings[POD.key].latest
    assert [each.at - NOW for each in latest] == list(range(80, 100))


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 90), st.none() | st.integers(0, 3)), max_size=99),
        max_size=8,
    )
)
def test_applications_folded_in_are_those_grouped_from_scratch(batches: list[Events]) -> None:
    holdings = Holdings()
    held: dict[int, Application] = {}
    for batch in batches:
        changes = []
        for number, place in dict(batch).items():
            before = held.get(number)
            after = None if place is None else _at(number, place)
            if before is None and after is None:
                continue
            changes.append(Change(before, after))
            held.pop(number, None)
            if after is not None:
                held[number] = after
        holdings.take_applications(changes)
        assert _sets(taken(holdings).applications.items()) == _sets(grouped(held.values()).items())


def test_a_group_that_a_list_did_not_change_stays_the_same() -> None:
    holdings = Holdings()
    quiet = application("x", "quiet")
    holdings.take_applications([Change(None, quiet)])
    before = taken(holdings).applications["server/https://quiet.example.com"]
    holdings.take_applications([Change(None, application(f"x{n}", "busy")) for n in range(99)])
    assert taken(holdings).applications["server/https://quiet.example.com"] is before


def _at(number: int, place: int) -> Application:
    return replace(application(f"x{number}", "any"), server=f"https://s{place}.example.com")


def _sets(
    groups: Iterable[tuple[str, tuple[Application, ...]]],
) -> dict[str, list[str]]:
    return {here: sorted(app.key for app in apps) for here, apps in groups}
