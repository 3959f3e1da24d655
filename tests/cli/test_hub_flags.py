"""Given to `status`, which asks the hub for nothing but its watcher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from tests.cli.fleets import fleet
from tests.cli.places import PROXY, Place, invoked
from watcher.cli.hub_flags import HubFlags

ANSWER = json.loads(msgspec.json.encode(fleet()))


def two_clusters(folder: Path, url: str) -> str:
    """A kubeconfig whose current context leads nowhere, as nobody."""
    document: dict[str, Any] = {
        "current-context": "away",
        "contexts": [{"name": "away", "context": {"cluster": "far", "user": "nobody"}}],
        "clusters": [
            {"name": "far", "cluster": {"server": "http://127.0.0.1:1"}},
            {"name": "near", "cluster": {"server": url}},
        ],
        "users": [{"name": "nobody", "user": {}}, {"name": "me", "user": {"token": "mine"}}],
    }
    file = folder / "kubeconfig"
    file.write_text(json.dumps(document))
    return str(file)


def test_cluster_and_user_may_be_others_than_the_context_s(place: Place, tmp_path: Path) -> None:
    path = f"{PROXY}/api/v1/fleet"
    place.answers[path] = (200, ANSWER)
    flags = ("--kubeconfig", two_clusters(tmp_path, place.url), "--cluster", "near")
    assert invoked("status", *flags, "--user", "me").exit_code == 0
    assert place.tokens == {path: "Bearer mine"}
    assert place.acted_as == [(None, [])]


def test_one_may_act_as_somebody_else(place: Place, tmp_path: Path) -> None:
    place.answers[f"{PROXY}/api/v1/fleet"] = (200, ANSWER)
    flags = ("--kubeconfig", two_clusters(tmp_path, place.url), "--cluster", "near")
    whom = ("--as", "alice", "--as-group", "oncall", "--as-group", "viewers")
    assert invoked("status", *flags, *whom).exit_code == 0
    assert place.acted_as == [("alice", ["oncall", "viewers"])]


def test_a_cluster_or_a_user_that_there_is_not_is_said(tmp_path: Path) -> None:
    file = two_clusters(tmp_path, "http://127.0.0.1:1")
    cluster = invoked("status", "--kubeconfig", file, "--cluster", "nera")
    assert cluster.exit_code == 2
    assert cluster.stderr == (
        f"gate-watcher: {file}: there is no cluster 'nera' with a server (did you mean 'near'?); "
        "there is far, near; name another with --cluster\n"
    )
    user = invoked("status", "--kubeconfig", file, "--user", "you")
    assert user.exit_code == 2
    assert "there is no user 'you'; there is me, nobody; name another with --user" in user.stderr


def test_a_short_flag_may_have_its_value_behind_an_equals_sign(
    place: Place, tmp_path: Path
) -> None:
    place.answers[f"{PROXY.replace('argocd', 'elsewhere')}/api/v1/fleet"] = (200, ANSWER)
    flags = ("--kubeconfig", two_clusters(tmp_path, place.url), "--cluster", "near")
    done = invoked("status", *flags, "-n=elsewhere", "-o=json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, ANSWER)


def test_a_group_alone_is_refused() -> None:
    done = invoked("status", "--as-group", "oncall")
    assert done.exit_code == 2
    assert "--as-group needs --as" in done.stderr


def test_argo_cds_namespace_is_meant_where_none_is_named() -> None:
    assert HubFlags().namespace == "argocd"
    assert HubFlags(named="argo").namespace == "argo"
