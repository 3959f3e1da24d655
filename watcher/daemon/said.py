"""What does the log say of a change?

One line for each, and from nowhere else: what `changes` names is said, what it does not is not.
Application, ApplicationSet and server stand under the names that they have in Argo CD's own logs,
so that one search finds both.

Facts (Argo CD, controller/appcontroller.go, applicationset/controllers): `application`,
`applicationset`, `dest-server`.

Elsewhere: the words of a reason (decide/words.py); how a line is written (logs.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec import Struct

from watcher.daemon.logs import LogLevel
from watcher.decide import Change, Parking, PatchGates, Reason, State, say
from watcher.decide.changes import (
    AdmissionResumed,
    AdmissionStopped,
    GateChanged,
    OrderEnded,
    OrderGiven,
    OrderUnreadable,
    SpokeLeft,
    TeardownChange,
    TeardownDone,
    TeardownOrdered,
    TeardownTakenBack,
)
from watcher.decide.given import say_order
from watcher.decide.reasons import (
    BrokeGeneration,
    LabelsReach,
    NotListed,
    PatchRefused,
    WouldUnselect,
)
from watcher.decide.words import name
from watcher.facts import Order

_ALARMING_STATES = frozenset({State.LOST, State.STALLED, State.DEGRADED, State.UNADOPTED})
_ALARMING_REASONS = BrokeGeneration | LabelsReach | PatchRefused | WouldUnselect
"""What does not go away by itself, and is a person's to look at."""

_CONCERNED = {"application": "application", "application_set": "applicationset"}
"""A reason's field, and what Argo CD's own logs call it."""

_MOST_REASONS = 8
"""A gate of a hundred Applications has a hundred reasons; the page has them all."""


class Line(Struct, frozen=True):
    """One line of the log."""

    level: LogLevel
    event: str
    fields: dict[str, object]


def line(change: Change) -> Line:
    """What is said of `change`."""
    match change:
        case GateChanged():
            alarming = change.after in _ALARMING_STATES or any(
                isinstance(each, _ALARMING_REASONS) for each in change.reasons
            )
            return Line(
                LogLevel.WARNING if alarming else LogLevel.INFO,
                f"gate is {change.after}",
                {
                    "spoke": change.spoke,
                    "tier": change.gate.tier,
                    "shard": change.shard or None,
                    "dest-server": change.server or None,
                    **_concerned(change.reasons),
                    "was": None if change.before is None else change.before.value,
                    **_because(change.reasons),
                },
            )
        case SpokeLeft(_, spoke):
            return Line(LogLevel.INFO, "spoke is gone", {"spoke": spoke})
        case AdmissionStopped(reason):
            quiet = isinstance(reason, NotListed) and not reason.trouble
            level = LogLevel.INFO if quiet else LogLevel.WARNING
            return Line(level, "nothing is admitted", _because((reason,)))
        case AdmissionResumed(reason):
            return Line(LogLevel.INFO, "no longer holds admission back", {"reason": name(reason)})
        case TeardownOrdered():
            return Line(LogLevel.INFO, "teardown is ordered", _torn(change))
        case TeardownDone():
            return Line(LogLevel.INFO, "teardown is done", _torn(change))
        case TeardownTakenBack():
            return Line(LogLevel.INFO, "teardown is taken back", _torn(change))
        case OrderGiven(order):
            return Line(LogLevel.INFO, "order is in force", _ordered(order))
        case OrderEnded(order):
            return Line(LogLevel.INFO, "order is in force no longer", _ordered(order))
        case OrderUnreadable(key, problem):
            return Line(LogLevel.WARNING, "is no order, and does nothing", _bad(key, problem))
        case _:
            assert_never(change)


def _torn(change: TeardownChange) -> dict[str, object]:
    return {
        "spoke": change.spoke,
        "tier": change.gate.tier,
        "secret": f"{change.namespace}/{change.secret}",
    }


def _ordered(order: Order) -> dict[str, object]:
    return {
        "order": order.key,
        "spoke": order.target.spoke or None,
        "tier": order.target.tier or None,
        "says": say_order(order),
    }


def _bad(key: str, problem: str) -> dict[str, object]:
    return {"order": key, "problem": problem, "remedy": "mend or remove the key in the ConfigMap"}


def would(patch: PatchGates, spoke: str) -> Line:
    """What a dry run says in place of sending `patch`."""
    opens = {"opens": list(patch.opens)} if patch.opens else {}
    closes = {"closes": list(patch.closes)} if patch.closes else {}
    parking = {"parking": patch.parking.value} if patch.parking is not None else {}
    return Line(LogLevel.INFO, _would(patch), {"spoke": spoke, **opens, **closes, **parking})


def _would(patch: PatchGates) -> str:
    if patch.opens:
        return "would open"
    if patch.closes:
        return "would close"
    return "would park" if patch.parking is Parking.PARKS else "would unpark"


def _concerned(reasons: Iterable[Reason]) -> dict[str, object]:
    """The first Application and the first ApplicationSet that the reasons name."""
    found: dict[str, object] = {}
    for reason in reasons:
        for attribute, called in _CONCERNED.items():
            if (key := getattr(reason, attribute, None)) is not None:
                found.setdefault(called, key)
    return found


def _because(reasons: Iterable[Reason]) -> dict[str, object]:
    every = tuple(reasons)
    words = [say(each) for each in every[:_MOST_REASONS]]
    if more := len(every) - len(words):
        words.append(f"and {more} more")
    if not every:
        return {}
    return {"reasons": list(dict.fromkeys(map(name, every))), "because": words}
