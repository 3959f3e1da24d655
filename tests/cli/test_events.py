from __future__ import annotations

import io
import json

import pytest
import yaml
from rich.console import Console

from tests.cli.askers import Asker
from tests.cli.places import Place, invoked, refusal
from tests.cli.test_news import AT, changed
from watcher.cli.choosing import Chosen
from watcher.cli.events import Events
from watcher.serve import shapes

HERE = "/api/v1/changes"
BOTH = shapes.Changes((changed(2, "Soaking"), changed(1, "Queued", "Progressing")), AT, AT)
LINES = [f"{AT}  a/compute  Queued → ◐ Progressing", f"{AT}  a/compute  Soaking → ● Settled"]


def test_what_has_changed_is_said_the_latest_last(place: Place) -> None:
    place.answers[HERE] = (200, BOTH)
    done = invoked("events", "--server", place.url)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == LINES


def test_it_can_be_narrowed_down(place: Place) -> None:
    place.answers[HERE] = (200, BOTH)
    invoked("events", "a", "--tier", "compute", "-l", "env=prod", "--server", place.url)
    (asked,) = place.asked
    assert asked == (f"{HERE}?tier=compute&selector=env%3Dprod&spoke=a&limit=1000&after=0")


@pytest.mark.parametrize("more", [(), ("-w",)], ids=str)
def test_a_spoke_that_there_is_not_is_refused(place: Place, more: tuple[str, ...]) -> None:
    place.answers[HERE] = (200, shapes.Changes((), AT, AT))
    place.answers["/api/v1/spokes/b"] = refusal(404, "NoSuchSpoke", "there is no spoke 'b'")
    done = invoked("events", "b", "--server", place.url, *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "gate-watcher: there is no spoke 'b'\n"


def test_one_that_has_left_is_known_by_what_changed(place: Place) -> None:
    place.answers[HERE] = (200, BOTH)
    done = invoked("events", "a", "--server", place.url)
    assert (done.exit_code, done.stdout.splitlines()) == (0, LINES)


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_other_programs_get_it_as_it_is(place: Place, output: str) -> None:
    place.answers[HERE] = (200, BOTH)
    said = invoked("events", "--server", place.url, "-o", output).stdout
    made = json.loads(said) if output == "json" else yaml.safe_load(said)
    assert [each["number"] for each in made["changes"]] == [1, 2]


def test_a_long_line_is_not_broken(place: Place) -> None:
    why = (shapes.Reason("x", "word " * 60),)
    long = shapes.Change(1, AT, "AdmissionStopped", reasons=why)
    place.answers[HERE] = (200, shapes.Changes((long,), AT, AT))
    assert len(invoked("events", "--server", place.url).stdout.splitlines()) == 1


async def test_each_change_comes_once_however_often_is_asked() -> None:
    answers = [BOTH, shapes.Changes((), AT, AT), shapes.Changes((changed(3),), AT, AT)]
    asked: list[str] = []

    def answer(path: str, query: dict[str, list[str]]) -> shapes.Changes:
        asked.append(query["after"][0])
        return answers.pop(0)

    events = Events(Asker(answer), Chosen(), ())
    found = [[each.number for each in await events.fresh()] for _ in range(3)]
    assert found == [[1, 2], [], [3]]
    assert asked == ["0", "2", "2"]


@pytest.mark.parametrize("output", ["json", "yaml", None])
async def test_what_comes_is_told_change_by_change(
    output: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [BOTH]
    stream = io.StringIO()

    def answer(path: str, query: dict[str, list[str]]) -> shapes.Changes:
        if not answers:
            raise KeyboardInterrupt
        return answers.pop(0)

    asker = Asker(answer)
    asker.every_s = 0.0
    with pytest.raises(KeyboardInterrupt):
        await Events(asker, Chosen(), ()).tell(Console(file=stream, width=80), output)
    said = capsys.readouterr().out
    if output is None:
        assert stream.getvalue().splitlines() == LINES
    elif output == "json":
        assert [json.loads(each)["number"] for each in said.splitlines()] == [1, 2]
    else:
        assert [each["number"] for each in yaml.safe_load_all(said)] == [1, 2]


def test_the_events_on_the_hub_are_not_narrowed_down() -> None:
    done = invoked("events", "--from-hub", "--tier", "compute")
    assert done.exit_code == 2
    assert "told apart by their Secrets alone" in done.stderr
