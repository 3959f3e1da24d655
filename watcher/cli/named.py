"""Which gates of the hub does somebody mean, and how do they stand?

What there is not is said with what is called almost like it. A spoke that is named by its name is
known by the UID of its Secret from then on, so that an order does not lose it with its name.

Elsewhere: what was typed (targets.py); who is asked (whom_to_ask.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from watcher.cli.asking_watcher import NoSuchSpoke
from watcher.cli.ending import Slip
from watcher.cli.no_such import no_such
from watcher.cli.targets import Meant, say_target
from watcher.cli.whom_to_ask import Asked
from watcher.decide.verdicts import State
from watcher.facts import Target
from watcher.serve import shapes

OPEN = (State.PROGRESSING, State.SOAKING, State.SETTLED, State.DEGRADED, State.STALLED)
"""The states of an open gate, but for those that have one for being held, skipped or lost."""

_PAGE = "1000"
_SHOWN = 20
"""Gates that are read through."""


class NamedGate(Struct, frozen=True):
    """One gate, and how it stands."""

    spoke: str
    uid: str
    gate: shapes.Gate


async def target_of(asked: Asked, meant: Meant, tiers: Collection[str]) -> Target:
    """What is meant, where it is there; a spoke by its UID, too.

    Raises `Slip`, `HubError` and `click.UsageError`.
    """
    target = meant.target(tiers)
    if problems := await lacking(asked, target, tiers):
        raise Slip(*problems)
    if not target.spoke:
        return target
    found = await _first(asked, target)
    return replace(target, uid=found.spokes[0].uid if found.spokes else "")


async def lacking(asked: Asked, target: Target, tiers: Collection[str]) -> list[str]:
    """Why it names no gate; nothing where it names one."""
    problems: list[str] = []
    if target.tier and target.tier not in tiers:
        problems.append(no_such("tier", target.tier, tiers))
    if target.ring:
        rings = (await asked.get("/rings", shapes.Rings)).rings
        if target.ring not in rings:
            problems.append(no_such("ring", target.ring, rings))
    if target.spoke and (problem := await _no_spoke(asked, target.spoke, tiers)):
        problems.append(problem)
    if not problems and not target.everything and not await count_spokes(asked, target):
        problems.append(f"no gate is named so: {say_target(target)}")
    return problems


async def count_spokes(asked: Asked, target: Target) -> int:
    """How many spokes have a gate that it names."""
    return (await _first(asked, target)).matching


async def gates_in(asked: Asked, target: Target, states: Collection[str]) -> tuple[NamedGate, ...]:
    """The gates that it names and that are in one of these states, in the order of their spokes."""
    wanted = (("state", each) for each in states)
    return tuple(
        [
            NamedGate(spoke.name, spoke.uid, gate)
            async for spoke in every_page(asked, (*_query(target), *wanted))
            for gate in spoke.gates
            if gate.state in states and target.tier in ("", gate.tier)
        ]
    )


async def every_page(asked: Asked, query: Iterable[tuple[str, str]]) -> AsyncIterator[shapes.Spoke]:
    """The spokes of all pages."""
    asks = tuple(query)
    after: str | None = ""
    while after is not None:
        page = await asked.get(
            "/spokes", shapes.Spokes, query=(*asks, ("limit", _PAGE), ("after", after))
        )
        for each in page.spokes:
            yield each
        after = page.next


def say_gates(gates: Sequence[NamedGate]) -> Iterator[str]:
    """Each gate with why it is as it is, as many as are read."""
    for each in gates[:_SHOWN]:
        why = each.gate.reasons[0].says if each.gate.reasons else ""
        yield f"  {each.spoke}/{each.gate.tier}: {each.gate.state}{f': {why}' if why else ''}"
    if len(gates) > _SHOWN:
        yield f"  and {len(gates) - _SHOWN} more"


async def _first(asked: Asked, target: Target) -> shapes.Spokes:
    """The first of the spokes that have a gate that it names."""
    query = (*_query(target), ("limit", "1"))
    return await asked.get("/spokes", shapes.Spokes, query=query)


async def _no_spoke(asked: Asked, called: str, tiers: Collection[str]) -> str:
    """Why the spoke is not there; empty where it is."""
    if await count_spokes(asked, Target(spoke=called)):
        return ""
    if called in tiers:
        return f"there is no spoke {called!r}, but a tier; write --tier {called}"
    spoke, _, tier = called.rpartition("/")
    if spoke and await count_spokes(asked, Target(spoke=spoke)):
        return no_such("tier", tier, tiers)
    try:
        await asked.get(f"/spokes/{called}", shapes.Spoke)
    except NoSuchSpoke as absent:
        if any(
            called in each for each in absent.problems
        ):  # a proxy may have made another path of it
            return " ".join(absent.problems)
    return f"there is no spoke {called!r}"


def _query(target: Target) -> tuple[tuple[str, str], ...]:
    asked = {
        "name": target.spoke,
        "tier": target.tier,
        "ring": target.ring,
        "selector": target.selector,
    }
    return tuple((name, value) for name, value in asked.items() if value)
