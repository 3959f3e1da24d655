"""Every story comes out as it is written down.

`tests/run stories --rewrite` writes the expectations anew; what is reviewed is the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.telling import Moment, Story, read, told, written

STORIES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_the_story_comes_out_as_it_is_written(file: Path, request: pytest.FixtureRequest) -> None:
    text = file.read_text()
    now = written(told(read(text)))
    if request.config.getoption("--rewrite"):
        file.write_text(now)
        return
    assert now == text


def test_there_are_stories_and_each_expects_something() -> None:
    assert len(STORIES) >= 12
    for file in STORIES:
        story: Story = read(file.read_text())
        assert story.prose.strip()
        assert all(moment.expected for moment in story.moments)


def test_a_sentence_that_nobody_knows_is_said_so() -> None:
    moment = Moment("0s", ("  a sneezes",), ())
    story = Story("A title", ("  tiers: [{name: crds}]",), ("  spoke a",), (moment,))
    with pytest.raises(ValueError, match="nobody knows what this means: a sneezes"):
        told(story)


def test_a_story_is_written_as_it_is_read() -> None:
    for file in STORIES:
        assert written(read(file.read_text())) == file.read_text()
