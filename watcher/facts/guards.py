"""Which admission policies keep the hub from what must not happen, and are they in force?

A guard is a ValidatingAdmissionPolicy and its binding. In force means that both were read and say
what was shipped. Where they cannot be read it is not known, and what is not known is never taken
as in force.

Elsewhere: what was shipped (guards/); how it is read and compared (hub/guarding.py); what is not
done without a guard (decide/).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Guard(StrEnum):
    """What is refused, whoever asks for it or by whom."""

    A = "A"
    """That an open gate closes without a teardown, whoever writes."""
    B = "B"
    """That the watcher's account writes anything but gates on cluster Secrets."""
    C = "C"
    """That the ApplicationSet controller deletes an Application of a tier that nobody named."""
    D = "D"
    """That a cluster Secret with open gates is deleted without a teardown of all of them."""
    E = "E"
    """That the watcher's account changes anything of an Application but asks for a refresh."""


class Force(StrEnum):
    """How much is known of a guard."""

    IN_FORCE = "in force"
    NOT_IN_FORCE = "not in force"
    UNKNOWN = "unknown"


class Standing(Struct, frozen=True):
    """How one guard stands on the hub."""

    force: Force
    why: str = ""
    """In words, with what to do; empty where it is in force."""
    there: bool = False
    """Whether it, or a part of it, is on the hub all the same, where it is not in force: somebody
    wanted it there.
    """


UNREAD = Standing(Force.UNKNOWN, "it has not been read yet")

Guards = Mapping[Guard, Standing]


def standing_of(guards: Guards, guard: Guard) -> Standing:
    """How `guard` stands; unknown where nothing was read of it."""
    return guards.get(guard, UNREAD)


def in_force(guards: Guards, guard: Guard) -> bool:
    """Whether `guard` is known to be in force."""
    return standing_of(guards, guard).force is Force.IN_FORCE
