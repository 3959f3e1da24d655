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
from msgspec import Struct

from watcher.facts import Force, Guard, Standing
from watcher.guards import (
    BINDINGS,
    GROUP,
    POLICIES,
    Component,
    Shipped,
    component_of,
    differing,
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

    async def standing(guard: Guard, what: Shipped) -> Standing:
        if guard in _BIND_AN_ACCOUNT and not account:
            why = "the hub does not say which account this is, and the guard binds one"
            return Standing(Force.UNKNOWN, why)
        return await _standing(connection, component_of(guard), what)

    every = shipped(shape(policy, account))
    found = await asyncio.gather(*(standing(guard, what) for guard, what in every.items()))
    return dict(zip(every, found, strict=True))


async def _standing(connection: Connection, component: Component, what: Shipped) -> Standing:
    for plural, document in ((POLICIES, what.policy), (BINDINGS, what.binding)):
        request = requests.read_of_cluster(_ROOT, plural, what.name)
        try:
            body = await connection.send(request, within_s=connection.timeouts.request_s)
            held = read_answer(request, body, msgspec.json.Decoder(_Held).decode)
        except ReadFailed as error:
            return _unread(error, component, what.name)
        called = f"{document['kind']} {what.name}"
        if held.metadata.deletion_timestamp is not None:
            return Standing(Force.NOT_IN_FORCE, f"{called} is being deleted")
        if where := list(differing(held.spec, document["spec"])):
            return Standing(
                Force.NOT_IN_FORCE,
                f"{called} is not what was shipped for this policy and this account: "
                f"{', '.join(where[:_MOST_DIFFERENCES])}{'…' * (len(where) > _MOST_DIFFERENCES)}; "
                f"{_install(component)}",
            )
    return Standing(Force.IN_FORCE)


def _unread(error: HubError, component: Component, name: str) -> Standing:
    if error.code == 404 and error.status is not None and name in error.status.message:
        return Standing(
            Force.NOT_IN_FORCE, f"{error.where} is not on the hub; {_install(component)}"
        )
    if error.code == 404:
        return Standing(
            Force.NOT_IN_FORCE,
            f"the hub serves no {POLICIES} of {GROUP}/v1: Kubernetes 1.30 and later do",
        )
    if error.code == 403:
        return Standing(
            Force.UNKNOWN,
            f"{error.where} may not be read (403); {_install(component)}, which grants it",
        )
    return Standing(Force.UNKNOWN, str(error))


def _install(component: Component) -> str:
    return f"apply the component {component} of the manifests"


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
