"""Are the metrics what Prometheus takes, and what its conventions ask for?"""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import generate_latest

from tests.daemon.standing import standing
from tests.prometheus.exported import everything, exported, families
from tests.prometheus.promtool import promtool
from watcher.decide import State

OWN = ("gate_watcher_", "process_", "leader_election_master_status")
SET_BY_PROMETHEUS = {"cluster", "namespace", "pod", "job", "instance", "container", "service"}


async def test_promtool_finds_no_fault_with_what_a_running_watcher_exports(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=2) as house:
        run = house.start()
        await house.until(lambda: run.state("mesh") is State.PROGRESSING)
        status, text = await run.get("/metrics")
        assert status == 200
        assert "gate_watcher_gate_state{" in text
    assert promtool("check", "metrics", given=text) == ""


def test_promtool_finds_no_fault_with_any_family_there_is() -> None:
    text = generate_latest(everything()).decode()
    assert promtool("check", "metrics", given=text) == ""


@pytest.mark.parametrize("name", exported())
def test_every_series_is_of_ours_and_has_no_label_that_prometheus_sets(name: str) -> None:
    assert name.startswith(OWN)
    assert exported()[name].isdisjoint(SET_BY_PROMETHEUS)
    assert families_have_words(name)


def families_have_words(name: str) -> bool:
    return any(name.startswith(each.name) and each.documentation for each in families().values())


WANTED = {
    "gate_watcher_build_info": {"version", "python"},
    "gate_watcher_gates": {"tier", "state"},
    "gate_watcher_gate_state": {"spoke", "tier", "state", "reason"},
    "gate_watcher_series_dropped": set(),
    "gate_watcher_gate_opened_timestamp_seconds": {"spoke", "tier"},
    "gate_watcher_admissions_total": {"tier"},
    "gate_watcher_admission_wait_seconds_count": {"tier"},
    "gate_watcher_settle_duration_seconds_count": {"tier"},
    "gate_watcher_gates_lost_total": {"blast_radius"},
    "gate_watcher_patches_total": {"result"},
    "gate_watcher_shard_memory_used_bytes": {"shard"},
    "gate_watcher_shard_memory_live_bytes": {"shard"},
    "gate_watcher_shard_memory_reserved_bytes": {"shard"},
    "gate_watcher_shard_memory_predicted_bytes": {"shard"},
    "gate_watcher_shard_memory_limit_bytes": {"shard"},
    "gate_watcher_shard_kills_total": {"shard"},
    "gate_watcher_shard_killed_timestamp_seconds": {"shard"},
    "gate_watcher_predictor_error_ratio": {"shard", "kind"},
    "gate_watcher_spoke_info": {"spoke", "dest_server", "shard", "ring"},
    "gate_watcher_watch_last_event_timestamp_seconds": {"resource"},
    "gate_watcher_config_last_reload_successful": set(),
    "leader_election_master_status": {"name"},
    "gate_watcher_decide_duration_seconds_count": set(),
    "gate_watcher_turn_duration_seconds_count": set(),
}
"""What dashboards and alerts of other people may rest on: it stays."""


@pytest.mark.parametrize("name", WANTED)
def test_what_is_promised_is_exported_under_its_labels(name: str) -> None:
    assert exported()[name] == WANTED[name]
