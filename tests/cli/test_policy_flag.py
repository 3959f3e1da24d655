from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.standing import HEAD
from watcher.cli.policy_flag import policy_in


def test_a_policy_is_read_and_moved_to_where_argo_cd_runs(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(HEAD + "tiers: [{name: compute}]\n")
    assert list(policy_in(file, None).by_name) == ["compute"]
    assert policy_in(file, "elsewhere").namespace == "elsewhere"


def test_what_is_no_policy_ends_it_with_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(HEAD + "tiers: [{nam: compute}]\nring: 7\n")
    with pytest.raises(SystemExit) as ended:
        policy_in(file, None)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("gate-watcher: ") >= 2
