from __future__ import annotations

import json

import pytest
import yaml

from watcher.cli.output import FORMATS, show
from watcher.serve import shapes

SPOKE = shapes.Spoke("a", "argocd", "a-secret", (shapes.Gate("compute", "Settled", (), None),))
GIVEN = {
    "name": "a",
    "namespace": "argocd",
    "secret": "a-secret",
    "uid": "",
    "ring": "",
    "gates": [{"tier": "compute", "state": "Settled", "reasons": [], "openedAt": None}],
}


@pytest.mark.parametrize("output", FORMATS)
def test_both_formats_have_the_same_members(
    output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show(SPOKE, output)
    said = capsys.readouterr().out
    assert (json.loads(said) if output == "json" else yaml.safe_load(said)) == GIVEN
    assert said.endswith("\n")
    assert said.count("\n") > len(GIVEN), "for people too"
