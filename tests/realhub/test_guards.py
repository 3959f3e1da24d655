"""Does a real API server refuse by the guards what it must, and nothing else?

Everything happens in namespaces made for it, with Secrets and Applications made for it, and every
request is a dry run: admission sees those as any other. The hub's own guards are not touched, since
the names of these hold the namespace; and each test has a namespace of its own, since an API server
goes by a guard for a moment after it is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.realhub.conftest import RealHub
from tests.realhub.guarded import (
    IN_FORCE_WITHIN_S,
    MERGE,
    SOMEBODY,
    application,
    secret,
    standing,
    until,
)
from watcher.facts import Force, Guard
from watcher.guards import BINDINGS, GROUP, POLICIES, shape
from watcher.hub import connect
from watcher.hub.guarding import read_guards
from watcher.policy import Gates, Polarity, Policy

pytestmark = pytest.mark.realhub

ADMISSION = f"/apis/{GROUP}/v1"

SPOKE = {"argocd.argoproj.io/secret-type": "cluster", "enable_x": "true"}
OPENED = '{"compute":"2026-03-02T09:00:00Z"}'
TWO = '{"compute":"2026-03-02T09:00:00Z","mesh" : "2026-03-02T09:00:00Z"}'
SKIP, PARKED = "argocd.argoproj.io/skip-reconcile", "gate-watcher.io/parked"
PARKING = {SKIP: "true", PARKED: "2026-03-02T09:00:00Z"}
UNPARKING = {SKIP: None, PARKED: None}
REFRESH = "argocd.argoproj.io/refresh"


def gate(tier: str) -> str:
    return f"gate-watcher.io/{tier}"


def record(opened: str | None) -> dict[str, Any]:
    """The metadata of a patch that writes the record of openings."""
    return {"annotations": {gate("opened"): opened}}


async def test_what_was_shipped_is_accepted_and_known_to_be_in_force(real_hub: RealHub) -> None:
    policy = Policy((), namespace="guards-read")
    connection = await connect(str(real_hub.kubeconfig), None)
    try:
        async with standing(real_hub, "guards-read", *Guard) as ask:
            of = ask.of
            assert of == shape(policy)
            found = await read_guards(connection, policy, account=ask.watcher)
            assert {each: (one.force, one.why) for each, one in found.items()} == dict.fromkeys(
                Guard, (Force.IN_FORCE, "")
            )
            name = of.named("open-gates-stay-open")
            changed = {"spec": {"validationActions": ["Audit"]}}
            path = f"{ADMISSION}/{BINDINGS}/{name}"
            await ask.must(200, method="PATCH", path=path, body=changed, content_type=MERGE)
            weakened = {"spec": {"failurePolicy": "Ignore"}}
            path = f"{ADMISSION}/{POLICIES}/{of.named('watcher-refreshes-only')}"
            await ask.must(200, method="PATCH", path=path, body=weakened, content_type=MERGE)
            await ask("DELETE", f"{ADMISSION}/{BINDINGS}/{of.named('gated-secrets-stay')}")
            found = await read_guards(connection, policy, account=ask.watcher)
        assert {each: one.force for each, one in found.items()} == {
            Guard.A: Force.NOT_IN_FORCE,
            Guard.B: Force.IN_FORCE,
            Guard.C: Force.IN_FORCE,
            Guard.D: Force.NOT_IN_FORCE,
            Guard.E: Force.NOT_IN_FORCE,
        }
        assert "spec.validationActions[0] is another" in found[Guard.A].why
        assert "is not on the hub" in found[Guard.D].why
        assert "spec.failurePolicy is another" in found[Guard.E].why
        gone = await read_guards(connection, policy, account=ask.watcher)
        assert {one.force for one in gone.values()} == {Force.NOT_IN_FORCE}
    finally:
        await connection.close()


async def test_guard_a_keeps_open_gates_open(real_hub: RealHub) -> None:
    both = {**SPOKE, gate("compute"): "open", gate("mesh"): "open"}
    made = [
        secret("gated", labels=both),
        secret("torn", labels=both, teardown=" compute , apps"),
        secret("torn-all", labels=both, teardown="*"),
        secret("closed", labels=SPOKE),
        *(at(f"https://{'a' * number}.example.com", f"at-{number}") for number in range(1, 4)),
        *(at(f"https://{'a' * number}.example.com/", f"to-{number}") for number in range(1, 4)),
        at("https://a.example.com", "nameless", called=None),
        at("https://a.example.com", "named-nothing", called=""),
    ]
    loss = {"labels": {gate("compute"): None}}
    async with standing(real_hub, "guards-a", Guard.A, made=made) as ask:
        await until(lambda: ask.patch(f"{ask.secrets}/gated", loss), refused="denied")
        whole = secret("gated", labels=SPOKE)
        data = {"name": "YQ=="}
        said = await ask.patch(f"{ask.secrets}/gated", loss)
        assert "would close open gates" in said
        assert f"delete what is behind them: {gate('compute')};" in said
        refused = {
            "lost": said,
            "closed": await ask.patch(f"{ask.secrets}/gated", {"labels": {gate("mesh"): "closed"}}),
            "all labels": await ask.patch(f"{ask.secrets}/gated", {"labels": None}),
            "rewritten whole": await ask.refusal(
                "PUT", f"{ask.secrets}/gated", whole, user=SOMEBODY
            ),
            "asked in the same write": await ask.patch(
                f"{ask.secrets}/gated", {**loss, "annotations": {gate("teardown"): "*"}}
            ),
            "no spoke": await ask.patch(
                f"{ask.secrets}/gated", {"labels": {"argocd.argoproj.io/secret-type": None}}
            ),
            "another name": await ask.patch(f"{ask.secrets}/gated", {}, data=data),
            "no name": await ask.patch(f"{ask.secrets}/gated", {}, data={"name": None}),
            **{
                f"{name} {what}": await ask.patch(
                    f"{ask.secrets}/{name}", {}, stringData={"server": f"https://{host}"}
                )
                for name in ("at-1", "at-2", "at-3", "to-1", "to-2", "to-3")
                for what, host in {
                    "at a path": f"{'a' * int(name[-1])}.example.com/a",
                    "shorter": f"{'a' * int(name[-1])}.example.co",
                    "shorter with a slash": f"{'a' * int(name[-1])}.example.co/",
                }.items()
            },
            "no server where there was no name": await ask.patch(
                f"{ask.secrets}/nameless", {}, data={"server": None}
            ),
            "no server": await ask.patch(f"{ask.secrets}/gated", {}, data={"server": None}),
            "no data": await ask.patch(f"{ask.secrets}/gated", {}, data=None),
            "another tier than asked": await ask.patch(
                f"{ask.secrets}/torn", {"labels": {gate("mesh"): None}}
            ),
            "more than asked": await ask.patch(
                f"{ask.secrets}/torn", {"labels": {"argocd.argoproj.io/secret-type": None}}
            ),
        }
        allowed = {
            "what was asked": await ask.patch(f"{ask.secrets}/torn", loss),
            "all that was asked": await ask.patch(f"{ask.secrets}/torn-all", {"labels": None}),
            "another spoke as asked": await ask.patch(f"{ask.secrets}/torn-all", {}, data=data),
            "another label": await ask.patch(
                f"{ask.secrets}/gated", {"labels": {"enable_x": None}}
            ),
            **{
                f"{name} as Argo CD writes it": await ask.patch(
                    f"{ask.secrets}/{name}", {}, stringData={"server": f"https://{host}"}
                )
                for number in range(1, 4)
                for name, host in {
                    f"at-{number}": f"{'a' * number}.example.com/",
                    f"to-{number}": f"{'a' * number}.example.com",
                }.items()
            },
            **{
                f"{name} named as Argo CD does": await ask.patch(
                    f"{ask.secrets}/{name}", {}, stringData={"name": "https://a.example.com"}
                )
                for name in ("nameless", "named-nothing")
            },
            "another config": await ask.patch(
                f"{ask.secrets}/gated", {}, data={"config": "e30=", "shard": "MQ=="}
            ),
            "one more gate": await ask.patch(
                f"{ask.secrets}/gated", {"labels": {gate("x"): "open"}}
            ),
            "no annotations": await ask.patch(f"{ask.secrets}/gated", {"annotations": None}),
            "nothing is open": await ask.patch(
                f"{ask.secrets}/closed", {"labels": None}, data=data
            ),
            "many labels and much data": await ask.patch(
                f"{ask.secrets}/gated",
                {"labels": {f"label-{number}": "x" * 60 for number in range(440)}},
                data={"config": "YWJj" * 25_000},
            ),
        }
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


def at(server: str, name: str, *, called: str | None = "spoke") -> dict[str, Any]:
    """A spoke with an open gate, at this server; `called`: its name there, None for none."""
    made = secret(name, labels={**SPOKE, gate("compute"): "open"})
    held = {**made["stringData"], "server": server, "name": called}
    return {**made, "stringData": {key: value for key, value in held.items() if value is not None}}


async def test_under_block_guard_a_refuses_that_closed_comes_back(real_hub: RealHub) -> None:
    closed = {**SPOKE, gate("mesh"): "closed"}
    made = [
        secret("gated", labels=closed, opened=OPENED),
        secret("torn", labels=closed, opened=OPENED, teardown="compute"),
        secret("new", labels=closed),
        secret("no-spoke", labels={"x": "y"}),
        secret("two", labels=SPOKE, opened=TWO, teardown="compute"),
    ]
    loss = {"labels": {gate("compute"): "closed"}}
    data = {"name": "YQ=="}
    block = Gates(polarity=Polarity.BLOCK)
    async with standing(real_hub, "guards-a-block", Guard.A, gates=block, made=made) as ask:
        await until(lambda: ask.patch(f"{ask.secrets}/gated", loss), refused="denied")
        said = await ask.patch(f"{ask.secrets}/gated", record(None))
        assert "says that gates are open: compute; to close them on purpose, annotate" in said
        refused = {
            "closed": await ask.patch(f"{ask.secrets}/gated", loss),
            "another": await ask.patch(f"{ask.secrets}/torn", {"labels": {gate("apps"): "closed"}}),
            "unrecorded": await ask.patch(f"{ask.secrets}/new", loss),
            "no spoke": await ask.patch(f"{ask.secrets}/gated", {"labels": None}),
            "another name": await ask.patch(f"{ask.secrets}/gated", {}, data=data),
            "no record": said,
            "an empty record": await ask.patch(f"{ask.secrets}/gated", record("{}")),
            "a record of another": await ask.patch(
                f"{ask.secrets}/gated", record(OPENED.replace("compute", "mesh"))
            ),
            "no annotations": await ask.patch(f"{ask.secrets}/gated", {"annotations": None}),
            "more of the record than asked": await ask.patch(f"{ask.secrets}/two", record("{}")),
        }
        allowed = {
            "what was asked": await ask.patch(f"{ask.secrets}/torn", loss),
            "what was asked, of the record": await ask.patch(
                f"{ask.secrets}/torn", {**loss, **record(None)}
            ),
            "what was asked of two": await ask.patch(
                f"{ask.secrets}/two", record('{"mesh": "2026-03-02T09:00:00Z"}')
            ),
            "one more, at another time": await ask.patch(
                f"{ask.secrets}/gated",
                record('{"apps":"2026-03-03T09:00:00Z","compute":"2026-03-03T09:00:00Z"}'),
            ),
            "a first record": await ask.patch(f"{ask.secrets}/new", record(OPENED)),
            "opened": await ask.patch(f"{ask.secrets}/gated", {"labels": {gate("mesh"): None}}),
            "another name of what never opened": await ask.patch(
                f"{ask.secrets}/new", {}, data=data
            ),
            "what is no spoke": await ask.patch(f"{ask.secrets}/no-spoke", loss, data=data),
        }
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


async def test_guard_b_binds_the_watchers_account_to_gates(real_hub: RealHub) -> None:
    made = [
        secret("spoke", labels=SPOKE),
        secret("torn", labels={**SPOKE, gate("compute"): "open"}, teardown="compute"),
        secret("no-spoke", labels={"x": "y"}),
    ]
    async with standing(real_hub, "guards-b", Guard.B, made=made) as ask:
        path, torn = f"{ask.secrets}/spoke", f"{ask.secrets}/torn"

        async def tries(metadata: Mapping[str, Any], where: str = "", **rest: Any) -> str:
            return await ask.patch(where or path, metadata, user=ask.watcher, **rest)

        await until(lambda: tries({"labels": {"x": "y"}}), refused="denied")
        refused = {
            "data": await tries({}, data={"config": "YQ=="}),
            "a new member": await tries({}, immutable=True),
            "an annotation": await tries({"annotations": {"x": "y"}}),
            "a teardown": await tries({"annotations": {gate("teardown"): "*"}}),
            "its end": await tries({"annotations": {gate("teardown"): None}}, torn),
            "another label": await tries({"labels": {"enable_x": None}}),
            "closed": await tries({"labels": {gate("x"): "closed"}}),
            "a reserved name": await tries({"labels": {gate("tier"): "open"}}),
            "a finalizer": await tries({"finalizers": ["example.com/x"]}),
            "an owner": await tries(
                {
                    "ownerReferences": [
                        {"apiVersion": "v1", "kind": "Secret", "name": "x", "uid": "x"}
                    ]
                }
            ),
            "parking": await tries({"annotations": PARKING}),
            "what is no spoke": await tries(
                {"labels": {gate("x"): "open"}}, f"{ask.secrets}/no-spoke"
            ),
            "a creation": await ask.refusal(
                "POST", ask.secrets, secret("other", labels=SPOKE), user=ask.watcher
            ),
            "a deletion": await ask.refusal("DELETE", path, user=ask.watcher),
            "a deletion of all": await ask.refusal("DELETE", ask.secrets, user=ask.watcher),
        }
        allowed = {
            "a gate": await tries(
                {"labels": {gate("x"): "open"}, "annotations": {gate("opened"): OPENED}}
            ),
            "what was torn": await tries(
                {"labels": {gate("compute"): None}, "annotations": {gate("opened"): None}}, torn
            ),
            "nothing": await tries({}),
            "another account": await ask.patch(path, {"labels": {"x": "y"}}, data={"a": "YQ=="}),
        }
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


async def test_with_recovery_guard_b_lets_the_watcher_park_and_unpark(real_hub: RealHub) -> None:
    before: dict[str, dict[str, str]] = {
        "spoke": {},
        "parked": PARKING,
        "own": {SKIP: "1"},
        "not": {SKIP: "false"},
        "back": {PARKED: PARKING[PARKED]},
        "not-back": {**PARKING, SKIP: "false"},
    }
    made = [secret(name, labels=SPOKE) for name in before]
    for each in made:
        each["metadata"]["annotations"] = before[each["metadata"]["name"]]

    async with standing(real_hub, "guards-b-parks", Guard.B, parks=True, made=made) as ask:

        async def tries(where: str, annotations: Mapping[str, Any]) -> str:
            path = f"{ask.secrets}/{where}"
            return await ask.patch(path, {"annotations": annotations}, user=ask.watcher)

        await until(lambda: tries("spoke", {"x": "y"}), refused="denied")
        refused = {
            "without a mark": await tries("spoke", {SKIP: "true"}),
            "a mark alone": await tries("spoke", {PARKED: "x"}),
            "another value": await tries("spoke", {**PARKING, SKIP: "1"}),
            "the mark away alone": await tries("parked", {PARKED: None}),
            "a person's own away": await tries("own", {SKIP: None}),
            "a mark on a person's own": await tries("own", PARKING),
        }
        allowed = {
            "parking": await tries("spoke", PARKING),
            "parking what says no": await tries("not", PARKING),
            "another mark": await tries("parked", {PARKED: "2026-03-02T10:00:00Z"}),
            "unparking": await tries("parked", UNPARKING),
            "the mark of what was taken back": await tries("back", {PARKED: None}),
            "the mark of what says no": await tries("not-back", {PARKED: None}),
        }
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


async def test_under_block_guard_b_lets_the_watcher_remove_closed_alone(
    real_hub: RealHub,
) -> None:
    made = [
        secret("spoke", labels={**SPOKE, gate("compute"): "closed", gate("mesh"): "other"}),
        secret("torn", labels=SPOKE, teardown="compute"),
    ]
    block = Gates(polarity=Polarity.BLOCK)

    async with standing(real_hub, "guards-b-block", Guard.B, gates=block, made=made) as ask:

        async def tries(where: str, labels: Mapping[str, Any]) -> str:
            return await ask.patch(f"{ask.secrets}/{where}", {"labels": labels}, user=ask.watcher)

        await until(lambda: tries("spoke", {"x": "y"}), refused="denied")
        refused = {
            "closing": await tries("spoke", {gate("x"): "closed"}),
            "open as admit does": await tries("spoke", {gate("x"): "open"}),
            "what is not closed": await tries("spoke", {gate("mesh"): None}),
            "another than torn": await tries("torn", {gate("mesh"): "closed"}),
        }
        allowed = {
            "opening": await tries("spoke", {gate("compute"): None}),
            "what was torn": await tries("torn", {gate("compute"): "closed"}),
        }
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


async def test_guard_c_lets_the_controller_delete_what_is_named(real_hub: RealHub) -> None:
    made = [
        application("named", labels={gate("tier"): "compute"}),
        application("unnamed", labels={gate("tier"): "compute"}),
        application("free"),
    ]

    async with standing(real_hub, "guards-c", Guard.C, made=made) as ask:

        async def deletes(name: str, user: str = "") -> str:
            path = f"{ask.applications}/{name}"
            return await ask.refusal("DELETE", path, user=user or ask.controller)

        names = {"data": {"guards-c.named": "by somebody"}}
        await ask.must(200, method="PATCH", path=ask.removals, body=names, content_type=MERGE)
        await until(lambda: deletes("unnamed"), refused="nobody has ordered its removal")
        said = await deletes("unnamed")
        assert "put the key guards-c.unnamed in the ConfigMap gate-watcher-removals" in said
        refused = {
            "unnamed": said,
            "all of them": await ask.refusal("DELETE", ask.applications, user=ask.controller),
        }
        async with asyncio.timeout(IN_FORCE_WITHIN_S):  # the API server watches ConfigMaps, too
            while await deletes("named"):
                pass
        allowed = {
            "named": await deletes("named"),
            "without a tier": await deletes("free"),
            "a person": await deletes("unnamed", SOMEBODY),
        }
        await ask.must(200, method="DELETE", path=ask.removals)
        await until(lambda: deletes("named"), refused="denied")
        refused["without the ConfigMap"] = await deletes("named")
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


async def test_guard_d_keeps_gated_secrets(real_hub: RealHub) -> None:
    both = {**SPOKE, gate("compute"): "open"}
    made = [
        secret("gated", labels=both),
        secret("torn", labels=both, teardown="compute"),
        secret("torn-all", labels=both, teardown="*"),
        secret("closed", labels=SPOKE),
    ]
    keeper = "system:serviceaccount:kube-system:namespace-controller"

    async with standing(real_hub, "guards-d", Guard.D, made=made) as ask:

        async def deletes(name: str, user: str = SOMEBODY) -> str:
            return await ask.refusal("DELETE", f"{ask.secrets}/{name}", user=user)

        await until(lambda: deletes("gated"), refused="denied")
        refused = {
            "gated": await deletes("gated"),
            "torn in part": await deletes("torn"),
            "all of them": await ask.refusal("DELETE", ask.secrets, user=SOMEBODY),
        }
        allowed = {
            "torn whole": await deletes("torn-all"),
            "closed": await deletes("closed"),
            "with its namespace": await deletes("gated", keeper),
        }
        for name in ("gated", "torn"):  # so that they can be cleared away
            body = {"metadata": {"labels": {gate("compute"): None}}}
            path = f"{ask.secrets}/{name}"
            await ask.must(200, method="PATCH", path=path, body=body, content_type=MERGE)
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}


async def test_guard_e_lets_the_watcher_ask_for_a_refresh_and_no_more(real_hub: RealHub) -> None:
    made = [
        application("app", annotations={"x": "y"}),
        application("bare"),
        application("hard", annotations={REFRESH: "hard"}),
    ]
    async with standing(real_hub, "guards-e", Guard.E, made=made) as ask:
        path = f"{ask.applications}/app"

        async def tries(metadata: Mapping[str, Any], where: str = "", **rest: Any) -> str:
            return await ask.patch(where or path, metadata, user=ask.watcher, **rest)

        await until(lambda: tries({"labels": {"x": "y"}}), refused="denied")
        refused = {
            "hard": await tries({"annotations": {REFRESH: "hard"}}),
            "another annotation": await tries({"annotations": {"x": "z"}}),
            "an annotation away": await tries({"annotations": {"x": None}}),
            "all annotations": await tries({"annotations": None}),
            "a finalizer": await tries({"finalizers": ["resources-finalizer.argocd.argoproj.io"]}),
            "its spec": await tries({}, spec={"project": "other"}),
            "its status": await tries({}, status={"summary": {}}),
            "an operation": await tries({}, operation={"sync": {"revision": "x"}}),
            "a deletion": await ask.refusal("DELETE", path, user=ask.watcher),
            "a creation": await ask.refusal(
                "POST", ask.applications, application("new"), user=ask.watcher
            ),
        }
        normal = {"annotations": {REFRESH: "normal"}}
        allowed = {
            "a refresh": await tries(normal),
            "where there was no annotation": await tries(normal, f"{ask.applications}/bare"),
            "in place of a hard one": await tries(normal, f"{ask.applications}/hard"),
            "nothing": await tries({}),
            "another account": await ask.patch(path, {"labels": {"x": "y"}}),
        }
    assert [what for what, said in refused.items() if not said] == []
    assert {what: said for what, said in allowed.items() if said} == {}
