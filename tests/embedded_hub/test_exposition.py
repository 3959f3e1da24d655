"""The metrics look as the recorded ones do."""

from __future__ import annotations

import gzip
import math
import re
from pathlib import Path

import pytest

from tests.embedded_hub.small_hub import SmallHub, small_hub
from watcher.embedded_hub.exposition import exposition, number
from watcher.embedded_hub.workloads import takes

RECORDED = Path(__file__).parent.parent / "captured" / "metrics" / "one-spoke.txt.gz"
SAMPLE = re.compile(r'^[a-z_]+(\{([a-z0-9_]+="[^"]*",?)*\})? \S+$')


def text(hub: SmallHub) -> str:
    return exposition(hub, hub.controllers.all[0])


def value(told: str, series: str) -> float:
    return float(
        next(line for line in told.splitlines() if line.startswith(f"{series} "))[len(series) :]
    )


def families(told: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Type and label names, by name."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", told, re.MULTILINE))
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for line in told.splitlines():
        name = re.match(r"[a-zA-Z0-9_]+", line)
        if name and name[0] in types:
            labels = frozenset(re.findall(r'(?:[{,])([a-z0-9_]+)="', line))
            found[name[0]] = types[name[0]], labels
    return found


async def test_every_family_has_the_type_and_the_labels_of_the_recorded_one() -> None:
    recorded = families(gzip.decompress(RECORDED.read_bytes()).decode())
    async with small_hub(x=takes(3.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        shown = families(text(hub))
    assert len(shown) > 25
    assert {name: recorded.get(name) for name in shown} == shown


async def test_every_line_can_be_read() -> None:
    async with small_hub(x=takes(3.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        lines = text(hub).splitlines()
    assert all(line.startswith("# ") or SAMPLE.match(line) for line in lines)


async def test_a_cluster_is_shown_from_the_next_taking_on_and_gone_when_parked() -> None:
    async with small_hub(x=takes(3.0)) as hub:
        hub.add_set("x")
        await hub.clock.advance(40.0)
        hub.add_spoke("a", "tier-a")
        hub.add_spoke("without-gates")
        await hub.clock.advance(10.0)
        assert "argocd_cluster_info" not in text(hub)
        await hub.clock.advance(12.0)
        told = text(hub)
        assert 'argocd_cluster_info{k8s_version="v1.35.0",name="a",server="https://a.' in told
        assert "without-gates" not in told
        assert (
            value(
                told,
                'argocd_cluster_connection_status{k8s_version="v1.35.0",server="https://a.example.invalid"}',
            )
            == 1
        )
        hub.workloads.unreachable.add("a")
        assert 'argocd_cluster_connection_status{k8s_version="",' in text(hub)
        hub.annotate_spoke("a", "argocd.argoproj.io/skip-reconcile", "true")
        assert "argocd_cluster_info" not in text(hub)


async def test_applications_are_shown_with_their_state() -> None:
    async with small_hub(x=takes(3.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        (line,) = [one for one in text(hub).splitlines() if one.startswith("argocd_app_info{")]
        assert 'health_status="Healthy",name="a-x",namespace="argocd",operation=""' in line
        assert 'sync_status="Synced"' in line


async def test_an_idle_process_shows_what_an_idle_one_showed() -> None:
    async with small_hub() as hub:
        await hub.clock.advance(150.0)
        told = text(hub)
    assert value(told, "go_gc_gomemlimit_bytes") == 2.0**63
    assert value(told, "go_gc_gogc_percent") == 100
    assert value(told, "go_gc_heap_live_bytes") == pytest.approx(9.5e6, rel=0.2)
    assert value(told, "process_resident_memory_bytes") == pytest.approx(1.03e8, rel=0.15)
    assert value(told, "go_gc_cycles_total_gc_cycles_total") >= 1
    assert value(told, "process_start_time_seconds") == 1_800_000_000.0
    total = value(told, "go_cpu_classes_total_cpu_seconds_total")
    assert value(told, "go_cpu_classes_idle_cpu_seconds_total") == pytest.approx(total, rel=0.01)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (0.0, "0"), (1.0, "1"), (100.0, "100"), (337418.0, "337418"), (1e6, "1e+06"),
        (33955056.0, "3.3955056e+07"), (2.0**63, "9.223372036854775808e+18"), (0.25, "0.25"),
        (0.00001, "1e-05"), (1795515389.47, "1.79551538947e+09"), (-1.0, "-1"),
        (math.nan, "NaN"), (math.inf, "+Inf"), (-math.inf, "-Inf"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_go_writes_them(given: float, told: str) -> None:
    assert number(given) == told or float(number(given)) == float(told)
