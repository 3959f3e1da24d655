from __future__ import annotations

from prometheus_client import generate_latest

from watcher.serve.meters import Meters


def shown(meters: Meters) -> list[str]:
    return generate_latest(meters.registry).decode().splitlines()


def test_what_is_counted_is_shown_under_its_name() -> None:
    meters = Meters("1.2.3")
    meters.admissions.labels("compute").inc()
    meters.patches.labels("conflict").inc(2)
    meters.gates_lost.labels("workloads").inc()
    meters.task_restarts.labels("turns").inc()
    meters.reload_failures.inc()
    meters.reload_ok.set(1)
    lines = shown(meters)
    for line in (
        'gate_watcher_admissions_total{tier="compute"} 1.0',
        'gate_watcher_patches_total{result="conflict"} 2.0',
        'gate_watcher_gates_lost_total{blast_radius="workloads"} 1.0',
        'gate_watcher_task_restarts_total{task="turns"} 1.0',
        "gate_watcher_config_reload_failures_total 1.0",
        "gate_watcher_config_last_reload_successful 1.0",
    ):
        assert line in lines


def test_durations_are_histograms_in_seconds() -> None:
    meters = Meters("1.2.3")
    meters.decide_s.observe(0.003)
    meters.turn_s.observe(0.004)
    lines = shown(meters)
    assert 'gate_watcher_decide_duration_seconds_bucket{le="0.0025"} 0.0' in lines
    assert 'gate_watcher_decide_duration_seconds_bucket{le="0.005"} 1.0' in lines
    assert "gate_watcher_turn_duration_seconds_count 1.0" in lines


def test_it_says_what_runs() -> None:
    (line,) = [each for each in shown(Meters("1.2.3")) if each.startswith("gate_watcher_build")]
    assert 'version="1.2.3"' in line
    assert line.endswith(" 1.0")


def test_two_processes_in_one_do_not_share_their_counts() -> None:
    one, other = Meters("1"), Meters("1")
    one.reload_failures.inc()
    assert "gate_watcher_config_reload_failures_total 0.0" in shown(other)


def test_what_has_not_happened_yet_is_a_nought() -> None:
    meters = Meters("1")
    meters.begin(tiers=["mesh"], costs=["nothing"], results=["refused"])
    lines = shown(meters)
    for line in (
        'gate_watcher_admissions_total{tier="mesh"} 0.0',
        'gate_watcher_gates_lost_total{blast_radius="nothing"} 0.0',
        'gate_watcher_patches_total{result="refused"} 0.0',
        'gate_watcher_admission_wait_seconds_count{tier="mesh"} 0.0',
        'gate_watcher_settle_duration_seconds_count{tier="mesh"} 0.0',
    ):
        assert line in lines
