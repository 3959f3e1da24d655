from __future__ import annotations

from tests.builders import ADMIT, NOW, order, spoke
from watcher.daemon.logs import LogLevel
from watcher.daemon.said import line, would
from watcher.decide import Gate, Parking, PatchGates, State, say
from watcher.decide.changes import (
    AdmissionResumed,
    AdmissionStopped,
    GateChanged,
    OrderEnded,
    OrderGiven,
    OrderUnreadable,
    SpokeLeft,
    TeardownDone,
    TeardownOrdered,
    TeardownTakenBack,
)
from watcher.decide.patch import patch_gates
from watcher.decide.reasons import (
    ApplicationsMissing,
    Costs,
    DeadlinePassed,
    LabelGone,
    NotListed,
    NotSynced,
    PatchRefused,
    Reason,
    Stale,
)
from watcher.facts import Command, Kind


def changed(before: State | None, after: State, *reasons: Reason) -> GateChanged:
    return GateChanged(
        gate=Gate("uid-a", "compute"),
        spoke="eu-1",
        namespace="argocd",
        secret="cluster-eu-1",
        before=before,
        after=after,
        reasons=reasons,
        server="https://eu-1.example.com",
        shard="0",
    )


def test_a_gate_that_changed_says_what_it_was_what_it_is_and_why() -> None:
    missing = ApplicationsMissing("argocd/x", 2, 1)
    said = line(changed(State.QUEUED, State.PROGRESSING, missing))
    assert said.level is LogLevel.INFO
    assert said.event == "gate is Progressing"
    assert said.fields == {
        "spoke": "eu-1",
        "tier": "compute",
        "shard": "0",
        "dest-server": "https://eu-1.example.com",
        "applicationset": "argocd/x",
        "was": "Queued",
        "reasons": ["ApplicationsMissing"],
        "because": [say(missing)],
    }


def test_a_gate_without_reasons_has_none_said() -> None:
    assert line(changed(State.SOAKING, State.SETTLED)).fields == {
        "spoke": "eu-1",
        "tier": "compute",
        "shard": "0",
        "dest-server": "https://eu-1.example.com",
        "was": "Soaking",
    }


def test_the_first_application_that_is_concerned_is_named_as_argo_cd_names_it() -> None:
    apps = [NotSynced(f"argocd/app-{number}", "OutOfSync") for number in range(2)]
    missing = ApplicationsMissing("argocd/x", 2, 1)
    fields = line(changed(State.SOAKING, State.PROGRESSING, *apps, missing)).fields
    assert (fields["application"], fields["applicationset"]) == ("argocd/app-0", "argocd/x")


def test_what_a_person_must_look_at_is_a_warning() -> None:
    lost = line(changed(None, State.LOST, LabelGone(NOW, 3, Costs.WORKLOADS)))
    stalled = line(changed(State.PROGRESSING, State.STALLED, DeadlinePassed(NOW)))
    stale = line(AdmissionStopped(Stale(Kind.SPOKES, NOW, "")))
    refused = line(changed(State.QUEUED, State.QUEUED, PatchRefused(403, "no", NOW)))
    assert {each.level for each in (lost, stalled, stale, refused)} == {LogLevel.WARNING}


def test_that_nothing_is_listed_yet_is_no_warning_unless_something_is_wrong() -> None:
    assert line(AdmissionStopped(NotListed(Kind.SPOKES, ""))).level is LogLevel.INFO
    refused = line(AdmissionStopped(NotListed(Kind.SPOKES, "403 Forbidden")))
    assert refused.level is LogLevel.WARNING
    assert refused.fields["because"] == [say(NotListed(Kind.SPOKES, "403 Forbidden"))]


def test_many_reasons_are_cut_and_counted() -> None:
    many = [NotSynced(f"argocd/app-{number}", "OutOfSync") for number in range(20)]
    because = line(changed(State.SOAKING, State.PROGRESSING, *many)).fields["because"]
    assert isinstance(because, list)
    assert because[-1] == "and 12 more"
    assert len(because) == 9


def test_what_else_changes_is_said_too() -> None:
    assert line(SpokeLeft("uid-a", "eu-1")).fields == {"spoke": "eu-1"}
    assert line(AdmissionResumed(Stale(Kind.SPOKES, NOW, ""))).fields == {"reason": "Stale"}


def test_a_dry_run_says_what_it_would_do() -> None:
    patch = PatchGates("uid-a", "argocd", "cluster-eu-1", "7", {}, {}, opens=("compute",))
    said = would(patch, "eu-1")
    assert (said.event, said.fields) == ("would open", {"spoke": "eu-1", "opens": ["compute"]})
    closing = PatchGates("uid-a", "argocd", "cluster-eu-1", "7", {}, {}, closes=("compute",))
    assert would(closing, "eu-1").event == "would close"
    parks = patch_gates(spoke(), ADMIT, opens={}, parking=Parking.PARKS, killed_at=NOW, now=NOW)
    said = would(parks, "eu-1")
    assert (said.event, said.fields) == ("would park", {"spoke": "eu-1", "parking": "parks"})
    back = patch_gates(spoke(), ADMIT, opens={}, parking=Parking.UNPARKS, now=NOW)
    assert would(back, "eu-1").event == "would unpark"


def test_an_order_says_who_gave_it_and_one_that_is_none_what_to_do() -> None:
    held = order(Command.HOLD, key="hold-1", spoke="eu-1", why="we look")
    came, went = line(OrderGiven(held)), line(OrderEnded(held))
    assert (came.level, came.event) == (LogLevel.INFO, "order is in force")
    assert went.event == "order is in force no longer"
    assert (
        came.fields
        == went.fields
        == {
            "order": "hold-1",
            "spoke": "eu-1",
            "tier": None,
            "says": "hold spoke eu-1 by alice: we look",
        }
    )
    bad = line(OrderUnreadable("x", "it cannot be read"))
    assert bad.level is LogLevel.WARNING
    assert bad.fields["remedy"] == "mend or remove the key in the ConfigMap"


def test_how_a_teardown_goes_is_said_with_the_secret_that_orders_it() -> None:
    gate = Gate("uid-a", "compute"), "eu-1", "argocd", "cluster-eu-1"
    said = [line(kind(*gate)) for kind in (TeardownOrdered, TeardownDone, TeardownTakenBack)]
    assert [each.event for each in said] == [
        "teardown is ordered",
        "teardown is done",
        "teardown is taken back",
    ]
    assert {each.level for each in said} == {LogLevel.INFO}
    assert said[0].fields == {"spoke": "eu-1", "tier": "compute", "secret": "argocd/cluster-eu-1"}
