from __future__ import annotations

from tests.builders import ADMIT, BLOCK, HOUR, NOW, spoke
from watcher.decide.patch import Parking, patch_gates, unpark


def test_one_patch_opens_all_gates_of_a_secret_that_open_together() -> None:
    patch = patch_gates(
        spoke(opened={"crds": NOW - HOUR}), ADMIT, opens={"compute": NOW, "mesh": NOW}, now=NOW
    )
    assert patch.labels == {"gate-watcher.io/compute": "open", "gate-watcher.io/mesh": "open"}
    assert patch.annotations == {
        "gate-watcher.io/opened": '{"compute":"2026-03-02T09:00:00Z",'
        '"crds":"2026-03-02T08:00:00Z","mesh":"2026-03-02T09:00:00Z"}'
    }
    assert (patch.opens, patch.closes) == (("compute", "mesh"), ())


def test_it_names_the_very_object_that_was_decided_on() -> None:
    patch = patch_gates(spoke(resource_version="77"), ADMIT, opens={"crds": NOW}, now=NOW)
    assert (patch.spoke, patch.namespace, patch.secret) == ("uid-a", "argocd", "cluster-a")
    assert patch.resource_version == "77"
    assert not patch.urgent


def test_under_block_opening_removes_the_label_and_closing_sets_it() -> None:
    here = spoke(closed=["crds"], opened={"compute": NOW - HOUR}, gates=BLOCK)
    opens = patch_gates(here, BLOCK, opens={"crds": NOW}, now=NOW)
    assert opens.labels == {"gate-watcher.io/crds": None}
    assert patch_gates(here, BLOCK, opens={}, closes=["compute"], now=NOW).labels == {
        "gate-watcher.io/compute": "closed"
    }


def test_opening_again_writes_the_label_alone_where_the_time_is_still_recorded() -> None:
    here = spoke(opened='{"crds": "2026-03-02T08:00:00Z"}')
    patch = patch_gates(here, ADMIT, opens={"crds": NOW}, urgent=True, now=NOW)
    assert patch.labels == {"gate-watcher.io/crds": "open"}
    assert patch.annotations == {}
    assert patch.urgent


def test_closing_takes_label_and_time_out_in_one_patch() -> None:
    here = spoke(opened={"crds": NOW - HOUR, "compute": NOW - HOUR})
    patch = patch_gates(here, ADMIT, opens={}, closes=["compute"], now=NOW)
    assert patch.labels == {"gate-watcher.io/compute": None}
    assert patch.annotations == {"gate-watcher.io/opened": '{"crds":"2026-03-02T08:00:00Z"}'}
    assert patch.closes == ("compute",)


def test_closing_the_last_one_takes_the_annotation_away() -> None:
    patch = patch_gates(spoke(opened={"crds": NOW}), ADMIT, opens={}, closes=["crds"], now=NOW)
    assert patch.annotations == {"gate-watcher.io/opened": None}


def test_closing_what_a_person_closed_already_takes_only_its_time_out() -> None:
    here = spoke(opened='{"crds": "2026-03-02T08:00:00Z"}')
    patch = patch_gates(here, ADMIT, opens={}, closes=["crds"], now=NOW)
    assert patch.labels == {}
    assert patch.annotations == {"gate-watcher.io/opened": None}


def test_the_annotation_reads_the_same_in_whatever_order_its_gates_opened() -> None:
    one = patch_gates(spoke(), ADMIT, opens={"a": NOW, "b": NOW}, now=NOW)
    other = patch_gates(spoke(), ADMIT, opens={"b": NOW, "a": NOW}, now=NOW)
    assert one == other
    assert list(one.labels) == list(other.labels)


SKIP, MARK = "argocd.argoproj.io/skip-reconcile", "gate-watcher.io/parked"


def test_parking_tells_argo_cd_and_marks_the_kill_that_it_answers() -> None:
    patch = patch_gates(
        spoke(), ADMIT, opens={}, parking=Parking.PARKS, killed_at=NOW - 2.5, now=NOW
    )
    assert patch.annotations == {SKIP: "true", MARK: "2026-03-02T08:59:57Z"}
    assert patch.labels == {}
    assert patch.urgent


def test_unparking_takes_both_away_and_rides_with_the_gates_that_open() -> None:
    here = spoke(skip_reconcile=True, parked="2026-03-02T08:00:00Z")
    patch = patch_gates(here, ADMIT, opens={"crds": NOW}, parking=Parking.UNPARKS, now=NOW)
    assert patch.annotations[SKIP] is patch.annotations[MARK] is None
    assert patch.labels == {"gate-watcher.io/crds": "open"}
    assert not patch.urgent


def test_of_a_spoke_that_a_person_took_back_only_the_mark_goes() -> None:
    here = spoke(parked="2026-03-02T08:00:00Z")
    patch = patch_gates(here, ADMIT, opens={}, parking=Parking.UNMARKS, now=NOW)
    assert patch.annotations == {MARK: None}


def test_by_hand_a_spoke_is_unparked_alone_and_a_persons_own_is_not() -> None:
    here = spoke(skip_reconcile=True, parked="2026-03-02T08:00:00Z", resource_version="7")
    patch = unpark(here, ADMIT)
    assert patch is not None
    assert (patch.spoke, patch.resource_version, patch.labels) == ("uid-a", "7", {})
    assert patch.annotations == {SKIP: None, MARK: None}
    assert patch.parking is Parking.UNPARKS
    left = unpark(spoke(parked="x"), ADMIT)
    assert left is not None
    assert (left.annotations, left.parking) == ({MARK: None}, Parking.UNMARKS)
    assert unpark(spoke(skip_reconcile=True), ADMIT) is None
