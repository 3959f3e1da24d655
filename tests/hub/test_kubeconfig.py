"""Is the right kubeconfig meant, and is what is wrong with it said without quoting it?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.exchanges import CANARY
from watcher.hub.errors import ConnectionFault
from watcher.hub.kubeconfig import check_kubeconfig, kubeconfig_files

GOOD = f"""
apiVersion: v1
kind: Config
current-context: prod
contexts:
- {{name: prod, context: {{cluster: hub, user: me}}}}
- {{name: staging, context: {{cluster: other, user: me}}}}
- {{name: torn, context: {{cluster: nowhere, user: me}}}}
- {{name: empty}}
clusters:
- {{name: hub, cluster: {{server: "https://hub:6443"}}}}
- {{name: other, cluster: {{server: "https://other:6443"}}}}
users:
- {{name: me, user: {{token: {CANARY}}}}}
"""


def written(folder: Path, text: str, name: str = "config") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def fault(file: Path, context: str | None = None) -> str:
    with pytest.raises(ConnectionFault) as caught:
        check_kubeconfig((file,), context)
    assert CANARY not in str(caught.value)
    assert str(caught.value).startswith(f"{file}: ")
    return str(caught.value).removeprefix(f"{file}: ")


def test_the_file_that_is_named_is_meant(tmp_path: Path) -> None:
    environ = {"KUBECONFIG": "/a:/b", "HOME": str(tmp_path)}
    assert kubeconfig_files("/named", environ) == (Path("/named"),)
    assert kubeconfig_files(None, environ) == (Path("/a"), Path("/b"))


def test_the_default_is_meant_only_where_it_exists(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "KUBECONFIG": ""}
    assert kubeconfig_files(None, environ) == ()
    (tmp_path / ".kube").mkdir()
    default = written(tmp_path / ".kube", GOOD)
    assert kubeconfig_files(None, environ) == (default,)


def test_a_sound_kubeconfig_has_a_context(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    assert check_kubeconfig((file,), None) == "prod"
    assert check_kubeconfig((file,), "staging") == "staging"


def test_of_several_files_the_first_that_says_it_decides(tmp_path: Path) -> None:
    first = written(tmp_path, "current-context: staging\n", "first")
    absent = tmp_path / "absent"
    files = (absent, first, written(tmp_path, GOOD))
    assert check_kubeconfig(files, None) == "staging"


def test_a_file_that_does_not_exist_is_said(tmp_path: Path) -> None:
    assert fault(tmp_path / "config") == (
        "there is no such file; name an existing kubeconfig with --kubeconfig or $KUBECONFIG"
    )


def test_no_current_context_is_said_with_those_that_there_are(tmp_path: Path) -> None:
    for text in (GOOD.replace("current-context: prod", ""), GOOD.replace("prod", '""', 1)):
        assert "it has no current context; it has empty, " in fault(written(tmp_path, text))
    assert "it has none at all" in fault(written(tmp_path, "contexts: []"))


def test_an_unknown_context_is_said_with_its_nearest(tmp_path: Path) -> None:
    said = fault(written(tmp_path, GOOD), "stagin")
    assert "there is no context 'stagin' (did you mean 'staging'?)" in said
    assert "--context" in said


@pytest.mark.parametrize("context", ["torn", "empty"])
def test_a_context_that_leads_nowhere_is_said(tmp_path: Path, context: str) -> None:
    assert f"context {context!r} leads to the cluster" in fault(written(tmp_path, GOOD), context)


def test_what_is_no_yaml_is_said_with_its_line(tmp_path: Path) -> None:
    said = fault(written(tmp_path, f"users:\n- name: me\n  token: {CANARY}\n x: [\n"))
    assert "it is not YAML in line 4" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CANARY, "it holds no mapping"),
        ("", "it holds no mapping"),
        (f"- {CANARY}", "it holds no mapping"),
        (f"contexts: {CANARY}", "Expected `array | null`, got `str` - at `$.contexts`"),
        (f"contexts: [{{context: {CANARY}}}]", "at `$.contexts[0]"),
        (f"a: &a [{CANARY}, *b]", "it is not YAML in line 1"),
        (f"a: !{CANARY[:6]} x", "it is not YAML in line 1"),
        ("\x00", "it is not YAML"),
    ],
)
def test_what_is_no_kubeconfig_is_said(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(written(tmp_path, text))


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert "it cannot be read: Is a directory" in fault(tmp_path)


def test_a_file_of_bytes_that_are_no_text_is_said(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(b"\xff\xfe\xfa")
    assert "it is not YAML" in fault(file)
