from __future__ import annotations

from pathlib import Path

from tests.daemon.standing import Run, standing
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.users import WATCHER, Rule

GRANTED = (
    Rule(("list", "watch"), ("argoproj.io",), ("applications", "applicationsets")),
    Rule(("get", "list", "watch"), ("",), ("secrets",)),
    Rule(("list", "watch"), ("",), ("pods",)),
    Rule(("list", "watch"), ("",), ("configmaps",), names=("gate-watcher-orders",)),
)
"""What a dry run needs."""


def complaints(run: Run) -> list[str]:
    return [line["event"] for line in run.lines if line["event"].startswith(("hub ", "right"))]


async def test_a_hub_that_grants_everything_is_not_spoken_of(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.pass_s(30.0)
        assert complaints(run) == []


async def test_rights_that_are_missing_are_named_once(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        house.hub.api.grant(WATCHER, *GRANTED)
        run = house.start(user=WATCHER)
        await house.until(lambda: "rights are missing" in complaints(run))
        (line,) = run.logged("rights are missing")
        assert line["rights"] == [
            "patch secrets in argocd",
            "get leases.coordination.k8s.io/gate-watcher in argocd",
            "create leases.coordination.k8s.io in argocd",
            "update leases.coordination.k8s.io/gate-watcher in argocd",
            "create events.events.k8s.io in argocd",
            "patch events.events.k8s.io in argocd",
        ]


async def test_a_dry_run_needs_only_to_read(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        house.hub.api.grant(WATCHER, *GRANTED)
        run = house.start(user=WATCHER, dry_run=True)
        await house.pass_s(30.0)
        assert complaints(run) == []


async def test_a_hub_that_is_away_is_said_once_and_so_is_its_return(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        away = Answer(503)
        planned = house.hub.api.faults.plan(On(path="/apis/argoproj.io/v1alpha1", times=3), away)
        run = house.start(dry_run=True)
        await house.until(lambda: len(run.logged("hub can be used now")) == 1)
        assert planned.hits == 3
        assert len(run.logged("hub cannot be used yet")) == 1


async def test_a_hub_that_does_not_say_what_is_granted_is_taken_as_it_is(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        house.hub.api.faults.plan(On(path="/apis/authorization.k8s.io", times=None), Answer(500))
        run = house.start(dry_run=True)
        await house.until(lambda: bool(complaints(run)))
        (line,) = run.logged("rights cannot be asked for")
        assert line["level"] == "debug"
