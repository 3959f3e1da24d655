from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.cli.desks import report
from tests.serve.test_feed import feed
from watcher.cli.asking_watcher import Watcher
from watcher.cli.ending import Slip
from watcher.cli.named import count_spokes, gates_in, target_of
from watcher.cli.targets import Meant
from watcher.facts import Target
from watcher.hub.asking import connect_to
from watcher.serve.meters import Meters
from watcher.serve.site import serve, site

TIERS = ("compute", "mesh")
NEITHER = "no gate is named so: every tier of spoke prod-1 and ring fleet"


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    said = report()
    served = await serve(
        site(lambda: said, Meters("1"), feed(lambda: said)), host="127.0.0.1", port=0
    )
    connection = connect_to(served.url)
    yield Watcher(connection, None)
    await connection.close()
    await served.close()


@pytest.mark.parametrize(
    ("meant", "target"),
    [
        (Meant("prod-1"), Target("prod-1", "uid-prod-1")),
        (Meant("prod-1/mesh"), Target("prod-1", "uid-prod-1", tier="mesh")),
        (Meant("a/b"), Target("a/b", "uid-a/b")),
        (Meant("a/b/mesh"), Target("a/b", "uid-a/b", tier="mesh")),
        (Meant(ring="fleet", tier="mesh"), Target(ring="fleet", tier="mesh")),
        (Meant(selector="env=prod"), Target(selector="env=prod")),
        (Meant(everything=True), Target(everything=True)),
    ],
    ids=str,
)
async def test_what_there_is_is_found(watcher: Watcher, meant: Meant, target: Target) -> None:
    assert await target_of(watcher, meant, TIERS) == target


@pytest.mark.parametrize(
    ("meant", "problems"),
    [
        (Meant("prod-3"), ["there is no spoke 'prod-3' (did you mean 'prod-2'?)"]),
        (Meant("mesh"), ["there is no spoke 'mesh', but a tier; write --tier mesh"]),
        (Meant("prod-1/compte"), ["there is no tier 'compte' (did you mean 'compute'?)"]),
        (Meant("x?y/../z"), ["there is no spoke 'x?y/../z'"]),
        (Meant(selector="env=x"), ["no gate is named so: every tier of the labels env=x"]),
        (Meant("prod-1", ring="fleet"), [NEITHER]),
        (Meant(tier="x"), ["there is no tier 'x'; there is compute, mesh"]),
        (
            Meant("prod-1", tier="mehs", ring="flet"),
            [
                "there is no tier 'mehs' (did you mean 'mesh'?)",
                "there is no ring 'flet' (did you mean 'fleet'?)",
            ],
        ),
    ],
    ids=str,
)
async def test_what_there_is_not_is_said_with_what_is_called_almost_so(
    watcher: Watcher, meant: Meant, problems: list[str]
) -> None:
    with pytest.raises(Slip) as caught:
        await target_of(watcher, meant, TIERS)
    assert list(caught.value.problems) == problems


async def test_gates_are_found_by_what_names_them_and_by_state(watcher: Watcher) -> None:
    everything = Target(everything=True)
    (stalled,) = await gates_in(watcher, everything, ("Stalled",))
    assert (stalled.spoke, stalled.uid, stalled.gate.tier) == ("prod-1", "uid-prod-1", "compute")
    assert await gates_in(watcher, Target(tier="mesh"), ("Stalled",)) == ()
    assert await gates_in(watcher, Target(ring="fleet"), ("Stalled",)) == ()
    waiting = await gates_in(watcher, Target(selector="env=prod"), ("Waiting",))
    assert [(each.spoke, each.gate.tier) for each in waiting] == [
        ("prod-1", "mesh"),
        ("prod-2", "mesh"),
    ]


async def test_spokes_are_counted(watcher: Watcher) -> None:
    assert await count_spokes(watcher, Target(everything=True)) == 3
    assert await count_spokes(watcher, Target(ring="fleet", tier="mesh")) == 2
    assert await count_spokes(watcher, Target(spoke="none")) == 0
