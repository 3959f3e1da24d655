from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.captured.junk import junked
from watcher.facts import Ended, Pod, instant
from watcher.hub.pods import pod

CANARY = "CANARY-credential-must-never-appear"
NAME = "argocd-application-controller"
MIB = 2**20


def at(text: str) -> float:
    found = instant(text)
    assert found is not None
    return found


def container(**fields: Any) -> dict[str, Any]:
    return {
        "name": NAME,
        "image": "quay.io/argoproj/argocd:v3.5.1",
        "env": [
            {"name": "REDIS_PASSWORD", "value": CANARY},
            {"name": "GOMEMLIMIT", "value": "780MiB"},
            {"name": "ARGOCD_CONTROLLER_REPLICAS", "value": "1"},
        ],
        "resources": {"limits": {"cpu": "2", "memory": "900Mi"}, "requests": {"memory": "1Gi"}},
        **fields,
    }


def status_of(name: str = NAME, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": "2026-11-24T10:00:00Z"}},
        "lastState": {},
        **fields,
    }


def document(
    *containers: dict[str, Any],
    statuses: tuple[dict[str, Any], ...] | None = None,
    meta: dict[str, Any] | None = None,
    **status: Any,
) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": NAME, "controller": True}
    return {
        "metadata": {
            "namespace": "argocd",
            "name": f"{NAME}-3",
            "uid": "uid-3",
            "resourceVersion": "17",
            "labels": {"app.kubernetes.io/name": NAME},
            "annotations": {"note": CANARY},
            "ownerReferences": [{**owner, "uid": "uid-owner"}],
            **(meta or {}),
        },
        "spec": {"nodeName": "node-1", "containers": list(containers or (container(),))},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.7",
            "podIPs": [{"ip": "10.0.0.7"}],
            "conditions": [
                {"type": "PodScheduled", "status": "True"},
                {"type": "Ready", "status": "True"},
            ],
            "containerStatuses": list((status_of(),) if statuses is None else statuses),
            **status,
        },
    }


def read(*containers: dict[str, Any], **fields: Any) -> Pod:
    return pod(json.dumps(document(*containers, **fields)).encode())


def test_a_controller_that_runs_gives_its_facts() -> None:
    assert read() == Pod(
        uid="uid-3",
        namespace="argocd",
        name=f"{NAME}-3",
        resource_version="17",
        ip="10.0.0.7",
        number=3,
        phase="Running",
        ready=True,
        started_at=at("2026-11-24T10:00:00Z"),
        limit_bytes=900 * MIB,
        soft_limit_bytes=780 * MIB,
        image="quay.io/argoproj/argocd:v3.5.1",
    )


def test_no_other_variable_and_no_annotation_becomes_an_object() -> None:
    odd = container(env=[{"name": "X", "value": {"a": CANARY}}, {"name": 7, "value": CANARY}])
    for said in (read(), read(odd), read({**container(), "resources": CANARY})):
        assert "CANARY" not in repr(said)


# --- which container ---------------------------------------------------------------------------


def test_sidecars_are_told_from_the_controller_by_its_name() -> None:
    proxy = {"name": "istio-proxy", "image": "proxy", "resources": {"limits": {"memory": "1Gi"}}}
    killed = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": None}}
    said = read(
        proxy,
        container(),
        statuses=(status_of("istio-proxy", restartCount=9, lastState=killed), status_of()),
    )
    assert (said.limit_bytes, said.restarts, said.ended) == (900 * MIB, 0, None)


def test_the_helm_chart_names_it_otherwise() -> None:
    said = read({"name": "x"}, container(name="application-controller"))
    assert said.limit_bytes == 900 * MIB


def test_the_only_container_is_the_controller() -> None:
    said = read(container(name="anything"), statuses=(status_of("anything", restartCount=2),))
    assert (said.limit_bytes, said.restarts) == (900 * MIB, 2)


def test_that_none_of_several_is_the_controller_is_said() -> None:
    said = read({"name": "a"}, {"name": "b"})
    assert said.limit_bytes is None
    assert said.unreadable == (
        f"spec.containers has none that is named {NAME} or application-controller",
    )


# --- how much ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("1.5Gi", 1536 * MIB),
        ("1500M", 1_500_000_000),
        ("2e9", 2_000_000_000),
        ("1073741824", 2**30),
        ("1500m", 2),
        ("0", None),
    ],
)
def test_a_limit_is_read_as_kubernetes_writes_it(written: str, limit: int | None) -> None:
    said = read(container(resources={"limits": {"memory": written}}))
    assert (said.limit_bytes, said.unreadable) == (limit, ())


@pytest.mark.parametrize("resources", [None, {}, {"limits": None}, {"limits": {"cpu": "1"}}])
def test_a_pod_may_have_no_limit(resources: Any) -> None:
    said = read(container(resources=resources))
    assert (said.limit_bytes, said.unreadable) == (None, ())


@pytest.mark.parametrize("written", ["lots", "-1Gi", "1GiB"])
def test_a_limit_that_cannot_be_read_is_said(written: str) -> None:
    said = read(container(resources={"limits": {"memory": written}}))
    assert said.limit_bytes is None
    assert said.unreadable == ("resources.limits.memory is no amount of memory",)


@pytest.mark.parametrize(
    ("variable", "limit"),
    [
        ({"value": "817889280"}, 817889280),
        ({"value": "1GiB"}, 2**30),
        ({"value": "off"}, None),
        ({"value": ""}, None),
        ({}, None),
        ({"value": None}, None),
        ({"value": "$(LIMIT)"}, None),
        ({"valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}}, None),
    ],
)
def test_a_soft_limit_is_read_where_it_is_given_as_it_is(
    variable: dict[str, Any], limit: int | None
) -> None:
    said = read(container(env=[{"name": "GOMEMLIMIT", **variable}]))
    assert (said.soft_limit_bytes, said.unreadable) == (limit, ())


@pytest.mark.parametrize("value", ["780Mi", "-1", 7, {"a": CANARY}])
def test_a_soft_limit_that_cannot_be_read_is_said(value: Any) -> None:
    said = read(container(env=[{"name": "GOMEMLIMIT", "value": value}]))
    assert said.soft_limit_bytes is None
    assert said.unreadable == ("env GOMEMLIMIT is no amount of memory as Go writes it",)


def test_of_a_variable_given_twice_the_last_one_counts() -> None:
    env = [{"name": "GOMEMLIMIT", "value": each} for each in ("1GiB", "2GiB")]
    assert read(container(env=env)).soft_limit_bytes == 2**31


# --- its number --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "number"),
    [
        ("StatefulSet", "argocd-application-controller-0", 0),
        ("StatefulSet", "controller-12", 12),
        ("StatefulSet", "controller-x", None),
        ("StatefulSet", "7", None),
        ("StatefulSet", "controller-99999999999", None),
        ("StatefulSet", "controller-١", None),
        ("ReplicaSet", "argocd-application-controller-7d9f-12345", None),
    ],
)
def test_a_statefulset_numbers_its_pods(kind: str, name: str, number: int | None) -> None:
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": "x", "uid": "u", "controller": True}
    assert read(meta={"name": name, "ownerReferences": [owner]}).number == number


def test_a_pod_of_nobody_has_no_number() -> None:
    assert read(meta={"ownerReferences": None}).number is None


# --- how it fares ------------------------------------------------------------------------------

KILLED = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-24T10:05:00Z"}
ENDED = Ended("OOMKilled", 137, at("2026-11-24T10:05:00Z"))


def test_a_kill_shows_before_the_container_is_started_again() -> None:
    said = read(statuses=(status_of(state={"terminated": KILLED}),))
    assert (said.ended, said.started_at, said.waiting, said.restarts) == (ENDED, None, "", 0)


def test_and_while_it_waits_to_be() -> None:
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
    said = read(statuses=(status_of(state=state, lastState={"terminated": KILLED}),))
    assert (said.ended, said.started_at, said.waiting) == (ENDED, None, "CrashLoopBackOff")


def test_and_after_it_was() -> None:
    said = read(statuses=(status_of(lastState={"terminated": KILLED}, restartCount=4),))
    assert (said.ended, said.restarts) == (ENDED, 4)
    assert said.started_at is not None


def test_the_later_end_is_shown() -> None:
    before = {**KILLED, "finishedAt": "2026-11-24T10:01:00Z"}
    state, last = {"terminated": KILLED}, {"terminated": before}
    assert read(statuses=(status_of(state=state, lastState=last),)).ended == ENDED


def test_a_pod_that_has_not_begun_is_no_more_than_that() -> None:
    said = read(statuses=(), phase="Pending", podIP=None, conditions=None)
    assert (said.phase, said.ip, said.ready, said.started_at) == ("Pending", "", False, None)
    assert said.unreadable == ()


def test_a_pod_that_is_not_ready_is_not() -> None:
    assert not read(conditions=[{"type": "Ready", "status": "False"}]).ready
    assert not read(conditions=[{"type": "ContainersReady", "status": "True"}]).ready


def test_a_pod_that_is_being_deleted_says_since_when() -> None:
    said = read(meta={"deletionTimestamp": "2026-11-24T11:00:00Z"})
    assert said.deleting_since == at("2026-11-24T11:00:00Z")


def test_a_time_that_cannot_be_read_is_said() -> None:
    said = read(
        meta={"deletionTimestamp": "soon"},
        statuses=(
            status_of(
                state={"running": {"startedAt": "x"}},
                lastState={"terminated": {**KILLED, "finishedAt": "y"}},
            ),
        ),
    )
    assert said.unreadable == (
        "metadata.deletionTimestamp is no time",
        "state.running.startedAt is no time",
        "state.terminated.finishedAt is no time",
    )


# --- whatever comes ----------------------------------------------------------------------------


def test_what_is_no_object_is_no_pod() -> None:
    for body in (b"", b"7", b"[]", b"nonsense"):
        with pytest.raises(msgspec.DecodeError):
            pod(body)


def test_an_empty_object_is_a_pod_of_which_nothing_is_known() -> None:
    said = pod(b"{}")
    assert said == Pod("", "", "", "", unreadable=said.unreadable)
    assert len(said.unreadable) == 1


def test_a_field_of_the_wrong_shape_is_named_and_the_rest_is_read() -> None:
    said = read(phase=7, podIP=["10.0.0.7"])
    assert said.unreadable == ("status.phase cannot be read", "status.podIP cannot be read")
    assert (said.ready, said.limit_bytes, said.restarts) == (True, 900 * MIB, 0)


def test_no_field_of_any_shape_raises_or_lets_a_secret_through() -> None:
    for path, junk, body in junked(document()):
        said = pod(body)
        assert "CANARY" not in repr(said), (path, junk)
