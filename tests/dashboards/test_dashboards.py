"""Are the dashboards what the code makes, and do they ask for what there is?

`--rewrite` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.dashboards.boards import written
from tests.dashboards.fleet import fleet
from tests.dashboards.memory import memory
from tests.dashboards.one_spoke import one_spoke
from tests.prometheus.known import unknown
from tests.prometheus.rules import ALERTS, ROOT

FOLDER = ROOT / "dashboards"
TEXTS = {
    "fleet.json": written(fleet()),
    "memory.json": written(memory()),
    "spoke.json": written(one_spoke()),
}
BOARDS: Mapping[str, dict[str, Any]] = {name: json.loads(text) for name, text in TEXTS.items()}
VARIABLES = {"$__rate_interval": "5m", "$__range": "1h"}


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel but rows."""
    for each in board["panels"]:
        yield from each.get("panels") or ()
        if each["type"] != "row":
            yield each


EVERY = [
    pytest.param(name, panel, id=f"{name}-{panel['title']}")
    for name, board in BOARDS.items()
    for panel in panels(board)
]


def expressions(panel: dict[str, Any]) -> Iterator[str]:
    for target in panel["targets"]:
        expr: str = target["expr"]
        for name, value in VARIABLES.items():
            expr = expr.replace(name, value)
        yield expr


@pytest.mark.parametrize("name", BOARDS)
def test_a_file_is_what_the_code_makes(name: str, request: pytest.FixtureRequest) -> None:
    path, made = FOLDER / name, TEXTS[name]
    if request.config.getoption("--rewrite"):
        path.write_text(made)
    assert path.read_text() == made, "tests/run dashboards --rewrite writes it anew"


def test_there_are_no_others() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(BOARDS)


@pytest.mark.parametrize(("name", "panel"), EVERY)
def test_a_panel_asks_only_for_what_is_exported(name: str, panel: dict[str, Any]) -> None:
    asked = list(expressions(panel))
    assert asked
    assert [each for expr in asked for each in unknown(expr)] == []


@pytest.mark.parametrize(("name", "panel"), EVERY)
def test_a_panel_says_what_it_shows_in_which_unit_and_where_from(
    name: str, panel: dict[str, Any]
) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@pytest.mark.parametrize("name", BOARDS)
def test_a_variable_asks_for_what_is_exported(name: str) -> None:
    for each in BOARDS[name]["templating"]["list"]:
        if each["type"] == "query":
            found = re.fullmatch(r"label_values\((\w+), (\w+)\)", each["query"])
            assert found is not None
            assert list(unknown(f'{found[1]}{{{found[2]}!=""}}')) == []


@pytest.mark.parametrize("name", BOARDS)
def test_dashboards_have_fixed_uids_and_lead_to_each_other_and_to_the_page(name: str) -> None:
    board = BOARDS[name]
    assert board["uid"] == f"gate-watcher-{name.removesuffix('.json')}"
    urls = [each["url"] for each in board["links"]]
    for other in BOARDS:
        assert (f"/d/gate-watcher-{other.removesuffix('.json')}" in urls) is (other != name)
    assert "${status_page}/" in urls
    variables = {each["name"] for each in board["templating"]["list"]}
    assert {"datasource", "status_page"} <= variables
    text = json.dumps(board)
    named = set(re.findall(r"\$\{?(\w+)", text)) - {"__rate_interval", "__all", "__value"}
    assert named <= variables


@pytest.mark.parametrize("name", BOARDS)
def test_a_name_that_is_put_into_an_address_is_encoded(name: str) -> None:
    """A spoke may be called what it likes, and one without a name is `secret/NAME`."""
    urls = {each["url"].removeprefix("${status_page}") for each in links(BOARDS[name])}
    put = {each for url in urls for each in re.findall(r"\$\{?(\w+(?::\w+)?)", url)}
    assert {each for each in put if not each.endswith(":percentencode")} == set()


def links(part: object) -> Iterator[dict[str, Any]]:
    """Those of the dashboard, of its panels and of their fields."""
    if isinstance(part, list):
        for each in part:
            yield from links(each)
    elif isinstance(part, dict):
        yield from part.get("links") or ()
        for each in part.values():
            yield from links(each)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda each: each["alert"])
def test_an_alert_leads_to_a_dashboard_that_there_is(alert: Mapping[str, Any]) -> None:
    url = alert["annotations"]["dashboard_url"]
    found = re.search(r"/d/(gate-watcher-(\w+))(?:\?var-(\w+)=)?", url)
    assert found is not None
    board = BOARDS[f"{found[2]}.json"]
    assert board["uid"] == found[1]
    if found[3]:
        assert found[3] in {each["name"] for each in board["templating"]["list"]}
