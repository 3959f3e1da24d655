"""Files, folders and streams in; words and an exit code out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.lint.written import CANARY, EXAMPLES, application_set, clusters, secret
from watcher.cli.lint import lint
from watcher.hub.documents import LONGEST_BYTES


def run(*arguments: object, stdin: str = "") -> Result:
    return CliRunner().invoke(lint, [str(each) for each in arguments], input=stdin)


def test_findings_end_it_with_1_and_none_with_0() -> None:
    policy = EXAMPLES / "policy.yaml"
    assert run(EXAMPLES / "GW001-bad.yaml", "--config", policy).exit_code == 1
    assert run(EXAMPLES / "GW001-good.yaml", "--config", policy).exit_code == 0


def test_a_warning_counts_only_where_it_is_asked_for() -> None:
    warned = EXAMPLES / "GW018-bad.yaml"
    assert run(warned).exit_code == 0
    assert run(warned, "--fail-on", "warning").exit_code == 1


def test_a_rendered_chart_is_read_from_standard_input() -> None:
    done = run("-", stdin=(EXAMPLES / "GW001-bad.yaml").read_text())
    assert done.exit_code == 1
    assert done.stdout.startswith("stdin:1: error GW001 ApplicationSet argocd/karpenter: ")


def test_a_folder_is_read_whole_and_a_charts_templates_are_left_out(tmp_path: Path) -> None:
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: x\n")
    (chart / "templates" / "x.yaml").write_text("{{ if .x }}\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("{{")
    (tmp_path / "one.yaml").write_text(application_set(clusters()))
    (tmp_path / "two.json").write_text('{"kind": "ConfigMap"}')
    done = run(tmp_path, "-o", "json")
    assert done.exit_code == 0
    assert done.stderr.startswith(f"gate-watcher: {chart}/templates: the templates of a chart are")
    assert json.loads(done.stdout)["read"]["applicationSets"] == 1


def test_every_fault_is_a_line_and_the_rest_is_judged(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(application_set(clusters()) + "---\na: [\n")
    (tmp_path / "b.yaml").write_text("a:\n\tb: 1\n")
    done = run(tmp_path, tmp_path / "absent.yaml")
    assert done.exit_code == 2
    starts = [f"{tmp_path}/a.yaml:", f"{tmp_path}/b.yaml:2:", f"{tmp_path}/absent.yaml:1:"]
    assert [
        line.startswith(f"gate-watcher: {start}")
        for line, start in zip(done.stderr.splitlines(), starts, strict=True)
    ] == [True] * 3
    assert "GW020" in done.stdout


@pytest.mark.parametrize("text", ["", "a: b\n", "kind: ConfigMap\n"])
def test_nothing_to_judge_is_a_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    done = run(tmp_path / "x.yaml")
    assert done.exit_code == 2
    assert "it holds no ApplicationSet, no cluster Secret and no Application" in done.stderr


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.exit_code == 2
    assert done.stderr == (
        f"gate-watcher: {tmp_path}:1: there is no YAML and no JSON in it; name another folder, or "
        "a file\n"
    )


def test_a_file_that_is_too_long_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b" " * (2 * LONGEST_BYTES))
    done = run(tmp_path / "x.yaml")
    assert done.exit_code == 2
    assert f"it has {LONGEST_BYTES + 1} bytes, and at most {LONGEST_BYTES} are read" in done.stderr


def test_a_bad_policy_ends_it_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("kind: Nothing\n")
    done = run(EXAMPLES / "GW001-bad.yaml", "--config", tmp_path / "policy.yaml")
    assert done.exit_code == 2
    assert done.stdout == ""


def test_a_path_and_the_hub_are_not_read_together() -> None:
    assert run("x.yaml", "--from-hub").exit_code == 2


@pytest.mark.parametrize("output", ["text", "json", "github"])
def test_no_credential_is_shown(output: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(secret("a", "gate-watcher.io/x: odd") + secret("a"))
    done = run(tmp_path / "x.yaml", "-o", output)
    assert done.exit_code == 1
    assert CANARY not in done.output


def test_without_a_hub_it_says_where_one_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    done = run()
    assert done.exit_code == 2
    assert "there is no kubeconfig" in done.stderr
