"""What git generators find, and what a commit changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.repository import (
    Commits,
    directories,
    directory_path,
    file_parameters,
    file_path,
    flattened,
    normalized,
)

FILES = {
    "addons/one/values.yaml": "a: 1\n",
    "addons/two/deep/values.yaml": "a: 2\n",
    "addons/old/values.yaml": "",
    "clusters/list.yaml": "- {name: a, on: true}\n- {name: b, size: [1, 2]}\n",
}


def test_directories_are_matched_within_one_level_and_can_be_excluded() -> None:
    wanted: list[Mapping[str, Any]] = [
        {"path": "addons/*"},
        {"path": "addons/old", "exclude": True},
    ]
    assert directories(FILES, wanted) == ["addons/one", "addons/two"]


def test_files_hold_one_map_or_a_list_of_them() -> None:
    found = list(file_parameters(FILES, [{"path": "clusters/*.yaml"}]))
    assert [parameters["name"] for _, parameters in found] == ["a", "b"]
    assert list(file_parameters(FILES, [{"path": "addons/old/*"}])) == [
        ("addons/old/values.yaml", {})
    ]


def test_two_stars_reach_across_levels() -> None:
    found = [path for path, _ in file_parameters(FILES, [{"path": "addons/**/values.yaml"}])]
    assert found == sorted(path for path in FILES if path.startswith("addons"))


def test_paths_are_told_flat_or_nested() -> None:
    assert directory_path("a/B_b", go=False) == {
        "path": "a/B_b",
        "path.basename": "B_b",
        "path.basenameNormalized": "b-b",
        "path[0]": "a",
        "path[1]": "B_b",
    }
    assert directory_path("a/b", go=True)["path"]["segments"] == ["a", "b"]
    assert file_path("a/b.yaml", go=True)["path"]["filename"] == "b.yaml"
    assert file_path("b.yaml", go=False)["path.filename"] == "b.yaml"


def test_flattening_joins_keys_by_dots_and_makes_strings() -> None:
    value = {"a": {"b": 1, "c": True}, "d": ["x", {"e": "y"}]}
    assert flattened(value) == {"a.b": "1", "a.c": "true", "d.0": "x", "d.1.e": "y"}


def test_names_are_made_fit() -> None:
    assert normalized("Prod_01/West") == "prod-01-west"
    assert normalized("_x_") == "x"


def test_a_commit_moves_the_head_for_all_and_the_content_of_its_path_only() -> None:
    commits = Commits(seed=1)
    one, other = {"path": "one", "targetRevision": "HEAD"}, {"path": "other"}
    head, before, others = commits.head(), commits.content([one]), commits.content([other])
    commits.push("one", rolls=True)
    assert commits.head() != head
    assert commits.content([one])[:2] != before[:2]
    assert commits.content([other]) == others
    commits.push("one", rolls=False)
    assert commits.content([one])[:2] == (before.source, 1)


def test_a_chart_is_at_its_version_whatever_the_head() -> None:
    assert Commits(1).revision({"chart": "x", "targetRevision": "1.2.3"}) == "1.2.3"
