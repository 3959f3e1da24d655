"""Is a gate open on this spoke, and since when?

The truth is one label on the spoke's Secret; when it opened is one annotation there, a JSON object
from tier to an instant. Unreadable counts as absent, and is said.

Knows both polarities: under `admit` the label `open` opens a gate, under `block` the label
`closed` closes it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from watcher.facts import Instant, Spoke, instant, rfc3339
from watcher.policy import Gates, Polarity

CLOCKS_APART_S = 60.0
"""How far the hub's clock may be ahead of ours before its stamps count as not yet: two hosts under
NTP are within a second; a minute tells a wrong clock from a slow one."""

OPEN = "open"
CLOSED = "closed"


class Opened(Struct, frozen=True):
    """The annotation of opening times, read."""

    at: Mapping[str, Instant] = {}
    raw: Mapping[str, str] = {}
    """As they stand there, those that are no instants too: other people's keys are kept."""
    problem: str = ""


def open_value(gates: Gates) -> str | None:
    """The label's value that opens a gate; None where its absence does."""
    return OPEN if gates.polarity is Polarity.ADMIT else None


def closed_value(gates: Gates) -> str | None:
    """The label's value that closes a gate; None where its absence does."""
    return None if gates.polarity is Polarity.ADMIT else CLOSED


def is_open(value: str | None, gates: Gates) -> bool:
    """Whether a gate whose label has this value (None: no label) is open."""
    return value == OPEN if gates.polarity is Polarity.ADMIT else value != CLOSED


def opened(spoke: Spoke, now: Instant) -> Opened:
    """When each gate of the spoke opened, by its annotation. A time ahead of `now` is no record of
    anything, and would hold the gate until it comes.
    """
    if spoke.opened is None:
        return Opened()
    try:
        raw = msgspec.json.decode(spoke.opened, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError):
        return Opened(problem="it is not a JSON object from tier to time")
    at = {tier: moment for tier, text in raw.items() if (moment := instant(text)) is not None}
    past = {tier: moment for tier, moment in at.items() if moment <= now + CLOCKS_APART_S}
    bad = sorted(raw.keys() - past.keys())
    problem = f"no time in the past can be read for {', '.join(bad)}" if bad else ""
    return Opened(past, raw, problem)


def times_after(
    before: Opened, *, opens: Mapping[str, Instant], closes: frozenset[str]
) -> dict[str, str]:
    """What the annotation holds after these gates opened and closed.

    A tier that has a time keeps it: re-opening does not start it anew.
    """
    kept = {tier: text for tier, text in before.raw.items() if tier not in closes}
    for tier, at in opens.items():
        if tier not in before.at:
            kept[tier] = rfc3339(at)
    return kept


def torn_down(spoke: Spoke) -> frozenset[str]:
    """The tiers that the teardown annotation names; `*` stands for every tier."""
    return frozenset(names(spoke.teardown))


def names(teardown: str | None) -> tuple[str, ...]:
    """What a teardown annotation names, each once, in the order in which it stands there."""
    said = (each.strip() for each in (teardown or "").split(","))
    return tuple(dict.fromkeys(each for each in said if each))
