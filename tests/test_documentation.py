"""Is the manual whole, and true?

Every config key, state, reason, metric and verb has its heading in the README, and the help of
the command line in it is what the command line prints.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from tests.builders import NOW, application_set, policy, snapshot, spoke
from watcher.check import CHECKS
from watcher.cli import VERBS, main
from watcher.decide import decide, reasons
from watcher.decide.verdicts import State
from watcher.lint import CODES, Code
from watcher.policy import KeyDoc, keys
from watcher.serve.gauges import Everything
from watcher.serve.meters import Meters
from watcher.serve.report import Decided, Report, Stream

README = (Path(__file__).parent.parent / "README.md").read_text()
HEADINGS = frozenset(re.findall(r"^#+ `?([^`\n]+?)`?$", README, re.MULTILINE))


@pytest.mark.parametrize("key", keys(), ids=lambda key: key.key)
def test_every_config_key_has_its_heading_and_its_default(key: KeyDoc) -> None:
    section = _section(f"`{key.key}`")
    assert key.says in section
    assert not key.default or f"Default: `{key.default}`" in section


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_heading(state: State) -> None:
    assert state.value in HEADINGS


@pytest.mark.parametrize("reason", get_args(reasons.Reason), ids=lambda each: each.__name__)
def test_every_reason_has_its_heading(reason: type) -> None:
    assert reason.__name__ in HEADINGS


def test_the_manual_names_no_reason_that_there_is_not() -> None:
    part = README.split("\n## Reasons\n")[1].split("\n## ")[0]
    named = set(re.findall(r"^#### (\w+)$", part, re.MULTILINE))
    assert named == {each.__name__ for each in get_args(reasons.Reason)}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_heading_with_the_real_help(verb: str) -> None:
    said = CliRunner().invoke(main, [verb, "--help"], terminal_width=80).output
    section = _section(f"`gate-watcher {verb}`")
    options = re.findall(r"--[a-z][a-z-]+", said)
    assert [option for option in options if option not in section] == []


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_every_code_of_lint_has_its_heading_and_what_it_says(code: Code) -> None:
    entry = (
        f"#### {code.code} {code.title}\n\n{code.severity.value.capitalize()}. {code.why}\n\n"
        f"To mend it: {code.how}\n"
    )
    assert entry in README


def test_the_manual_names_no_code_that_there_is_not() -> None:
    named = re.findall(r"^#### (GW\d+)", README, re.MULTILINE)
    assert named == [code.code for code in CODES]


def test_the_manual_has_every_check_in_its_order() -> None:
    section = _section("`gate-watcher check`")
    rows = re.findall(r"^\| `([a-z][a-z-]*)` \| (.+) \|$", section, re.MULTILINE)
    assert rows == [(each.name, each.about) for each in CHECKS]


def test_every_metric_has_its_heading() -> None:
    stream = Stream("secrets", NOW, 1, 1, 1, 0, 0, 0, 0)
    decision = decide(snapshot([spoke()], [application_set("x", "crds")]), policy("crds"), NOW)
    decided = Decided(decision, policy("crds"), NOW)
    report = Report(decided, leading=True, lease="gate-watcher", streams=(stream,))
    endings = {"counter": "_total", "info": "_info"}
    named = {
        family.name + endings.get(family.type, "")
        for family in Everything(Meters("1").registry, report).collect()
        if not family.name.startswith("process_")
    }
    assert sorted(named - HEADINGS) == []


def _section(heading: str) -> str:
    parts = re.split(r"^#+ ", README, flags=re.MULTILINE)
    return next(
        (part for part in parts if part.split("\n", 1)[0] == heading),
        f"no heading {heading} in the README",
    )
