"""Which guards are in force on this hub?

Each guard's policy and binding are read by name and compared with what is shipped for this policy
and this account. Nothing is tried: a request that a guard would refuse could as well be carried
out.

Facts (Kubernetes):
- ValidatingAdmissionPolicies are served as admissionregistration.k8s.io/v1 from 1.30 on. Where a
  group does not serve a kind, the 404 names no object of it.
- A SelfSubjectReview may be created by everybody who is known (1.28).
- An API server whose admission plugin of that name is switched off serves them all the same; that
  cannot be read.

Elsewhere: what is shipped (guards/); how often it is read (daemon/guards.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from watcher.facts import Force, Guard, Standing
from watcher.guards import (
    BINDINGS,
    GROUP,
    POLICIES,
    Shape,
    differing,
    installation,
    shape,
    shipped,
)
from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import HubError, ReadFailed
from watcher.policy import Policy

_ROOT = f"/apis/{GROUP}/v1"
_BIND_AN_ACCOUNT = (Guard.B, Guard.E)
_MOST_DIFFERENCES = 3


async def own_account(connection: Connection, version: str = "v1") -> str:
    """The user name under which the hub knows us; raises `ReviewFailed`. `version`: in which the
    hub is asked.
    """
    request = requests.who_am_i(version)
    body = await connection.send(request, within_s=connection.timeouts.request_s)
    answer = read_answer(request, body, msgspec.json.Decoder(_Reviewed).decode)
    return answer.status.user_info.username


async def read_guards(
    connection: Connection, policy: Policy, *, account: str
) -> Mapping[Guard, Standing]:
    """How each guard stands, for this policy and this account; an empty one is not known. All are
    asked for at once: from a person's machine each answer may be a tenth of a second away.
    """
    of = shape(policy, account)

    async def standing(guard: Guard) -> Standing:
        if guard in _BIND_AN_ACCOUNT and not account:
            why = "the hub does not say which account this is, and the guard binds one"
            return Standing(Force.UNKNOWN, why)
        return await _standing(connection, guard, of)

    return dict(zip(Guard, await asyncio.gather(*map(standing, Guard)), strict=True))


async def _standing(connection: Connection, guard: Guard, of: Shape) -> Standing:
    what = shipped(of)[guard]
    for plural, document in ((POLICIES, what.policy), (BINDINGS, what.binding)):
        request = requests.read_of_cluster(_ROOT, plural, what.name)
        try:
            body = await connection.send(request, within_s=connection.timeouts.request_s)
            held = read_answer(request, body, msgspec.json.Decoder(_Held).decode)
        except ReadFailed as error:
            standing = _unread(error, what.name, installation(guard, of))
            missing = standing.force is Force.NOT_IN_FORCE and plural == BINDINGS
            return structs.replace(standing, there=missing)
        called = f"{document['kind']} {what.name}"
        if held.metadata.deletion_timestamp is not None:
            return Standing(Force.NOT_IN_FORCE, f"{called} is being deleted", there=True)
        if where := list(differing(held.spec, document["spec"])):
            return Standing(
                Force.NOT_IN_FORCE,
                f"{called} is not what was shipped for this policy and this account: "
                f"{', '.join(where[:_MOST_DIFFERENCES])}{'…' * (len(where) > _MOST_DIFFERENCES)}; "
                f"{_remedy(held, guard, of)}",
                there=True,
            )
    return Standing(Force.IN_FORCE)


def _remedy(held: _Held, guard: Guard, of: Shape) -> str:
    """What to do about a policy or a binding that is another than shipped."""
    recovers = shipped(structs.replace(of, parks=True))[Guard.B].policy["spec"]
    if guard is Guard.B and not of.parks and not list(differing(held.spec, recovers)):
        return (
            "it lets the watcher park, which the component recovery brings: say recovery: park in "
            "the policy, or leave that component out"
        )
    return installation(guard, of)


def _unread(error: HubError, name: str, install: str) -> Standing:
    if error.code == 404 and error.status is not None and name in error.status.message:
        return Standing(Force.NOT_IN_FORCE, f"{error.where} is not on the hub; {install}")
    if error.code == 404:
        return Standing(
            Force.NOT_IN_FORCE,
            f"the hub serves no {POLICIES} of {GROUP}/v1: Kubernetes 1.30 and later do",
        )
    if error.code == 403:
        return Standing(
            Force.UNKNOWN,
            f"{error.where} may not be read (403); {install}, which grants it",
        )
    return Standing(Force.UNKNOWN, str(error))


class _Metadata(Struct, frozen=True, rename="camel"):
    deletion_timestamp: str | None = None


class _Held(Struct, frozen=True):
    metadata: _Metadata
    spec: dict[str, Any] = {}


class _UserInfo(Struct, frozen=True):
    username: str


class _ReviewStatus(Struct, frozen=True, rename="camel"):
    user_info: _UserInfo


class _Reviewed(Struct, frozen=True):
    status: _ReviewStatus
