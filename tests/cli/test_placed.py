from __future__ import annotations

import pytest
import rich_click as click

from watcher.cli.placed import Placed, placed


def test_a_namespace_may_stand_before_a_name() -> None:
    assert placed("gate-watcher") == Placed("", "gate-watcher")
    assert placed("tools/gate-watcher") == Placed("tools", "gate-watcher")


@pytest.mark.parametrize("text", ["", "/", "/a", "a/", "a/b/c"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no"):
        placed(text)
