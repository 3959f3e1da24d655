"""What of a spoke's gates is to be remembered while this process runs?

That a gate was seen open (its label may go, and the annotation with it), since when, and when the
Applications of a gate whose number is unknown last came or went. After a restart the annotation
and the Applications' creation stand in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from watcher.decide.carried import Seen
from watcher.decide.view import View
from watcher.facts import Application, Instant


def seen_after(here: View) -> Mapping[str, Seen]:
    """What was seen, this look included; the mapping itself where nothing is new."""
    after = dict(_remembered(here))
    return here.seen if after == here.seen else after


def _remembered(here: View) -> Iterator[tuple[str, Seen]]:
    forgotten = here.torn if "*" not in here.named else here.torn | here.seen.keys()
    for tier, seen in here.seen.items():
        if tier not in forgotten and tier not in here.open_tiers:
            yield tier, seen
    for tier in here.open_tiers:
        yield tier, _looked_at(here, tier)
    for tier in here.strangers:
        if here.is_open(tier):
            yield tier, here.seen.get(tier, Seen(here.now))


def _looked_at(here: View, tier: str) -> Seen:
    before = here.seen.get(tier)
    if here.number_known(tier):
        return before if before is not None else Seen(here.now)
    apps = here.apps.get(tier, ())
    there = frozenset(app.uid for app in apps)
    if before is None:
        return Seen(here.now, there, _youngest(apps))
    if before.applications == there:
        return before
    return Seen(before.open_at, there, here.now)


def _youngest(apps: tuple[Application, ...]) -> Instant | None:
    return max((app.created_at for app in apps if app.created_at is not None), default=None)
