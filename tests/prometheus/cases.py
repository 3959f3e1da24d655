"""When does each alert fire, and when is it silent?

Series as promtool writes them, one value a minute: `0x5 1x10` is a nought for six minutes and then
a one for eleven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One alert, what makes it fire at `at`, and what looks like it and does not."""

    alert: str
    fires: Mapping[str, str]
    silent: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of what fires, besides its name."""
    at: str = "20m"


CASES = (
    Case(
        "GateWatcherTierStalled",
        fires={
            'gate_watcher_gates{tier="mesh",state="Stalled",instance="a"}': "0x5 2x20",
            'gate_watcher_gates{tier="dns",state="Stalled",instance="a"}': "0x30",
        },
        silent={'gate_watcher_gates{tier="mesh",state="Progressing",instance="a"}': "9x30"},
        labels={"severity": "warning", "tier": "mesh"},
    ),
    Case(
        "GateWatcherGateLost",
        fires={'gate_watcher_gates_lost_total{blast_radius="workloads",instance="a"}': "0x15 3x20"},
        silent={
            'gate_watcher_gates_lost_total{blast_radius="workloads",instance="a"}': "3x30",
            'gate_watcher_gates{tier="mesh",state="Lost"}': "0x30",
        },
        labels={"severity": "critical", "blast_radius": "workloads"},
    ),
    Case(
        "GateWatcherGateLost",
        fires={'gate_watcher_gates_lost_total{blast_radius="application"}': "0x15 1x20"},
        silent={'gate_watcher_gates_lost_total{blast_radius="application"}': "0x5 1x30"},
        labels={"severity": "warning", "blast_radius": "application"},
        at="30m",
    ),
    Case(
        "GateWatcherGateLost",
        fires={'gate_watcher_gates_lost_total{blast_radius="nothing"}': "0x15 1x20"},
        silent={'gate_watcher_gates_lost_total{blast_radius="nothing"}': "0x30"},
        labels={"severity": "info", "blast_radius": "nothing"},
    ),
    Case(
        "GateWatcherGateLost",
        fires={'gate_watcher_gates{tier="mesh",state="Lost"}': "0x15 1x20"},
        silent={'gate_watcher_gates{tier="mesh",state="Lost"}': "0x18 1x0 0x20"},
        labels={"severity": "critical", "tier": "mesh", "lasting": "yes"},
    ),
    Case(
        "GateWatcherUngatedRush",
        fires={'gate_watcher_gates_rushed{tier="mesh"}': "0x10 5x20"},
        silent={'gate_watcher_gates_rushed{tier="mesh"}': "0x10 4x20"},
        labels={"severity": "warning", "tier": "mesh"},
    ),
    Case(
        "GateWatcherHeldTooLong",
        fires={
            'gate_watcher_gate_state{spoke="s",tier="mesh",state="Held",reason="TornDown"}': (
                "1x2000"
            )
        },
        silent={
            'gate_watcher_gate_state{spoke="s",tier="mesh",state="Held",reason="Parked"}': "1x2000",
            'gate_watcher_gate_state{spoke="t",tier="mesh",state="Held",reason="TornDown"}': "1x90",
        },
        labels={"severity": "info", "spoke": "s", "tier": "mesh"},
        at="1500m",
    ),
    Case(
        "GateWatcherSpokeParkedTooLong",
        fires={
            'gate_watcher_gate_state{spoke="s",tier="mesh",state="Held",reason="Parked"}': "1x90",
            'gate_watcher_gate_state{spoke="s",tier="dns",state="Held",reason="Parked"}': "1x90",
        },
        silent={
            'gate_watcher_gate_state{spoke="s",tier="mesh",state="Held",reason="TornDown"}': "1x90"
        },
        labels={"severity": "warning", "spoke": "s"},
        at="70m",
    ),
    Case(
        "GateWatcherShardMemoryHigh",
        fires={
            'gate_watcher_shard_memory_used_bytes{shard="0"}': "900x30",
            'gate_watcher_shard_memory_filled_to_bytes{shard="0"}': "850x30",
        },
        silent={
            'gate_watcher_shard_memory_used_bytes{shard="0"}': "849x30",
            'gate_watcher_shard_memory_filled_to_bytes{shard="0"}': "850x30",
            'gate_watcher_shard_restart_bytes{shard="0"}': "999x30",
            'gate_watcher_shard_memory_limit_bytes{shard="0"}': "1000x30",
        },
        labels={"severity": "warning", "shard": "0"},
    ),
    Case(
        "GateWatcherShardMemoryHigh",
        fires={
            'gate_watcher_shard_restart_bytes{shard="1"}': "1100x30",
            'gate_watcher_shard_memory_limit_bytes{shard="1"}': "1000x30",
        },
        silent={'gate_watcher_shard_restart_bytes{shard="1"}': "1100x30"},
        labels={"severity": "warning", "shard": "1"},
    ),
    Case(
        "GateWatcherShardKilled",
        fires={'gate_watcher_shard_kills_total{shard="0"}': "0x15 1x20"},
        silent={'gate_watcher_shard_kills_total{shard="0"}': "7x30"},
        labels={"severity": "critical", "shard": "0"},
    ),
    Case(
        "GateWatcherMemoryDataStale",
        fires={'gate_watcher_shard_stopped{shard="0",reason="ShardUnknown"}': "1x30"},
        silent={'gate_watcher_shard_stopped{shard="0",reason="ShardCools"}': "1x30"},
        labels={"severity": "warning", "shard": "0", "reason": "ShardUnknown"},
    ),
    Case(
        "GateWatcherMemoryDataStale",
        fires={'gate_watcher_admission_stopped{reason="NoController"}': "1x30"},
        silent={'gate_watcher_admission_stopped{reason="Stale"}': "1x30"},
        labels={"severity": "warning", "reason": "NoController"},
    ),
    Case(
        "GateWatcherDown",
        fires={'gate_watcher_build_info{version="1",instance="a"}': "1x5 stale"},
        silent={'gate_watcher_build_info{version="1",instance="a"}': "1x30"},
        labels={"severity": "critical"},
    ),
    Case(
        "GateWatcherNoLeader",
        fires={
            'leader_election_master_status{name="gate-watcher",instance="a"}': "1x5 0x30",
            'leader_election_master_status{name="gate-watcher",instance="b"}': "0x30",
        },
        silent={
            'leader_election_master_status{name="gate-watcher",instance="a"}': "1x5 0x30",
            'leader_election_master_status{name="gate-watcher",instance="b"}': "0x5 1x30",
            'leader_election_master_status{name="somebody-else",instance="c"}': "0x30",
        },
        labels={"severity": "critical", "name": "gate-watcher"},
    ),
    Case(
        "GateWatcherAdmissionStopped",
        fires={'gate_watcher_admission_stopped{reason="GuardNotInForce"}': "1x30"},
        silent={'gate_watcher_admission_stopped{reason="NotListed"}': "1x5 stale"},
        labels={"severity": "warning", "reason": "GuardNotInForce"},
    ),
    Case(
        "GateWatcherWatchStale",
        fires={
            'gate_watcher_watch_last_event_timestamp_seconds{resource="secrets",instance="a"}': (
                "0+60x15 900x30"
            ),
            'gate_watcher_watch_last_event_timestamp_seconds{resource="pods",instance="a"}': (
                "0+60x60"
            ),
        },
        silent={
            'gate_watcher_watch_last_event_timestamp_seconds{resource="pods",instance="a"}': (
                "0+60x60"
            )
        },
        labels={"severity": "warning", "resource": "secrets"},
    ),
    Case(
        "GateWatcherConfigReloadFailed",
        fires={
            'gate_watcher_config_last_reload_successful{instance="a"}': "1x30",
            'gate_watcher_config_last_reload_successful{instance="b"}': "1x5 0x30",
        },
        silent={'gate_watcher_config_last_reload_successful{instance="a"}': "1x30"},
        labels={"severity": "warning"},
    ),
    Case(
        "GateWatcherPatchErrors",
        fires={'gate_watcher_patches_total{result="refused"}': "0+1x30"},
        silent={
            'gate_watcher_patches_total{result="patched"}': "0+9x30",
            'gate_watcher_patches_total{result="conflict"}': "0+9x30",
            'gate_watcher_patches_total{result="unknown"}': "0x10 1x20",
        },
        labels={"severity": "warning", "result": "refused"},
    ),
    Case(
        "GateWatcherGuardMissing",
        fires={'gate_watcher_guard_in_force{guard="A"}': "1x5 0x30"},
        silent={
            'gate_watcher_guard_in_force{guard="A"}': "1x30",
            'gate_watcher_guard_in_force{guard="C"}': "0x30",
        },
        labels={"severity": "warning", "guard": "A"},
    ),
)
