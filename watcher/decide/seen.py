"""What of a spoke's gates is to be remembered while this process runs?

That a gate was seen open (its label may go, and the annotation with it), since when, that it was
opened anew after it was lost, that it fell short of its Applications, that its spoke was parked and
is no longer, and when those whose number is unknown last came or went. After a restart the
annotation and the times of creation stand in; of a return from parking nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from watcher.decide.memory import Seen
from watcher.decide.parking import is_parked
from watcher.decide.view import View
from watcher.facts import Application, Instant


def seen_after(here: View) -> Mapping[str, Seen]:
    """What was seen, this look included; the mapping itself where nothing is new."""
    after = dict(_remembered(here))
    return here.seen if after == here.seen else after


def _remembered(here: View) -> Iterator[tuple[str, Seen]]:
    forgotten = here.torn if "*" not in here.named else here.torn | here.seen.keys()
    for tier, seen in here.seen.items():
        if tier not in forgotten and not here.is_open(tier):
            yield tier, seen if seen.gone else replace(seen, gone=True)
    for tier in here.open_tiers:
        yield tier, _looked_at(here, tier)
    for tier in here.strangers:
        if here.is_open(tier):
            yield tier, _seen_open(here, tier) or Seen(here.now)


def _seen_open(here: View, tier: str) -> Seen | None:
    """What was remembered of a gate that is open now."""
    before = here.seen.get(tier)
    if before is None or not before.gone:
        return before
    return replace(before, gone=False, reopened_at=here.now)


def _looked_at(here: View, tier: str) -> Seen:
    before, short = _seen_open(here, tier), here.short(tier)
    if before is None:
        seen = Seen(here.now, short=short)
    elif before.short is short:
        seen = before
    else:
        seen = replace(before, short=short, short_at=here.now if short else None)
    seen = _seen_parked(here, seen)
    if here.number_known(tier):
        return seen
    apps = here.apps.get(tier, ())
    there = frozenset(app.uid for app in apps)
    if seen.applications == there:
        return seen
    changed_at = _youngest(apps) if before is None else here.now
    return replace(seen, applications=there, changed_at=changed_at)


def _seen_parked(here: View, seen: Seen) -> Seen:
    parked = is_parked(here.spoke)
    if parked is seen.parked:
        return seen
    return replace(seen, parked=parked, unparked_at=None if parked else here.now)


def _youngest(apps: tuple[Application, ...]) -> Instant | None:
    return max((app.created_at for app in apps if app.created_at is not None), default=None)
