"""How is a teardown shown before it is ordered, and told of afterwards?

Elsewhere: what is in it (tearing.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.cli.tearing import Concerned, Step, Stop, Teardown
from watcher.decide.gates import names
from watcher.decide.removal import Fate
from watcher.facts import many
from watcher.policy import Gates

_FATES = {
    Fate.DELETED: "is deleted with all that it installed",
    Fate.ORPHANS: "is deleted, and what it installed goes on running",
    Fate.STAYS: "stays",
    Fate.UNTOLD: "may be deleted",
}


def shown(made: Teardown) -> Iterator[str]:
    """Line by line what would be done, and to what."""
    yield f"{_headline(made)} on {made.spoke} (secret {made.secret})"
    yield ""
    for number, step in enumerate(made.steps, 1):
        if step.tiers:
            yield f"{number}. {_closes(number, step)}"
        width = max((len(_name(each)) for each in step.applications), default=0)
        for each in step.applications:
            yield f"     {_name(each):{width}}  {_fate(each, step)}"
    if not made.steps:
        yield "nothing closes: none of these gates is open, and nothing is behind them"
    if made.addon is not None and not any(step.applications for step in made.steps):
        yield "it has no Application there"
    yield from (f"not now: {why}; the teardown waits for the end of that" for why in made.waits)
    for also in made.anyway:
        yield f"any write to a cluster Secret, this one too, has Argo CD act on this: {also}"


def ordered(made: Teardown, gates: Gates, removals: str) -> Iterator[str]:
    """What has been done, how it is followed, and how it is stopped."""
    stopping = f"gate-watcher teardown {made.spoke}"
    if made.named:
        yield f"named in configmap {removals}: {', '.join(made.named)}"
    if made.addon is not None:
        yield (
            f"now take the addon away from {made.spoke}, by the label that enables it; "
            f"to take the names out again: {stopping} --addon {made.addon} --stop"
        )
        return
    yield f"ordered: {gates.teardown_key}={made.annotation} on secret {made.secret}"
    yield f"to follow it: gate-watcher explain {made.spoke}"
    yield (
        f"to stop it: {stopping} --stop; until then what has closed stays closed, and nothing "
        "brings back what was deleted"
    )


def stopped(made: Stop, spoke: str, removals: str) -> Iterator[str]:
    """What has been taken back, and how far it had got."""
    if made.annotation == made.before and not made.unnamed:
        yield f"nothing of this is ordered on {spoke}"
        return
    if made.open:
        yield f"had not closed, and stays open: {', '.join(made.open)}"
    if made.closed:
        yield f"closed, and opens again in its turn, as any other gate: {', '.join(made.closed)}"
    for tier, number in made.going.items():
        verb = "is" if number == 1 else "are"
        going = f"{many(number, 'Application')} of {tier} {verb}"
        yield f"{going} being deleted still, which nothing can stop"
    if made.strange:
        yield f"taken out, though it tore nothing down, being no tier: {', '.join(made.strange)}"
    if left := [each for each in names(made.annotation) if each not in made.strange_left]:
        yield f"still to be torn down: {', '.join(left)}"
    if made.strange_left:
        yield (
            f"still named, though it tears nothing down, being no tier: "
            f"{', '.join(made.strange_left)}; --stop without --tier takes it out, too"
        )
    if made.unnamed:
        yield f"taken out of configmap {removals}: {', '.join(made.unnamed)}"


def _headline(made: Teardown) -> str:
    if made.addon is not None:
        return f"removal of {made.addon}"
    tiers = ", ".join(made.tiers)
    return "teardown of every tier" if tiers == "*" else f"teardown of {tiers}"


def _closes(number: int, step: Step) -> str:
    tiers = ", ".join(step.tiers)
    verb = "closes" if len(step.tiers) == 1 else "close together"
    then = ", once all of the above is gone" if number > 1 else ""
    return f"{tiers} {verb}{then}" + ("" if step.applications else "; nothing is behind it")


def _name(each: Concerned) -> str:
    return each.name or f"of ApplicationSet {each.application_set}"


def _fate(each: Concerned, step: Step) -> str:
    return "".join(_parts(each, step))


def _parts(each: Concerned, step: Step) -> Iterator[str]:
    if each.deleting_since is not None:
        yield f"is being deleted since {each.deleting_since}"
    else:
        yield _FATES[each.fate]
    if each.why:
        yield f": {each.why}"
    if step.tiers and each.tier not in step.tiers:
        yield f" (of tier {each.tier})" if each.tier else " (of no tier)"
    if each.skipped:
        yield "; Argo CD ignores it (skip-reconcile), so that waits"
