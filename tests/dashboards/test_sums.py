"""Do the dashboards count everything once when several are scraped, two dry runs among them?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.daemon.standing import House, standing
from tests.dashboards.test_dashboards import BOARDS, expressions, panels
from tests.prometheus.promtool import promtool
from watcher.decide import State

FLEET = {panel["title"]: panel for panel in panels(BOARDS["fleet.json"])}


async def replicas(house: House) -> Mapping[str, str]:
    """What a leader, a follower of it and two dry runs export, when everything has settled."""
    runs = [house.start(dry_run=dry) for dry in (False, False, True, True)]
    await house.until(lambda: all(each.all_are(State.SETTLED) for each in runs))
    texts = [(await each.get("/metrics"))[1] for each in runs]
    return dict(zip("abcd", texts, strict=True))


def samples(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """All of it as promtool takes it."""
    return [
        {
            "series": f"{sample.name}{{{labelled(sample.labels, instance)}}}",
            "values": f"{sample.value}x2",
        }
        for instance, text in texts.items()
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def labelled(labels: Mapping[str, str], instance: str) -> str:
    return ",".join(f'{key}="{value}"' for key, value in {**labels, "instance": instance}.items())


def evaluated(title: str) -> str:
    (expr,) = expressions(FLEET[title])
    return expr.replace("$tier", ".*")


async def test_with_several_that_watch_one_hub_every_gate_counts_once(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=2) as house:
        texts = await replicas(house)
    wanted: dict[str, list[dict[str, Any]]] = {
        "Spokes": [{"labels": "{}", "value": 2}],
        "Passed": [{"labels": "{}", "value": 1}],
        "Leaders": [{"labels": "{}", "value": 1}],
        "In progress": [{"labels": "{}", "value": 0}],
        "Gates by state": [
            {"labels": f'{{state="{state}"}}', "value": 6 if state is State.SETTLED else 0}
            for state in State
        ],
    }
    tried = {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": samples(texts),
                "promql_expr_test": [
                    {"expr": evaluated(title), "eval_time": "2m", "exp_samples": expected}
                    for title, expected in wanted.items()
                ],
            }
        ],
    }
    path = tmp_path / "sums.yaml"
    path.write_text(yaml.safe_dump(tried))
    assert "SUCCESS" in promtool("test", "rules", str(path))


@pytest.mark.parametrize(
    ("there", "shown"),
    [
        ({"Settled": 3}, State.SETTLED),
        ({"Settled": 3, "Progressing": 1}, State.PROGRESSING),
        ({"Settled": 3, "Stalled": 1, "Progressing": 9}, State.STALLED),
        ({"Ungated": 3}, State.UNGATED),
    ],
)
def test_a_tier_shows_the_state_that_most_needs_a_person(
    there: Mapping[str, int], shown: State, tmp_path: Path
) -> None:
    mappings = FLEET["Tiers"]["fieldConfig"]["defaults"]["mappings"]
    numbers = {each["text"]: int(number) for number, each in mappings[0]["options"].items()}
    tried = {
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {
                        "series": f'gate_watcher_gates{{tier="mesh",state="{state}"}}',
                        "values": str(there.get(state, 0)),
                    }
                    for state in State
                ],
                "promql_expr_test": [
                    {
                        "expr": evaluated("Tiers"),
                        "eval_time": "0m",
                        "exp_samples": [{"labels": '{tier="mesh"}', "value": numbers[shown]}],
                    }
                ],
            }
        ]
    }
    path = tmp_path / "tiers.yaml"
    path.write_text(yaml.safe_dump(tried))
    assert "SUCCESS" in promtool("test", "rules", str(path))
