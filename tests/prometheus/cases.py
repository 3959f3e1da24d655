"""When does each alert fire, and when is it silent?

Series as promtool writes them, one value a minute: `0x5 1x10` is a nought for six minutes and then
a one for eleven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.decide.reasons import Costs


@dataclass(frozen=True)
class Case:
    """One alert, what makes it fire at `at`, and what looks like it and does not."""

    alert: str
    fires: Mapping[str, str]
    silent: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of what fires, besides its name."""
    at: str = "20m"


def waits(spoke: str, tier: str, state: str, reason: str, **others: str) -> str:
    """The series of a gate that has not passed."""
    labels = {"spoke": spoke, "tier": tier, "state": state, "reason": reason, **others}
    shown = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"gate_watcher_gate_state{{{shown}}}"


def lost(costs: Costs, *, instance: str) -> str:
    """The counter of one process."""
    return f'gate_watcher_gates_lost_total{{blast_radius="{costs}",instance="{instance}"}}'


def started(instance: str) -> str:
    """When a process began."""
    return f'process_start_time_seconds{{instance="{instance}"}}'


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
        "GateWatcherGateBlocked",
        fires={
            waits("s", "mesh", "Queued", "LabelsReach"): "1x30",
            waits("t", "mesh", "Queued", "LabelsReach"): "1x30",
        },
        silent={
            waits("s", "mesh", "Queued", "SpokesInProgress"): "1x30",
            waits("s", "apps", "Waiting", "DependsOn"): "1x30",
            waits("s", "dns", "Held", "OnHold"): "1x30",
            waits("t", "mesh", "Queued", "ApplicationSetFailing"): "1x2 stale",
        },
        labels={"severity": "warning", "tier": "mesh", "reason": "LabelsReach"},
    ),
    Case(  # refused once a minute, and asked anew in between; then another replica leads
        "GateWatcherGateBlocked",
        fires={
            waits("s", "mesh", "Queued", "PatchRefused", instance="a"): "1 1" + " stale 1" * 3,
            waits("s", "mesh", "Queued", "PatchRefused", instance="b"): "_x9" + " 1 stale" * 6,
        },
        silent={waits("s", "mesh", "Queued", "PatchRefused"): "1x2 stale"},
        labels={"severity": "warning", "tier": "mesh", "reason": "PatchRefused"},
    ),
    Case(
        "GateWatcherGateBlocked",
        fires={waits("s", "mesh", "Unknown", "SpokeUnreadable"): "1x30"},
        silent={waits("s", "mesh", "Unknown", "NotListed"): "1x4 stale"},
        labels={"severity": "warning", "tier": "mesh", "reason": "SpokeUnreadable"},
    ),
    Case(
        "GateWatcherGateBlocked",
        fires={waits("s", "mesh", "Unadopted", "RunsBehindClosedGate"): "1x30"},
        silent={waits("s", "mesh", "Unadopted", "RunsBehindClosedGate"): "1x4 stale"},
        labels={"severity": "warning", "tier": "mesh", "reason": "RunsBehindClosedGate"},
    ),
    Case(
        "GateWatcherGateBlocked",
        fires={
            waits("s", "mesh", "Degraded", "NotHealthy"): "1x90",
            waits("s", "apps", "Waiting", "DependsOn"): "1x90",
        },
        silent={
            waits("s", "mesh", "Degraded", "NotHealthy"): "1x90",
            waits("t", "apps", "Waiting", "DependsOn"): "1x90",
        },
        labels={"severity": "warning", "spoke": "s", "tier": "mesh", "degraded": "yes"},
        at="80m",
    ),
    Case(
        "GateWatcherGateBlocked",
        fires={waits("s", "mesh", "Queued", "ApprovalMissing"): "1x2000"},
        silent={
            waits("s", "mesh", "Queued", "ApprovalMissing"): "1x1000 stale",
            waits("s", "mesh", "Queued", "WindowClosed"): "1x2000",
        },
        labels={"severity": "info", "tier": "mesh", "reason": "ApprovalMissing"},
        at="1500m",
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
    *(
        Case(  # it was lost while no watcher ran: the first that is scraped counts it already
            "GateWatcherGateLost",
            fires={
                lost(costs, instance="a"): "3x2 stale",
                started("a"): "-90000x2 stale",
                lost(costs, instance="b"): "_x13 1x20",
                started("b"): "_x13 840x20",
            },
            silent={
                lost(costs, instance="a"): "3x2 stale _x13 3x20",
                started("a"): "-90000x2 stale _x13 -90000x20",
                lost(costs, instance="b"): "_x13 0x20",
                started("b"): "_x13 840x20",
                started("somebody else"): "_x13 840x20",
            },
            labels={"severity": severity, "blast_radius": costs},
        )
        for costs, severity in (
            (Costs.WORKLOADS, "critical"),
            (Costs.APPLICATION, "warning"),
            (Costs.NOTHING, "info"),
        )
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
    Case(  # the one replica there is starts anew
        "GateWatcherHeldTooLong",
        fires={
            waits("s", "mesh", "Held", "OnHold", instance="a"): "1x700 stale",
            waits("s", "mesh", "Held", "OnHold", instance="b"): "_x704 1x900",
        },
        silent={
            waits("s", "mesh", "Held", "OnHold", instance="a"): "1x700 stale",
            waits("s", "mesh", "Held", "OnHold", instance="b"): "_x720 1x900",
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
        "GateWatcherSpokeParkedTooLong",
        fires={
            waits("s", "mesh", "Held", "Parked", instance="a"): "1x30 stale",
            waits("s", "mesh", "Held", "Parked", instance="b"): "_x33 1x90",
        },
        silent={
            waits("s", "mesh", "Held", "Parked", instance="a"): "1x30 stale",
            waits("s", "mesh", "Held", "Parked", instance="b"): "_x50 1x90",
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
    Case(  # whoever leads exports it, and that is another every eight minutes
        "GateWatcherShardMemoryHigh",
        fires={
            'gate_watcher_shard_memory_used_bytes{shard="0",instance="a"}': "9x8 stale",
            'gate_watcher_shard_memory_filled_to_bytes{shard="0",instance="a"}': "8x8 stale",
            'gate_watcher_shard_memory_used_bytes{shard="0",instance="b"}': "_x9 9x8 stale",
            'gate_watcher_shard_memory_filled_to_bytes{shard="0",instance="b"}': "_x9 8x8 stale",
        },
        silent={
            'gate_watcher_shard_memory_used_bytes{shard="0",instance="a"}': "9x8 stale",
            'gate_watcher_shard_memory_filled_to_bytes{shard="0",instance="a"}': "8x8 stale",
            'gate_watcher_shard_memory_used_bytes{shard="0",instance="b"}': "_x9 7x8 stale",
            'gate_watcher_shard_memory_filled_to_bytes{shard="0",instance="b"}': "_x9 8x8 stale",
        },
        labels={"severity": "warning", "shard": "0"},
        at="16m",
    ),
    Case(
        "GateWatcherShardMemoryHigh",
        fires={
            'gate_watcher_shard_restart_bytes{shard="1",instance="a"}': "11x8 stale",
            'gate_watcher_shard_memory_limit_bytes{shard="1",instance="a"}': "10x8 stale",
            'gate_watcher_shard_restart_bytes{shard="1",instance="b"}': "_x10 11x8",
            'gate_watcher_shard_memory_limit_bytes{shard="1",instance="b"}': "_x10 10x8",
        },
        silent={
            'gate_watcher_shard_restart_bytes{shard="1",instance="a"}': "11x8 stale",
            'gate_watcher_shard_memory_limit_bytes{shard="1",instance="a"}': "10x8 stale",
        },
        labels={"severity": "warning", "shard": "1"},
        at="16m",
    ),
    Case(
        "GateWatcherShardKilled",
        fires={'gate_watcher_shard_kills_total{shard="0"}': "0x15 1x20"},
        silent={'gate_watcher_shard_kills_total{shard="0"}': "7x30"},
        labels={"severity": "critical", "shard": "0"},
    ),
    Case(  # its node took the leader with it: the next one knows of the kill when it begins
        "GateWatcherShardKilled",
        fires={
            'gate_watcher_shard_kills_total{shard="0",instance="a"}': "0x10 stale",
            'gate_watcher_shard_kills_total{shard="0",instance="b"}': "_x12 1x20",
            'gate_watcher_shard_killed_timestamp_seconds{shard="0",instance="b"}': "_x12 640x20",
        },
        silent={
            'gate_watcher_shard_kills_total{shard="0",instance="a"}': "0x10 stale",
            'gate_watcher_shard_kills_total{shard="0",instance="b"}': "_x12 1x20",
            'gate_watcher_shard_killed_timestamp_seconds{shard="0",instance="b"}': "_x12 240x20",
        },
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
    Case(  # what may not be read is unknown, and has no series
        "GateWatcherGuardMissing",
        fires={
            'leader_election_master_status{name="gate-watcher",instance="a"}': "1x30",
            'leader_election_master_status{name="gate-watcher",instance="b"}': "0x30",
            'gate_watcher_guard_in_force{guard="B",instance="a"}': "1x30",
        },
        silent={
            'leader_election_master_status{name="gate-watcher",instance="a"}': "1x15 0x15",
            'gate_watcher_guard_in_force{guard="A",instance="a"}': "1x15 stale",
            'gate_watcher_guard_in_force{guard="B",instance="a"}': "1x15 stale",
            'leader_election_master_status{name="gate-watcher",instance="b"}': "0x15 1x15",
            'gate_watcher_guard_in_force{guard="A",instance="b"}': "_x16 1x15",
            'gate_watcher_guard_in_force{guard="B",instance="b"}': "_x16 1x15",
            'leader_election_master_status{name="somebody-else",instance="c"}': "1x30",
        },
        labels={"severity": "warning", "guard": "A"},
    ),
    Case(  # of two hubs in one Prometheus, one has the guards
        "GateWatcherGuardMissing",
        fires={
            'leader_election_master_status{name="gate-watcher",hub="eu"}': "1x30",
            'gate_watcher_guard_in_force{guard="A",hub="eu"}': "1x30",
            'gate_watcher_guard_in_force{guard="B",hub="eu"}': "1x30",
            'leader_election_master_status{name="gate-watcher",hub="us"}': "1x30",
            'gate_watcher_guard_in_force{guard="A",hub="us"}': "1x30",
        },
        silent={
            'leader_election_master_status{name="gate-watcher",hub="eu"}': "0x30",
            'gate_watcher_build_info{hub="us"}': "1x30",
        },
        labels={"severity": "warning", "guard": "B"},
    ),
)
