"""Is a guard taken as in force where it is, and nowhere else?"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.hub.kubeconfigs import connected
from tests.hub.objects import status_body
from tests.hub.wire_server import Asked, WireServer, http, wire_server
from watcher.facts import Force, Guard, Standing
from watcher.guards import BINDINGS, GROUP, POLICIES, shape, shipped
from watcher.hub.connection import Connection
from watcher.hub.errors import ReviewFailed
from watcher.hub.guarding import own_account, read_guards
from watcher.policy import Gates, Polarity, Policy, Recovery

ROOT = f"/apis/{GROUP}/v1"
POLICY = Policy(())
ME = "system:serviceaccount:argocd:gate-watcher"
SHIPPED = shipped(shape(POLICY))


def held(policy: Policy = POLICY) -> dict[str, dict[str, Any]]:
    """What a hub holds on which all is as it was shipped, by path; with what it adds itself."""
    found = {}
    for one in shipped(shape(policy)).values():
        for plural, document in ((POLICIES, one.policy), (BINDINGS, one.binding)):
            object_ = copy.deepcopy(document)
            object_["metadata"] |= {"uid": "x", "resourceVersion": "1", "generation": 1}
            object_["status"] = {}
            found[f"{ROOT}/{plural}/{one.name}"] = object_
    return found


def policy_path(guard: Guard) -> str:
    return f"{ROOT}/{POLICIES}/{SHIPPED[guard].name}"


def binding_path(guard: Guard) -> str:
    return f"{ROOT}/{BINDINGS}/{SHIPPED[guard].name}"


@asynccontextmanager
async def hub(
    folder: Path, answers: Mapping[str, Any]
) -> AsyncIterator[tuple[WireServer, Connection]]:
    """A hub that has these objects; bytes are an answer as it goes over the wire."""

    async def give(asked: Asked, writer: asyncio.StreamWriter) -> None:
        answer = answers.get(asked.path)
        plural, _, name = asked.path.rpartition("/")
        if answer is None:
            message = f'{plural.rpartition("/")[2]}.{GROUP} "{name}" not found'
            writer.write(http(404, status_body(404, "NotFound", message)))
        elif isinstance(answer, bytes):
            writer.write(answer)
        else:
            writer.write(http(200, json.dumps(answer).encode()))

    async with wire_server(give) as server, connected(folder, server.url) as connection:
        yield server, connection


async def standings(
    folder: Path, answers: Mapping[str, Any], *, policy: Policy = POLICY, account: str = ME
) -> Mapping[Guard, Standing]:
    async with hub(folder, answers) as (server, connection):
        found = await read_guards(connection, policy, account=account)
        assert {each.method for each in server.asked} <= {"GET"}
    return found


async def test_what_was_shipped_is_in_force(tmp_path: Path) -> None:
    found = await standings(tmp_path, held())
    assert found == dict.fromkeys(Guard, Standing(Force.IN_FORCE))


async def test_the_shape_is_the_policys(tmp_path: Path) -> None:
    policy = Policy((), Gates("gates.example.com", Polarity.BLOCK), namespace="gitops")
    there = held(policy)
    found = await standings(
        tmp_path, there, policy=policy, account="system:serviceaccount:gitops:gate-watcher"
    )
    assert {each.force for each in found.values()} == {Force.IN_FORCE}


async def test_what_is_not_there_is_said_with_the_component_that_brings_it(tmp_path: Path) -> None:
    there = held()
    del there[policy_path(Guard.A)], there[binding_path(Guard.D)]
    found = await standings(tmp_path, there)
    name, other = SHIPPED[Guard.A].name, SHIPPED[Guard.D].name
    assert found[Guard.A] == Standing(
        Force.NOT_IN_FORCE,
        f"{POLICIES} {name} is not on the hub; apply the component guards of the manifests",
    )
    assert found[Guard.D] == Standing(
        Force.NOT_IN_FORCE,
        f"{BINDINGS} {other} is not on the hub; apply the component guards-strict of the manifests",
        there=True,
    )
    assert found[Guard.B].force is Force.IN_FORCE


@pytest.mark.parametrize(
    ("path", "change", "difference"),
    [
        (policy_path, {"failurePolicy": "Ignore"}, "spec.failurePolicy is another"),
        (binding_path, {"validationActions": ["Audit"]}, "spec.validationActions[0] is another"),
        (binding_path, {"policyName": "other"}, "spec.policyName is another"),
    ],
)
async def test_what_is_another_is_said(
    tmp_path: Path, path: Any, change: dict[str, Any], difference: str
) -> None:
    there = held()
    there[path(Guard.A)]["spec"] |= change
    found = (await standings(tmp_path, there))[Guard.A]
    assert found.force is Force.NOT_IN_FORCE
    assert f"is not what was shipped for this policy and this account: {difference}" in found.why
    assert found.why.endswith("; apply the component guards of the manifests")


async def test_of_many_differences_a_few_are_named(tmp_path: Path) -> None:
    there = held()
    there[policy_path(Guard.A)]["spec"] = {}
    found = (await standings(tmp_path, there))[Guard.A]
    assert found.why.count(" is missing") == 3
    assert " is missing…; " in found.why


async def test_what_goes_is_not_in_force(tmp_path: Path) -> None:
    there = held()
    there[policy_path(Guard.E)]["metadata"]["deletionTimestamp"] = "2026-03-02T09:00:00Z"
    found = (await standings(tmp_path, there))[Guard.E]
    assert found.force is Force.NOT_IN_FORCE
    assert found.why.endswith("is being deleted")


async def test_a_guard_that_binds_another_account_is_not_in_force(tmp_path: Path) -> None:
    found = await standings(tmp_path, held(), account="somebody")
    assert {each: one.force is Force.IN_FORCE for each, one in found.items()} == {
        Guard.A: True,
        Guard.B: False,
        Guard.C: True,
        Guard.D: True,
        Guard.E: False,
    }


async def test_whom_a_guard_must_bind_may_be_unknown(tmp_path: Path) -> None:
    found = await standings(tmp_path, held(), account="")
    assert found[Guard.A].force is Force.IN_FORCE
    assert found[Guard.B].force is found[Guard.E].force is Force.UNKNOWN
    assert "which account" in found[Guard.E].why


async def test_a_hub_too_old_for_guards_is_said(tmp_path: Path) -> None:
    page = http(404, b"404 page not found\n", content_type="text/plain")
    message = "the server could not find the requested resource"
    for answer in (page, http(404, status_body(404, "NotFound", message))):
        found = await standings(tmp_path, dict.fromkeys(held(), answer))
        for each in found.values():
            assert each.force is Force.NOT_IN_FORCE
            assert "Kubernetes 1.30 and later do" in each.why


async def test_what_may_not_be_read_is_unknown(tmp_path: Path) -> None:
    answer = http(403, status_body(403, "Forbidden", "no"))
    found = await standings(tmp_path, {**held(), binding_path(Guard.E): answer})
    assert found[Guard.E] == Standing(
        Force.UNKNOWN,
        f"{BINDINGS} {SHIPPED[Guard.E].name} may not be read (403); "
        "apply the component recovery of the manifests, which grants it",
    )
    assert found[Guard.A].force is Force.IN_FORCE


@pytest.mark.parametrize(
    "answer",
    [
        http(500, status_body(500, "InternalError", "no")),
        http(200, b"[]"),
        http(200, b'{"metadata": {}, "spec": "x"}'),
        http(200, b"<html>", content_type="text/html"),
        b"",
    ],
)
async def test_what_cannot_be_read_is_unknown(tmp_path: Path, answer: bytes) -> None:
    found = await standings(tmp_path, {**held(), policy_path(Guard.B): answer})
    assert found[Guard.B].force is Force.UNKNOWN
    assert found[Guard.B].why.startswith(f"cannot read {POLICIES} {SHIPPED[Guard.B].name}: ")


async def test_the_hub_says_who_we_are(tmp_path: Path) -> None:
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    said = http(201, json.dumps({"status": {"userInfo": {"username": ME}}}).encode())
    async with hub(tmp_path, {path: said}) as (server, connection):
        assert await own_account(connection) == ME
        assert server.asked[0].method == "POST"
    async with hub(tmp_path, {path: http(403, status_body(403))}) as (_, connection):
        with pytest.raises(ReviewFailed, match="the name of this account"):
            await own_account(connection)


async def test_what_is_bound_elsewhere_than_the_policy_says_is_not_in_force(tmp_path: Path) -> None:
    """Guard C as the component brings it, on a hub with Applications in other namespaces."""
    policy = Policy((), application_namespaces=("argocd", "team-a"))
    found = await standings(tmp_path, held(), policy=policy)
    assert {guard for guard, each in found.items() if each.force is not Force.IN_FORCE} == {Guard.C}
    assert found[Guard.C].there
    assert "gate-watcher config guards FILE --strict" in found[Guard.C].why


@pytest.mark.parametrize(
    ("there", "asked", "remedy"),
    [
        (Recovery.OFF, Recovery.PARK, "the component recovery of the manifests after guards"),
        (Recovery.PARK, Recovery.OFF, "say recovery: park in the policy, or leave that component"),
    ],
)
async def test_of_guard_b_with_the_other_recovery_it_is_said_what_brings_it(
    tmp_path: Path, there: Recovery, asked: Recovery, remedy: str
) -> None:
    """Kustomize takes components listed the wrong way round without a word."""
    held_there = held(Policy((), recovery=there))
    found = await standings(tmp_path, held_there, policy=Policy((), recovery=asked))
    assert found[Guard.B].force is Force.NOT_IN_FORCE
    assert remedy in found[Guard.B].why
