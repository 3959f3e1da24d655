from __future__ import annotations

from typing import Any

import pytest

from tests.cli.askers import Asker, NoPause, away
from tests.cli.places import invoked
from watcher.cli.asking_watcher import NoSuchSpoke
from watcher.cli.choosing import Chosen
from watcher.cli.ending import FAILED, OK, Slip
from watcher.cli.wait import waited
from watcher.decide import State
from watcher.decide.verdicts import PASSED
from watcher.serve import shapes

SOAKS = shapes.Reason("Soaks", "argocd/x must stay so")


class Fleet:
    """Spokes of two tiers, whose states move on each time that all of them are asked for."""

    def __init__(self, *moments: dict[str, tuple[State, State]] | Exception) -> None:
        self._moments = list(moments)
        self._now: dict[str, tuple[State, State]] = {}
        self.asked: list[dict[str, list[str]]] = []

    def __call__(self, path: str, query: dict[str, list[str]]) -> Any:
        self.asked.append(query)
        if path != "/spokes":
            name = path.removeprefix("/spokes/")
            if name in self._now:
                return None
            raise NoSuchSpoke(f"there is no spoke {name!r}")
        if "state" not in query and self._moments:
            moment = self._moments.pop(0)
            if isinstance(moment, Exception):
                raise moment
            self._now = moment
        found = [
            spoke
            for name, states in self._now.items()
            if name in query.get("name", [name])
            for spoke in [self._spoke(name, states)]
            if "state" not in query or self._holds(spoke, query)
        ]
        return shapes.Spokes(tuple(found[: int(query["limit"][0])]), len(found))

    def _spoke(self, name: str, states: tuple[State, State]) -> shapes.Spoke:
        gates = zip(("compute", "mesh"), states, strict=True)
        made = [
            shapes.Gate(tier, state, () if state in PASSED else (SOAKS,)) for tier, state in gates
        ]
        return shapes.Spoke(name, "argocd", name, tuple(made))

    def _holds(self, spoke: shapes.Spoke, query: dict[str, list[str]]) -> bool:
        tiers = query.get("tier", ["compute", "mesh"])
        return any(each.state in query["state"] and each.tier in tiers for each in spoke.gates)


ALL = Chosen()
SETTLED = (State.SETTLED, State.UNGATED)
SOAKING = (State.SETTLED, State.SOAKING)


async def wait(fleet: Fleet, *spokes: str, chosen: Chosen = ALL) -> tuple[int, list[str]]:
    said: list[str] = []
    code = await waited(Asker(fleet), chosen, spokes, clock=NoPause(), say=said.append)
    return code, said


async def test_it_ends_once_all_have_passed_and_says_what_it_waits_for_as_that_changes() -> None:
    fleet = Fleet(
        {"a": SOAKING, "b": (State.QUEUED, State.WAITING)},
        {"a": SOAKING, "b": (State.QUEUED, State.WAITING)},
        {"a": SETTLED, "b": SOAKING},
        {"a": SETTLED, "b": (State.SETTLED, State.SKIPPED)},
    )
    assert await wait(fleet, chosen=Chosen(selector="env=prod")) == (
        OK,
        [
            "waits for 2 spokes: a/mesh is Soaking (argocd/x must stay so); b/compute is Queued "
            "(argocd/x must stay so); b/mesh is Waiting (argocd/x must stay so)",
            "waits for 1 spoke: b/mesh is Soaking (argocd/x must stay so)",
            "settled but for 1 gate that is skipped: 2 spokes",
        ],
    )
    assert all(each["selector"] == ["env=prod"] for each in fleet.asked)


@pytest.mark.parametrize("state", [State.DEGRADED, State.STALLED])
async def test_what_fails_ends_it_at_once(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    fleet = Fleet({"a": SOAKING}, {"a": (State.SETTLED, state)})
    code, said = await wait(fleet, "a")
    assert code == FAILED
    assert len(said) == 1
    why = f"1 spoke: a/mesh is {state} (argocd/x must stay so)"
    assert capsys.readouterr().err == f"gate-watcher: {why}\n"


async def test_of_a_tier_alone_the_others_do_not_matter() -> None:
    fleet = Fleet({"a": (State.SETTLED, State.STALLED)})
    assert (await wait(fleet, "a", chosen=Chosen(tiers=("compute",))))[0] == OK


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ((), "settled but for 3 gates that are skipped: 2 spokes"),
        (("mesh",), "settled but for 1 gate that is skipped: 2 spokes"),
    ],
)
async def test_what_is_skipped_is_told_from_what_has_settled(
    tiers: tuple[str, ...], said: str
) -> None:
    fleet = Fleet({"a": (State.SKIPPED, State.SKIPPED), "b": (State.SKIPPED, State.SETTLED)})
    assert await wait(fleet, "a", "b", chosen=Chosen(tiers=tiers)) == (OK, [said])


async def test_one_that_is_not_there_is_no_reason_to_wait() -> None:
    with pytest.raises(NoSuchSpoke, match="there is no spoke 'b'"):
        await wait(Fleet({"a": SETTLED}), "a", "b")
    with pytest.raises(Slip, match="there are no such spokes"):
        await wait(Fleet({}), chosen=Chosen(rings=("canary",)))


async def test_a_watcher_that_is_away_for_a_while_is_waited_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (await wait(Fleet({"a": SOAKING}, away(), away(), {"a": SETTLED}), "a"))[0] == OK
    assert capsys.readouterr().err.splitlines() == [
        "gate-watcher: cannot ask the watcher: nobody is there"
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name spokes, or choose some with -l or --ring"),
        (("a", "--timeout", "soon"), "'soon' is no length of time"),
        (("a", "--server", "http://127.0.0.1:1"), "cannot ask the watcher"),
    ],
)
def test_what_cannot_be_waited_for_ends_it_with_two(arguments: tuple[str, ...], said: str) -> None:
    done = invoked("wait", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_when_the_time_is_over_it_ends_with_124() -> None:
    done = invoked("wait", "a", "--server", "http://127.0.0.1:1", "--timeout", "0s")
    assert (done.exit_code, done.stderr) == (124, "gate-watcher: the time is over\n")
