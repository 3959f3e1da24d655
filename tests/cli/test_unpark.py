from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.daemon.standing import START, three_tiers
from watcher.cli import main
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import SECRET
from watcher.embedded_hub.users import ADMIN

SKIP, MARK = "argocd.argoproj.io/skip-reconcile", "gate-watcher.io/parked"
PARKED = {SKIP: "true", MARK: "2026-03-02T09:00:00Z"}


class Desk:
    """A hub of four spokes, and a person at a terminal."""

    def __init__(self, hub: EmbeddedHub, kubeconfig: Path) -> None:
        self.hub = hub
        self._kubeconfig = kubeconfig

    def annotate(self, number: int, **notes: str | None) -> None:
        """Somebody writes annotations of a spoke."""
        self.hub.store.patch(
            SECRET, "argocd", f"spoke-{number:03}", {"metadata": {"annotations": notes}}
        )

    def notes(self, number: int) -> dict[str, Any]:
        """The annotations of a spoke that have to do with parking."""
        secret = self.hub.store.get(SECRET, "argocd", f"spoke-{number:03}")
        assert secret is not None
        notes = secret["metadata"].get("annotations") or {}
        return {key: notes[key] for key in (SKIP, MARK) if key in notes}

    async def unpark(self, *arguments: str) -> Result:
        """What came of it."""
        whole = ["unpark", *arguments, "--kubeconfig", str(self._kubeconfig)]
        return await asyncio.to_thread(CliRunner().invoke, main, whole)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    kubeconfig = tmp_path / "kubeconfig"
    async with EmbeddedHub(three_tiers(), spokes=4, clock=HandClock(START)) as hub:
        kubeconfig.write_text(hub.kubeconfig(ADMIN))
        made = Desk(hub, kubeconfig)
        made.annotate(0, **PARKED)
        made.annotate(1, **PARKED)
        made.annotate(2, **{SKIP: "true"})
        yield made


async def test_without_any_it_says_which_are_parked_and_since_when(desk: Desk) -> None:
    done = await desk.unpark()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "spoke-000: parked since 2026-03-02T09:00:00Z",
        "spoke-001: parked since 2026-03-02T09:00:00Z",
        "spoke-002: not parked, but ignored as a person wished",
    ]
    assert desk.notes(0) == PARKED


async def test_those_that_are_named_come_back_and_no_others(desk: Desk) -> None:
    done = await desk.unpark("spoke-001", "spoke-003", "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "spoke-001: unparked (parked since 2026-03-02T09:00:00Z)",
        "spoke-003: is not parked",
    ]
    assert desk.notes(1) == {}
    assert desk.notes(0) == PARKED


async def test_what_a_person_wished_stays_and_that_is_said(desk: Desk) -> None:
    done = await desk.unpark("spoke-002")
    assert done.exit_code == 1
    assert "as a person wished" in done.stdout
    assert desk.notes(2) == {SKIP: "true"}


async def test_all_that_are_parked_come_back_at_once_where_nobody_need_be_asked(
    desk: Desk,
) -> None:
    done = await desk.unpark("--all", "--yes")
    assert done.exit_code == 0
    assert [desk.notes(number) for number in range(3)] == [{}, {}, {SKIP: "true"}]
    again = await desk.unpark("--all", "--yes")
    assert (again.exit_code, again.stdout) == (0, "no spoke is parked\n")


async def test_where_nobody_can_be_asked_nothing_is_done_without_yes(desk: Desk) -> None:
    for which in ("--all", "spoke-000"):
        done = await desk.unpark(which)
        assert done.exit_code == 2
        assert done.stdout.startswith("spoke-000: parked since ")
        assert "say --yes" in done.stderr
        assert desk.notes(0) == PARKED


async def test_a_misspelt_name_is_answered_with_those_that_are_near(desk: Desk) -> None:
    done = await desk.unpark("spoke-000", "spok-001")
    assert done.exit_code == 2
    assert "there is no spoke 'spok-001' (did you mean 'spoke-001'" in done.stderr
    assert desk.notes(0) == PARKED, "nothing is done by halves"


async def test_a_mark_that_a_person_left_behind_is_taken_away(desk: Desk) -> None:
    desk.annotate(0, **{SKIP: None})
    done = await desk.unpark("spoke-000", "--yes")
    assert done.exit_code == 0
    assert "taken back by a person" in done.stdout
    assert desk.notes(0) == {}


async def test_who_may_not_patch_is_told_what_the_hub_said(desk: Desk) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(403))
    done = await desk.unpark("spoke-000", "spoke-001", "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith("spoke-000: not unparked: 403 Forbidden")
    assert desk.notes(0) == PARKED
    assert desk.notes(1) == {}


async def test_where_somebody_else_was_faster_it_looks_again(desk: Desk) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(409))
    done = await desk.unpark("spoke-000", "--yes")
    assert done.exit_code == 0
    assert desk.notes(0) == {}


async def test_where_the_watcher_was_faster_it_is_done(desk: Desk) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(409, applied=True))
    done = await desk.unpark("spoke-000", "--yes")
    assert done.exit_code == 0
    assert desk.notes(0) == {}


async def test_where_somebody_else_is_always_faster_it_says_so(desk: Desk) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET, times=None), Answer(409))
    done = await desk.unpark("spoke-000", "--yes")
    assert done.exit_code == 1
    assert "written all the time" in done.stderr


async def test_a_hub_that_cannot_be_found_ends_it_with_what_to_do(desk: Desk) -> None:
    done = await asyncio.to_thread(
        CliRunner().invoke, main, ["unpark", "--kubeconfig", "/absent/kubeconfig"]
    )
    assert done.exit_code == 2
    assert "there is no such file" in done.stderr


async def test_names_and_all_do_not_go_together(desk: Desk) -> None:
    done = await desk.unpark("spoke-000", "--all")
    assert done.exit_code == 2
    assert desk.notes(0) == PARKED
