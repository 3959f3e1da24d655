"""Do the Roles grant what is asked of the hub: no more, no less?

The embedded hub enforces what it is told of RBAC. Told what is shipped, it refuses nothing that the
watcher asks for, and everything that is shipped has been asked for in the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.cli import teardowns
from tests.daemon.standing import POLICY, House, standing
from tests.manifests.tools import built
from watcher.cli import main
from watcher.daemon.watcher import LEASE
from watcher.decide import State
from watcher.embedded_hub.faults import LoseAnswer, On
from watcher.embedded_hub.resources import ADMISSION_BINDING, ADMISSION_POLICY, CONFIG_MAP, SECRET
from watcher.embedded_hub.users import WATCHER, Rule, User
from watcher.facts import Guard
from watcher.guards import Component, shape, shipped
from watcher.hub import connect
from watcher.hub.asking import Service, ask
from watcher.policy import Policy
from watcher.policy.policy import Recovery

PARKED_AT = "2027-01-15T07:59:00Z"
VIEWER = User("viewer-by-role", "viewer-by-role")


@pytest.fixture(scope="module", params=["namespace-install", "cluster-install"])
def objects(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """Everything that may grant something."""
    return built(tmp_path_factory.mktemp("roles"), request.param, Component)


def granted(objects: Iterable[dict[str, Any]], account: str) -> list[Rule]:
    """What the bindings give to a service account."""
    every = list(objects)
    roles = {(each["kind"], each["metadata"]["name"]): each for each in every}
    rules: list[Rule] = []
    for binding in every:
        names = [each["name"] for each in binding.get("subjects") or ()]
        if binding["kind"].endswith("Binding") and account in names:
            role = roles[binding["roleRef"]["kind"], binding["roleRef"]["name"]]
            rules += rules_of(role, binding["metadata"].get("namespace"))
    return rules


def rules_of(role: Mapping[str, Any], namespace: str | None) -> list[Rule]:
    return [
        Rule(
            verbs=tuple(each["verbs"]),
            groups=tuple(each["apiGroups"]),
            resources=tuple(each["resources"]),
            names=tuple(each.get("resourceNames", ())),
            namespaces=() if namespace is None else (namespace,),
        )
        for each in role["rules"]
    ]


def atoms(rules: Iterable[Rule]) -> set[tuple[str, str, str, str]]:
    """Each right by itself: verb, group, kind, and the name that it is bound to or `*`."""
    return {
        (verb, group, plural, name)
        for rule in rules
        for verb in rule.verbs
        for group in rule.groups
        for plural in rule.resources
        for name in rule.names or ("*",)
    }


def install_guards(house: House) -> None:
    every = shipped(shape(Policy((), recovery=Recovery.PARK)))
    for guard in Guard:
        house.hub.store.create(ADMISSION_POLICY, every[guard].policy)
        house.hub.store.create(ADMISSION_BINDING, every[guard].binding)


def park(house: House, spoke: int) -> None:
    """As the watcher left it that parked the spoke."""
    marks = {"argocd.argoproj.io/skip-reconcile": "true", "gate-watcher.io/parked": PARKED_AT}
    name = f"spoke-{spoke:03d}"
    house.hub.store.patch(SECRET, "argocd", name, {"metadata": {"annotations": marks}})


async def test_the_watcher_needs_all_that_is_granted_and_nothing_else(
    objects: list[dict[str, Any]], tmp_path: Path
) -> None:
    rules = granted(objects, "gate-watcher")
    async with standing(tmp_path, released=False) as house:
        house.policy.write_text(POLICY + house.memory(coolDown="1s") + "recovery: park\n")
        house.hub.api.grant(WATCHER, *rules)
        install_guards(house)
        lost = LoseAnswer(applied=False)
        house.hub.api.faults.plan(On(verb="patch", resource=SECRET), lost)
        run = house.start(user=WATCHER)
        await house.until(lambda: run.all_are(State.SETTLED))
        for _ in range(2):
            house.label(1, compute=None)
            await house.until(lambda: run.state("compute", 1) is not State.SETTLED)
            await house.until(lambda: run.all_are(State.SETTLED))
        park(house, 0)
        await house.until(lambda: bool(patched(house, "applications")))
        assert run.logged("rights are missing") == []
        asked = [one for one in house.hub.api.requests if one.user == WATCHER.name]
        assert [one for one in asked if one.status == 403] == []
        used = {
            atom
            for one in asked
            if one.asked is not None
            for atom in atoms(rules)
            if fits(atom, one.asked.verb, one.asked.resource, one.asked.name)
        }
        assert used == atoms(rules)


def fits(atom: tuple[str, str, str, str], verb: str, resource: Any, name: str | None) -> bool:
    wanted, group, plural, bound = atom
    return (wanted, group, plural) == (verb, resource.group, resource.plural) and bound in (
        "*",
        name,
    )


def patched(house: House, plural: str) -> list[str]:
    return [
        str(one.name)
        for one in house.hub.api.requests
        if one.verb == "patch" and one.resource is not None and one.resource.plural == plural
    ]


def test_the_lease_is_the_one_that_the_program_holds(objects: list[dict[str, Any]]) -> None:
    leases = [each for each in granted(objects, "gate-watcher") if "leases" in each.resources]
    assert {name for each in leases for name in each.names} == {LEASE}


def test_nothing_is_deleted_and_no_secret_is_replaced_or_made(
    objects: list[dict[str, Any]],
) -> None:
    rights = atoms(granted(objects, "gate-watcher"))
    assert not {verb for verb, *_ in rights} & {"delete", "deletecollection", "*"}
    secrets = {verb for verb, _, plural, _ in rights if plural == "secrets"}
    assert secrets == {"get", "list", "watch", "patch"}
    assert not any("*" in (group, plural) for _, group, plural, _ in rights)


def test_only_recovery_lets_it_patch_applications(tmp_path: Path) -> None:
    def of(name: str, *components: Component) -> set[tuple[str, str, str, str]]:
        folder = tmp_path / name
        folder.mkdir()
        return atoms(granted(built(folder, "ha", components), "gate-watcher"))

    patches = ("patch", "argoproj.io", "applications", "*")
    without = of("without", Component.GUARDS, Component.GUARDS_STRICT)
    assert patches not in without
    with_it = of("with", Component.GUARDS, Component.RECOVERY)
    assert patches in with_it


def people(objects: list[dict[str, Any]], name: str) -> list[Rule]:
    (role,) = [
        each
        for each in objects
        if (each["kind"], each["metadata"]["name"]) == ("Role", f"gate-watcher-{name}")
    ]
    return rules_of(role, "argocd")


async def test_a_viewer_sees_the_status_and_no_secret(
    objects: list[dict[str, Any]], tmp_path: Path
) -> None:
    rules = people(objects, "viewer")
    assert "secrets" not in {plural for _, _, plural, _ in atoms(rules)}
    async with standing(tmp_path) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        (said,) = run.logged("watches")
        house.hub.api.services.offer("argocd", "gate-watcher", port="http", url=said["page"])
        house.hub.api.grant(VIEWER, *rules)
        kubeconfig = tmp_path / "viewer"
        kubeconfig.write_text(house.hub.kubeconfig(house.hub.api.users[VIEWER.name]))
        connection = await connect(str(kubeconfig), None)
        try:
            assert b'"spokes"' in await ask(connection, "/api/v1/fleet", service=Service("argocd"))
        finally:
            await connection.close()


def test_an_operator_writes_orders_and_reads_no_secret(objects: list[dict[str, Any]]) -> None:
    names = {each["metadata"]["name"] for each in objects if each["kind"] == "ConfigMap"}
    assert atoms(people(objects, "operator")) == {
        (verb, "", "configmaps", "gate-watcher-orders") for verb in ("get", "patch")
    }
    assert {"gate-watcher-orders", "gate-watcher-removals"} <= names


async def test_whoever_tears_down_has_the_right_to_all_that_it_takes(
    objects: list[dict[str, Any]], tmp_path: Path
) -> None:
    rules = people(objects, "teardown")
    assert {atom for atom in atoms(rules) if atom[0] not in ("get", "list")} == {
        ("patch", "", "secrets", "*"),
        ("patch", "", "configmaps", "gate-watcher-removals"),
    }
    async with teardowns.desk(tmp_path) as desk:
        desk.guard_c()
        text = desk.policy.read_text()
        named = {"name": "gate-watcher-policy", "namespace": "argocd"}
        desk.hub.store.create(CONFIG_MAP, {"metadata": named, "data": {"policy.yaml": text}})
        desk.hub.api.grant(VIEWER, *rules)
        alice = desk.hub.api.users[VIEWER.name]
        kubeconfig = ["--kubeconfig", str(desk.kubeconfig_of(alice, tmp_path))]
        words = ["teardown", "spoke-000", "--tier", "apps", "--yes"]
        done = await asyncio.to_thread(CliRunner().invoke, main, [*words, *kubeconfig])
        assert done.exit_code == 0, done.output
        assert (desk.annotation(), len(desk.named())) == ("apps", 1)


def test_nobody_but_the_watcher_is_given_anything(objects: list[dict[str, Any]]) -> None:
    subjects = [
        (each["kind"], each["name"])
        for binding in objects
        if binding["kind"].endswith("Binding") and "roleRef" in binding
        for each in binding["subjects"]
    ]
    assert set(subjects) == {("ServiceAccount", "gate-watcher")}
