from __future__ import annotations

from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import NOW, application, application_set, newborn, policy, snapshot, spoke
from tests.serve.test_report import STREAM
from watcher.decide import Decision, decide
from watcher.decide.reasons import ShardDown, Stale
from watcher.decide.shards import Shard
from watcher.facts import (
    ApplicationSet,
    Force,
    Guard,
    Instant,
    Kind,
    SetCondition,
    Spoke,
    Standing,
    selector,
)
from watcher.policy import Ring, Tier
from watcher.serve import Decided, Report, Stream
from watcher.serve.gauges import MOST, Everything

POLICY = policy("compute", "mesh")


def decision(*spokes: Spoke) -> Decision:
    """Everything settled but what lacks Applications or labels."""
    sets = [application_set(tier, tier) for tier in ("compute", "mesh")]
    apps = [application(tier, each.name) for tier in ("compute", "mesh") for each in spokes]
    return decide(snapshot(spokes, sets, apps), POLICY, NOW)


def bare(*spokes: Spoke) -> Decision:
    """Nothing runs anywhere."""
    sets = [application_set(tier, tier) for tier in ("compute", "mesh")]
    return decide(snapshot(spokes, sets), POLICY, NOW)


def decided(given: Decision | None) -> Decided | None:
    return None if given is None else Decided(given, POLICY, NOW)


def series(
    given: Decision | None = None,
    *,
    leading: bool = True,
    lease: str = "gate-watcher",
    streams: int = 0,
) -> dict[str, float]:
    """Every series of a report, as it is written, to its value."""
    watched = tuple(
        replace(STREAM, resource=f"kind-{number}", heard_at=NOW, opened=5, unreadable=1)
        for number in range(streams)
    )
    return measured(Report(decided(given), leading=leading, lease=lease, streams=watched))


def measured(report: Report) -> dict[str, float]:
    text = generate_latest(Everything(CollectorRegistry(), report)).decode()
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def failing(made: ApplicationSet, *, since: Instant) -> ApplicationSet:
    return replace(made, conditions=(SetCondition("ErrorOccurred", "True", "", "no key", since),))


def gates(tier: str, state: str) -> str:
    return f"gate_watcher_gates{[('state', state), ('tier', tier)]}"


BOTH = {"compute": NOW - 3000.0, "mesh": NOW - 3000.0}


def test_gates_are_counted_by_tier_and_state() -> None:
    shown = series(decision(spoke("a", opened=BOTH), spoke("b", opened=BOTH), spoke("c")))
    assert shown[gates("compute", "Settled")] == 2
    assert shown[gates("mesh", "Settled")] == 2
    assert shown["gate_watcher_spokes[]"] == 3


def test_a_state_that_no_gate_has_is_nought_and_not_absent() -> None:
    shown = series(decision(spoke("a", opened=BOTH)))
    assert shown[gates("compute", "Lost")] == 0


def test_only_a_gate_that_has_not_passed_has_a_series_of_its_own() -> None:
    lost = replace(spoke("b", opened=BOTH), labels={})
    shown = series(decision(spoke("a", opened=BOTH), lost))
    own = [each for each in shown if each.startswith("gate_watcher_gate_state")]
    assert own == [
        f"gate_watcher_gate_state{gate_labels('b', tier, 'Lost', 'LabelGone')}"
        for tier in ("compute", "mesh")
    ]


def gate_labels(spoke: str, tier: str, state: str, reason: str) -> list[tuple[str, str]]:
    return [("reason", reason), ("spoke", spoke), ("state", state), ("tier", tier)]


def test_a_gate_that_waits_says_for_what() -> None:
    shown = series(bare(spoke("c")))
    assert f"gate_watcher_gate_state{gate_labels('c', 'mesh', 'Waiting', 'DependsOn')}" in shown
    (queued,) = [each for each in shown if "Queued" in each and "'c'" in each]
    assert queued.startswith("gate_watcher_gate_state[('reason', 'Opens')"), "for all alike"


def test_an_open_gate_that_has_not_passed_says_when_it_opened() -> None:
    busy = spoke("b", opened={"compute": NOW - 50.0})
    given = bare(spoke("a", opened=BOTH), busy)
    shown = {each: value for each, value in series(given).items() if "opened" in each}
    opened = "gate_watcher_gate_opened_timestamp_seconds"
    assert shown[f"{opened}{[('spoke', 'b'), ('tier', 'compute')]}"] == NOW - 50.0


def test_of_too_many_gates_those_that_most_need_a_person_have_series() -> None:
    many = [spoke(f"s{number}") for number in range(MOST // 2)]
    lost = replace(spoke("z", opened=BOTH), labels={})
    shown = series(bare(*many, lost))
    own = [each for each in shown if each.startswith("gate_watcher_gate_state")]
    assert len(own) == MOST
    assert ["'z'" in each for each in own[:3]] == [True, True, False]
    assert shown["gate_watcher_series_dropped[]"] == 2
    assert shown[gates("mesh", "Waiting")] == MOST // 2, "what is counted is whole"


def test_what_only_a_person_can_mend_is_not_pushed_out_by_what_goes_on_by_itself() -> None:
    bad = failing(application_set("bad", "platform"), since=NOW - 500.0)
    sets = [application_set("fine", "compute"), bad]
    both = policy("compute", Tier("platform"))
    many = [spoke(f"s{number}", teardown="*") for number in range(MOST // 2)]
    shown = series(decide(snapshot([*many, spoke("z")], sets), both, NOW))
    own = [each for each in shown if each.startswith("gate_watcher_gate_state")]
    assert len(own) == MOST
    labels = gate_labels("z", "platform", "Queued", "ApplicationSetFailing")
    assert own[0] == f"gate_watcher_gate_state{labels}"
    assert all("Held" in each for each in own[1:])


def test_a_gate_that_broke_generation_says_so_before_all_else() -> None:
    opened = {"compute": NOW - 100.0}
    bad = failing(application_set("bad", "compute"), since=NOW - 95.0)
    shown = series(decide(snapshot([spoke("a", opened=opened)], [bad]), POLICY, NOW))
    labels = gate_labels("a", "compute", "Progressing", "BrokeGeneration")
    assert f"gate_watcher_gate_state{labels}" in shown


def test_a_spoke_can_be_joined_with_what_argo_cd_says_of_its_server() -> None:
    shown = series(decision(replace(spoke("a"), server="https://a.example.com/")))
    labels = [
        ("dest_server", "https://a.example.com"),
        ("ring", "default"),
        ("shard", "0"),
        ("spoke", "a"),
    ]
    assert shown[f"gate_watcher_spoke_info{labels}"] == 1


def test_a_spoke_is_shown_in_the_ring_that_it_is_in() -> None:
    rings = (Ring("canary", selector("ring=canary")), Ring("fleet"))
    of = replace(POLICY, rings=rings)
    spokes = [spoke("a", labels={"ring": "canary"}), spoke("b")]
    shown = series(decide(snapshot(spokes, [application_set("x", "compute")]), of, NOW))
    infos = [each for each in shown if each.startswith("gate_watcher_spoke_info")]
    assert ["'canary'" in each for each in infos] == [True, False]
    assert ["'fleet'" in each for each in infos] == [False, True]


def test_what_begins_behind_a_gate_that_is_open_already_is_counted() -> None:
    late = newborn("compute", created_at=NOW - 5.0)
    apps = [late, application("mesh", "a")]
    sets = [application_set(tier, tier) for tier in ("compute", "mesh")]
    given = decide(snapshot([spoke("a", opened=BOTH)], sets, apps), POLICY, NOW)
    shown = series(given)
    assert shown[f"gate_watcher_gates_rushed{[('tier', 'compute')]}"] == 1
    assert shown[f"gate_watcher_gates_rushed{[('tier', 'mesh')]}"] == 0


def test_why_nothing_is_admitted_is_said_for_the_hub_and_for_a_shard() -> None:
    stopped = replace(decision(), stops=(Stale(Kind.PODS, NOW, ""), Stale(Kind.SPOKES, NOW, "")))
    shown = series(stopped)
    own = [each for each in shown if each.startswith("gate_watcher_admission_stopped")]
    assert own == [f"gate_watcher_admission_stopped{[('reason', 'Stale')]}"]
    down = replace(FULL, stops=(ShardDown("0", "it does not run"),))
    labels = [("reason", "ShardDown"), ("shard", "0")]
    assert of_shards(down)[f"gate_watcher_shard_stopped{labels}"] == 1


def test_a_spoke_that_left_leaves_no_series() -> None:
    lost = replace(spoke("b", opened=BOTH), labels={})
    assert any("'b'" in each for each in series(decision(lost)))
    assert not any("'b'" in each for each in series(decision(spoke("a"))))


def test_a_name_cannot_forge_a_series() -> None:
    evil = 'a"} 1\ngate_watcher_gates_lost_total 7\n#\\'
    lost = replace(spoke("b", opened=BOTH), labels={}, name=evil)
    shown = series(decision(lost))
    assert "gate_watcher_gates_lost_total[]" not in shown
    assert any(("spoke", evil) == pair for each in own_labels(decision(lost)) for pair in each)


def own_labels(given: Decision) -> list[list[tuple[str, str]]]:
    report = Report(decided(given), leading=True, lease="gate-watcher")
    text = generate_latest(Everything(CollectorRegistry(), report)).decode()
    return [
        list(sample.labels.items())
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def test_without_a_decision_to_show_there_are_no_gates() -> None:
    assert not any(each.startswith("gate_watcher_gate") for each in series(None))


def test_a_replica_says_whether_it_holds_the_lease() -> None:
    status = f"leader_election_master_status{[('name', 'gate-watcher')]}"
    assert series(lease="gate-watcher")[status] == 1
    assert series(lease="gate-watcher", leading=False)[status] == 0


def test_a_dry_run_adds_nothing_to_what_a_leader_exports() -> None:
    given = replace(decision(spoke("a")), shards={FULL.pod: FULL})
    guards = {Guard.A: Standing(Force.IN_FORCE)}
    dry = Report(decided(given), leading=True, lease="", streams=(STREAM,), guards=guards)
    assert measured(dry).keys() == measured(replace(dry, decided=None, leading=False)).keys()
    assert not any("gates" in each or "shard" in each or "guard" in each for each in measured(dry))


def test_each_watched_kind_says_how_it_fares() -> None:
    shown = series(streams=2)
    resource = [("resource", "kind-1")]
    assert shown[f"gate_watcher_watch_last_event_timestamp_seconds{resource}"] == NOW
    assert shown[f"gate_watcher_watch_restarts_total{resource}"] == 3
    assert shown[f"gate_watcher_unreadable_objects{resource}"] == 1


def test_a_kind_that_was_never_heard_of_has_no_time() -> None:
    never: Stream = replace(STREAM, resource="secrets")
    shown = measured(Report(None, leading=False, lease="", streams=(never,)))
    assert not any("last_event" in each for each in shown)
    assert shown[f"gate_watcher_watch_restarts_total{[('resource', 'secrets')]}"] == 0


def test_no_series_has_a_label_that_prometheus_sets_itself() -> None:
    labels = own_labels(decision(spoke("a"), spoke("b")))
    found = {key for each in labels for key, _ in each}
    assert {"spoke", "tier", "state", "shard"} <= found
    assert found.isdisjoint({"cluster", "namespace", "pod", "job", "instance", "container"})


FULL = Shard(
    "0",
    "argocd/controller-0",
    used_bytes=500.0,
    reserved_bytes=120.0,
    filled_to_bytes=765.0,
    limit_bytes=900.0,
    live_bytes=200.0,
    resident_bytes=600.0,
    restart_bytes=700.0,
    collecting=0.125,
    spokes=20,
    fits=3,
    kills=2,
    killed_at=NOW - 70.0,
    errors={"load": 0.25, "restart": -0.5},
)


def of_shards(*shards: Shard) -> dict[str, float]:
    given = replace(decision(), shards={each.pod: each for each in shards})
    named = ("gate_watcher_shard_", "gate_watcher_predictor_")
    return {name: value for name, value in series(given).items() if name.startswith(named)}


def test_a_shard_says_what_is_known_of_its_memory() -> None:
    one = [("shard", "0")]
    assert of_shards(FULL) == {
        f"gate_watcher_shard_memory_used_bytes{one}": 500,
        f"gate_watcher_shard_memory_reserved_bytes{one}": 120,
        f"gate_watcher_shard_memory_predicted_bytes{one}": 620,
        f"gate_watcher_shard_memory_filled_to_bytes{one}": 765,
        f"gate_watcher_shard_memory_limit_bytes{one}": 900,
        f"gate_watcher_shard_memory_live_bytes{one}": 200,
        f"gate_watcher_shard_memory_resident_bytes{one}": 600,
        f"gate_watcher_shard_restart_bytes{one}": 700,
        f"gate_watcher_shard_collecting_ratio{one}": 0.125,
        f"gate_watcher_shard_spokes{one}": 20,
        f"gate_watcher_shard_fits_spokes{one}": 3,
        f"gate_watcher_shard_kills_total{one}": 2,
        f"gate_watcher_shard_killed_timestamp_seconds{one}": NOW - 70.0,
        f"gate_watcher_predictor_error_ratio{[('kind', 'load'), *one]}": 0.25,
        f"gate_watcher_predictor_error_ratio{[('kind', 'restart'), *one]}": -0.5,
    }


def test_what_is_not_known_of_a_shard_has_no_series() -> None:
    one = [("shard", "1")]
    assert of_shards(Shard("1", "argocd/controller-1", used_bytes=500.0)) == {
        f"gate_watcher_shard_memory_used_bytes{one}": 500,
        f"gate_watcher_shard_spokes{one}": 0,
        f"gate_watcher_shard_kills_total{one}": 0,
    }


def test_a_replica_that_follows_says_nothing_of_shards() -> None:
    assert not any("shard" in each for each in series(None, leading=False))


def test_a_guard_is_measured_where_it_is_known_how_it_stands() -> None:
    guards = {
        Guard.A: Standing(Force.IN_FORCE),
        Guard.B: Standing(Force.NOT_IN_FORCE, "it is not on the hub"),
        Guard.E: Standing(Force.UNKNOWN, "it may not be read"),
    }
    for leading in (True, False):
        shown = measured(Report(None, leading=leading, lease="gate-watcher", guards=guards))
        own = {each: value for each, value in shown.items() if "guard" in each}
        wanted = {"A": 1.0, "B": 0.0} if leading else {}
        assert own == {
            f"gate_watcher_guard_in_force{[('guard', each)]}": value
            for each, value in wanted.items()
        }
