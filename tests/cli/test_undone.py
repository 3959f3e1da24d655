from __future__ import annotations

from typing import Any

import pytest

from tests.builders import NOW, order
from tests.cli.askers import Asker, away
from watcher.cli.ending import Slip
from watcher.cli.undone import concerned, undone, what_follows
from watcher.facts import Command, Forgiven, Through, rfc3339
from watcher.serve import shapes

RING = frozenset({Through.RING})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (order(Command.HOLD), "opens in its turn"),
        (order(Command.SKIP), "what of it is closed opens in its turn"),
        (order(Command.APPROVE), "waits for an approval again"),
        (order(Command.RETRY), "stalled"),
        (order(Command.RELEASE), "an older hold that names the same holds again"),
        (order(Command.RELEASE, forgives=(Forgiven("u", "a", "x"),)), "what it forgives counts"),
        (order(Command.RELEASE, through=RING), "counts as started by the gates that it let"),
        (order(Command.RELEASE, through=frozenset({Through.WINDOW})), "a window that is shut"),
        (order(Command.RELEASE, through=frozenset({Through.DELETIONS})), "would delete"),
    ],
    ids=str,
)
def test_what_follows_is_said_of_every_order(given: Any, words: str) -> None:
    assert words in undone(given)


def gate(state: str, reason: str = "", opened_at: float | None = None) -> shapes.Gate:
    reasons = (shapes.Reason(reason, f"{reason}!"),) if reason else ()
    return shapes.Gate("mesh", state, reasons, None if opened_at is None else rfc3339(opened_at))


def fleet(*gates: shapes.Gate) -> Asker:
    spokes = [
        shapes.Spoke(f"prod-{number}", "argocd", "x", (each,), f"uid-{number}")
        for number, each in enumerate(gates)
    ]

    def answer(path: str, query: dict[str, list[str]]) -> shapes.Spokes:
        assert query["tier"] == ["mesh"]
        found = [each for each in spokes if each.gates[0].state in query["state"]]
        return shapes.Spokes(tuple(found), len(found))

    return Asker(answer)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (order(Command.HOLD, tier="mesh"), "1 gate is held now:"),
        (order(Command.SKIP, tier="mesh"), "2 gates are skipped and closed now:"),
        (
            order(Command.RELEASE, tier="mesh", through=RING),
            "2 gates were let through the turn of their ring:",
        ),
    ],
    ids=str,
)
async def test_the_gates_are_named_of_which_it_is_so(given: Any, words: str) -> None:
    asked = fleet(
        gate("Held", "OnHold"),
        gate("Held", "TornDown"),
        gate("Skipped"),
        gate("Skipped"),
        gate("Skipped", opened_at=NOW),
        gate("Settled", opened_at=NOW + 5.0),
        gate("Stalled", opened_at=NOW),
        gate("Settled", opened_at=NOW - 5.0),
    )
    first, head, *gates = await what_follows(asked, given)
    assert (first, head) == (undone(given), words)
    assert len(gates) == int(words.split()[0])


@pytest.mark.parametrize("why", [away(), Slip("there is no tier mesh")], ids=str)
async def test_where_nobody_says_which_only_what_follows_is_said(why: Exception) -> None:
    def answer(path: str, query: dict[str, list[str]]) -> Any:
        raise why

    assert await concerned(Asker(answer), order(Command.SKIP, tier="mesh")) == ()
    assert len(await what_follows(Asker(answer), order(Command.SKIP, tier="mesh"))) == 1
