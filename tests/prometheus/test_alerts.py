"""Does each alert fire when it should, and only then, and does it say what to do?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tests.prometheus.cases import CASES
from tests.prometheus.expressions import asked, literals
from tests.prometheus.known import unknown
from tests.prometheus.promtool import promtool
from tests.prometheus.rules import ALERTS, ROOT, plain
from watcher.decide.reasons import BlockingReason

NAMED = (
    "GateWatcherTierStalled", "GateWatcherGateLost", "GateWatcherDown", "GateWatcherNoLeader",
    "GateWatcherShardMemoryHigh", "GateWatcherShardKilled", "GateWatcherMemoryDataStale",
    "GateWatcherAdmissionStopped", "GateWatcherWatchStale", "GateWatcherConfigReloadFailed",
    "GateWatcherPatchErrors", "GateWatcherGuardMissing", "GateWatcherHeldTooLong",
    "GateWatcherUngatedRush", "GateWatcherSpokeParkedTooLong", "GateWatcherGateBlocked",
)  # fmt: skip
"""What people's routes and silences may name: it stays."""

ANNOTATIONS = {"summary", "description", "runbook_url", "dashboard_url"}
README = (ROOT / "README.md").read_text()
PARTS = ("Means", "Look", "Do")
"""What a runbook has, each as a paragraph of its own."""


def runbooks() -> dict[str, str]:
    """Each runbook in the README by its heading."""
    chapter = README.split("\n## Alerts\n")[1].split("\n## ")[0]
    parts = re.split(r"^### `?(\w+)`?\n", chapter, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_alert_that_was_promised_is_shipped_and_no_other() -> None:
    assert {each["alert"] for each in ALERTS} == set(NAMED)


def test_promtool_finds_no_fault_with_the_rules(tmp_path: Path) -> None:
    assert f"SUCCESS: {len(ALERTS)} rules found" in promtool("check", "rules", str(plain(tmp_path)))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda each: each["alert"])
def test_an_alert_asks_only_for_what_is_exported(alert: Mapping[str, Any]) -> None:
    assert list(unknown(alert["expr"])) == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda each: each["alert"])
def test_an_alert_says_what_it_is_and_where_to_look(alert: Mapping[str, Any]) -> None:
    assert set(alert["annotations"]) == ANNOTATIONS
    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    anchor = alert["alert"].lower()
    assert alert["annotations"]["runbook_url"].endswith(f"/README.md#{anchor}")


def test_alerts_and_runbooks_match_one_to_one() -> None:
    assert list(runbooks()) == list(dict.fromkeys(each["alert"] for each in ALERTS))


@pytest.mark.parametrize("name", NAMED)
def test_a_runbook_says_what_it_means_how_to_look_and_what_to_do(name: str) -> None:
    said = runbooks()[name]
    assert re.findall(r"^\*\*(\w+)\.\*\* \S", said, re.MULTILINE) == list(PARTS)


@pytest.mark.parametrize("reason", get_args(BlockingReason), ids=lambda each: each.__name__)
def test_what_blocks_a_gate_until_somebody_mends_it_is_alerted(reason: type) -> None:
    blocked = [each["expr"] for each in ALERTS if each["alert"] == "GateWatcherGateBlocked"]
    named = {value for expr in blocked for one in asked(expr) for _, value in literals(one)}
    assert reason.__name__ in named


def test_every_rule_has_a_case() -> None:
    cases = [(each.alert, each.labels["severity"]) for each in CASES]
    rules = [(each["alert"], each["labels"]["severity"]) for each in ALERTS]
    assert set(cases) == set(rules)
    assert len(cases) >= len(rules)


def test_each_alert_fires_and_is_silent(tmp_path: Path) -> None:
    """Each case twice in one run of promtool, which takes as long as a hundred of them."""
    rules = plain(tmp_path)
    tried = {
        "rule_files": [rules.name],
        "evaluation_interval": "1m",
        "tests": list(_tries()),
    }
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump(tried))
    assert "SUCCESS" in promtool("test", "rules", str(path))


def _tries() -> Iterator[dict[str, Any]]:
    for case in CASES:
        labels = {"alertname": case.alert, "alertstate": "firing", **case.labels}
        shown = ",".join(f'{key}="{value}"' for key, value in labels.items())
        fires = [{"labels": f"ALERTS{{{shown}}}", "value": 1}]
        for name, series, wanted in (
            ("fires", case.fires, fires),
            ("is silent", case.silent, []),
        ):
            firing = f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}'
            yield {
                "name": f"{case.alert} {name}",
                "interval": "1m",
                "input_series": [
                    {"series": one, "values": values} for one, values in series.items()
                ],
                "promql_expr_test": [{"expr": firing, "eval_time": case.at, "exp_samples": wanted}],
            }
