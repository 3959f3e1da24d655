"""Puts a recorded stream before the decoder and `decide`, event by event, as it happened.

The clock: a stream says when each event arrived since its start, and the objects carry wall time in
whole seconds. No stamp is from the future, so the start is the least moment that puts none of them
after the arrival of its object; every stamp is less than a second old when it is first seen, which
leaves an interval of at most a second, in most streams of a few hundredths (`start_of`, and
test_replay.py proves that it is not empty). Between two events the clock goes to each `wake_at`.

Whatever `decide` would send is not sent: what happened happened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tests.captured.recorded import Event, Object, stream
from tests.decide.world import RUNS
from watcher.decide import (
    Carried,
    Decision,
    Gate,
    Reason,
    Snapshot,
    State,
    Verdict,
    decide,
    grouped,
)
from watcher.decide.words import name as reason_name
from watcher.facts import (
    Application,
    ApplicationSet,
    Instant,
    Kind,
    Source,
    Spoke,
    instant,
    rfc3339,
)
from watcher.hub.decode import Decoder
from watcher.policy import Policy, Tier

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Turn(Struct, frozen=True):
    """One decision: after an event, or at a moment for which the one before had asked."""

    at_s: float
    """Since the stream's start."""
    now: Instant
    event: Event | None
    """None where time alone had come."""
    snapshot: Snapshot
    decision: Decision
    hub: dict[tuple[str, str], Object]
    """The raw objects by kind and name, as they were."""

    def verdict(self, spoke: str, tier: str) -> Verdict:
        """What is said of a gate; the spoke by its Secret's name."""
        return self.decision.verdicts[Gate(self.hub["Secret", spoke]["metadata"]["uid"], tier)]

    def state(self, spoke: str, tier: str) -> State:
        return self.verdict(spoke, tier).state

    def has(self, spoke: str) -> bool:
        """Whether the Secret is there yet."""
        return ("Secret", spoke) in self.hub

    def reasons(self, spoke: str, tier: str, of: str) -> dict[str, Reason]:
        """By name, what is said there of one Application."""
        said = self.verdict(spoke, tier).reasons
        return {reason_name(one): one for one in said if getattr(one, "application", None) == of}


def tiers_in_a_row(*names: str, soak_s: float = 2.0, **fields: Any) -> Policy:
    """A policy in which each tier depends on the one before."""
    before: dict[str, tuple[str, ...]] = dict(zip(names[1:], ((n,) for n in names), strict=False))
    made = (Tier(name, before.get(name, ()), soak_s=soak_s, **fields) for name in names)
    return Policy(tuple(made))


def start_of(events: Sequence[Event]) -> Instant:
    """The wall time of the stream's start: see above."""
    return max(max(stamps(each.object)) - each.at_s for each in events if _arrived(each))


def stamps(value: Any) -> Iterator[Instant]:
    """Every time that stands anywhere in an object."""
    if isinstance(value, dict):
        for each in value.values():
            yield from stamps(each)
    elif isinstance(value, list):
        for each in value:
            yield from stamps(each)
    elif isinstance(value, str) and _STAMP.fullmatch(value):
        at = instant(value)
        assert at is not None
        yield at


def replay(
    events: Sequence[Event], policy: Policy, *, start: Instant, until_s: float = 60.0
) -> list[Turn]:
    """Every turn of a stream, and those for which time alone came up to `until_s` after it.

    `start` is the stream's own; `events` may be a test's copy with something else in it.
    """
    hub = _Hub(policy)
    listed = [each for each in events if each.type == "LISTED"]
    for each in listed:
        hub.take(each)
    turns = [hub.turn(start, start, None)] if listed else []
    for each in events:
        if each.type == "LISTED" or each.did:
            continue
        turns.extend(hub.woken(start, before=start + each.at_s))
        hub.take(each)
        turns.append(hub.turn(start + each.at_s, start, each))
    turns.extend(hub.woken(start, before=start + events[-1].at_s + until_s))
    return turns


def replayed(name: str, policy: Policy) -> list[Turn]:
    """Every turn of a stream as it was recorded."""
    return replay(stream(name), policy, start=start_of(stream(name)))


def annotated(
    events: Sequence[Event], spoke: str, notes: Mapping[str, str], *, from_s: float = 0.0
) -> tuple[Event, ...]:
    """A copy of a stream in which a Secret has these annotations too, from a moment on."""
    return tuple(
        altered(each, "metadata", "annotations", notes)
        if not each.did and each.kind == "Secret" and each.name == spoke and each.at_s >= from_s
        else each
        for each in events
    )


def altered(event: Event, part: str, member: str, more: Mapping[str, Any]) -> Event:
    """A copy of an event whose object has `more` in an object of one of its parts."""
    inside = event.object[part]
    made = {**inside, member: {**(inside.get(member) or {}), **more}}
    return Event(event.at_s, event.type, {**event.object, part: made})


def opened(
    events: Sequence[Event], spoke: str, openings: Mapping[str, float], *, start: Instant
) -> tuple[Event, ...]:
    """A copy of a stream in which each opening is recorded on the Secret, as the watcher does it:
    from its own second on, and for good. `openings` has seconds since the start, by tier.
    """
    for at_s in sorted(openings.values()):
        times = {tier: rfc3339(start + s) for tier, s in openings.items() if s <= at_s}
        notes = {"gate-watcher.io/opened": json.dumps(times)}
        events = annotated(events, spoke, notes, from_s=max(0.0, at_s))
    return tuple(events)


def openings(events: Sequence[Event], spoke: str) -> dict[str, float]:
    """When each gate of a spoke was first seen open, in seconds since the start."""
    found: dict[str, float] = {}
    for each in events:
        if not each.did and each.kind == "Secret" and each.name == spoke:
            for key, value in each.object["metadata"]["labels"].items():
                if key.startswith("gate-watcher.io/") and value == "open":
                    found.setdefault(key.removeprefix("gate-watcher.io/"), each.at_s)
    return found


class _Hub:
    """What the stores hold as the stream goes on."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._decoder = Decoder(policy.gates)
        self._spokes: dict[str, Spoke] = {}
        self._sets: dict[str, ApplicationSet] = {}
        self._apps: dict[str, Application] = {}
        self._raw: dict[tuple[str, str], Object] = {}
        self._carried = Carried()
        self._wake_at: Instant | None = None

    def take(self, event: Event) -> None:
        body = json.dumps(event.object).encode()
        gone = event.type == "DELETED"
        match event.kind:
            case "Secret":
                spoke = self._decoder.spoke(body)
                _put(self._spokes, spoke.uid, spoke, gone=gone)
            case "Application":
                app = self._decoder.application(body)
                _put(self._apps, app.key, app, gone=gone)
            case "ApplicationSet":
                made = self._decoder.application_set(body)
                _put(self._sets, made.key, made, gone=gone)
            case other:
                raise AssertionError(other)
        _put(self._raw, (event.kind, event.name), event.object, gone=gone)

    def turn(self, now: Instant, start: Instant, event: Event | None) -> Turn:
        snapshot = Snapshot(
            spokes=dict(self._spokes),
            application_sets=dict(self._sets),
            applications=grouped(self._apps.values()),
            sources={kind: Source(kind, listed=True, heard_at=now) for kind in Kind},
            pods={RUNS.key: RUNS},
            carried=self._carried,
        )
        decision = decide(snapshot, self._policy, now)
        self._carried, self._wake_at = decision.carried, decision.wake_at
        return Turn(now - start, now, event, snapshot, decision, dict(self._raw))

    def woken(self, start: Instant, *, before: Instant) -> Iterator[Turn]:
        """The turns that were asked for before the next event comes."""
        last = None
        while (at := self._wake_at) is not None and at < before:
            assert last is None or at > last, "a decision asks to be woken when it was"
            last = at
            yield self.turn(at, start, None)


def _put(held: dict[Any, Any], key: Any, value: Any, *, gone: bool) -> None:
    if gone:
        held.pop(key, None)
    else:
        held[key] = value


def _arrived(event: Event) -> bool:
    """Whether it is an object that came as it changed; what is listed may be old, or of no time."""
    return event.type in ("ADDED", "MODIFIED", "DELETED") and any(
        True for _ in stamps(event.object)
    )
