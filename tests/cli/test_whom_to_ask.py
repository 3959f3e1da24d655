from __future__ import annotations

import pytest

from tests.cli.places import invoked


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--from-hub", "--server", "http://localhost:8090"), "--from-hub asks no watcher"),
        (("--config", "policy.yaml"), "--config is for --from-hub"),
    ],
)
@pytest.mark.parametrize("verb", [("status",), ("explain", "a"), ("wait", "a"), ("events",)])
def test_what_does_not_go_together_is_refused(
    verb: tuple[str, ...], flags: tuple[str, ...], said: str
) -> None:
    done = invoked(*verb, *flags)
    assert done.exit_code == 2
    assert said in done.stderr
