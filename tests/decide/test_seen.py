from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    NOW,
    annotation,
    application,
    application_set,
    next_turn,
    policy,
    settled_since,
    snapshot,
    spoke,
)
from watcher.decide import Decision, Snapshot, decide
from watcher.decide.memory import Seen
from watcher.facts import Foreign, Matrix, Spoke

CRDS = policy("crds")
X = application_set("x", "crds")
U = application_set("u", generators=[Matrix((X.generators[0], Foreign("git")))])


def seen(decision: Decision) -> Mapping[str, Seen]:
    return decision.carried.judgements["uid-a"].seen


def turns(hub: Snapshot, *later: Spoke) -> Decision:
    """The decision after these forms of the one spoke, a second apart."""
    decision = decide(hub, CRDS, NOW)
    for at, each in enumerate(later, 1):
        hub = next_turn(hub, decision, spokes={each.uid: each})
        decision = decide(hub, CRDS, NOW + at)
    return decision


def test_a_gate_is_remembered_from_when_it_was_first_seen_open() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X], [application()])
    assert seen(turns(hub, spoke(by_hand=["crds"]))) == {"crds": Seen(NOW)}


def test_a_gate_that_was_never_seen_open_is_not_remembered() -> None:
    assert seen(turns(snapshot([spoke()], [X]), spoke())) == {}


def test_a_gate_whose_label_goes_stays_remembered_as_gone_and_as_opened_anew_after() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X], [application()])
    assert seen(turns(hub, spoke(), spoke())) == {"crds": Seen(NOW, gone=True)}
    after = turns(hub, spoke(), spoke(by_hand=["crds"]), spoke(by_hand=["crds"]))
    assert seen(after) == {"crds": Seen(NOW, reopened_at=NOW + 2)}


def test_when_a_spoke_came_back_from_being_parked_is_remembered() -> None:
    held, parked = spoke(by_hand=["crds"]), {"parked": "x", "skip_reconcile": True}
    hub = snapshot([held], [X], [application()])
    assert seen(turns(hub, replace(held, **parked))) == {"crds": Seen(NOW, parked=True)}
    back = turns(hub, replace(held, **parked), held, held)
    assert seen(back) == {"crds": Seen(NOW, unparked_at=NOW + 2)}
    again = turns(hub, replace(held, **parked), held, replace(held, **parked))
    assert seen(again) == {"crds": Seen(NOW, parked=True)}


def test_a_spoke_that_a_person_told_argo_cd_to_ignore_does_not_come_back_from_parking() -> None:
    held = spoke(by_hand=["crds"])
    hub = snapshot([held], [X], [application()])
    assert seen(turns(hub, replace(held, skip_reconcile=True), held)) == {"crds": Seen(NOW)}


def test_a_gate_that_a_teardown_names_is_forgotten_once_it_is_closed() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X])
    for named in ("crds", "*"):
        still = turns(hub, spoke(by_hand=["crds"], teardown=named))
        assert seen(still).keys() == {"crds"}
        assert seen(turns(hub, spoke(teardown=named))) == {}


def test_a_gate_that_the_policy_does_not_name_is_remembered_too() -> None:
    hub = snapshot([spoke(by_hand=["older"])], [X])
    assert seen(turns(hub)) == {"older": Seen(NOW)}
    assert seen(turns(hub, spoke())) == {"older": Seen(NOW, gone=True)}
    assert seen(turns(hub, spoke(), spoke(by_hand=["older"])))["older"].reopened_at == NOW + 2
    assert seen(turns(hub, spoke(teardown="*"))) == {}


def test_where_the_number_is_unknown_comings_and_goings_are_remembered() -> None:
    apps = [settled_since(NOW - HOUR, "u"), settled_since(NOW - DAY, "u", name="a-u-2", uid="2")]
    hub = snapshot([spoke(by_hand=["crds"])], [U], apps)
    first = decide(hub, CRDS, NOW)
    assert seen(first) == {"crds": Seen(NOW, frozenset({"uid-a-u", "2"}), NOW - HOUR)}
    one = next_turn(hub, first, applications=snapshot(apps=apps[:1]).applications)
    then = decide(one, CRDS, NOW + 1)
    assert seen(then) == {"crds": Seen(NOW, frozenset({"uid-a-u"}), NOW + 1)}
    assert seen(decide(next_turn(one, then), CRDS, NOW + 2)) == seen(then)


def test_where_the_number_is_known_nobody_counts_them() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X], [application()])
    assert seen(turns(hub))["crds"].applications == frozenset()


def test_that_one_went_absent_is_remembered_and_not_that_one_was_never_there() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X], [application()])
    first = decide(hub, CRDS, NOW)
    gone = next_turn(hub, first, applications={})
    then = decide(gone, CRDS, NOW + 1)
    assert seen(then) == {"crds": Seen(NOW, short=True, short_at=NOW + 1)}
    back = decide(next_turn(gone, then, applications=hub.applications), CRDS, NOW + 2)
    assert seen(back) == {"crds": Seen(NOW)}
    assert seen(turns(snapshot([spoke(by_hand=["crds"])], [X]))) == {"crds": Seen(NOW, short=True)}


def test_what_is_known_of_the_hub_alone_needs_no_memory() -> None:
    lost = spoke(opened=annotation({"crds": NOW - HOUR}))
    assert seen(turns(snapshot([lost], [X], [application()]))) == {}
