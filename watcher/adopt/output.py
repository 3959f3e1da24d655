"""How is a plan said?

For people in the order in which they act on it: the tiers and why, the policy that they need, what
gets no gate, then the steps, each with its proof or with what stands against it. For programs as
one document with everything in it. What came from the hub is shown on one line and escaped.

Elsewhere: carrying it out, and saying what was done (cli/adopt.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from watcher.adopt.assigning import Apart, Assigned
from watcher.adopt.changing import Line, Operation, command
from watcher.adopt.opening import Opening, Unopened
from watcher.adopt.planning import Gating, Plan
from watcher.adopt.proving import Doubt
from watcher.facts import many, rfc3339, some
from watcher.lint import Finding
from watcher.lint.output import one_line
from watcher.policy import Polarity, Policy

_MOST = 12
"""Of a kind, on a screen; the document has them all."""


class SaidOpening(Struct, frozen=True, rename="camel"):
    """An opening, for programs."""

    spoke: str
    secret: str
    opens: Mapping[str, str]


class SaidGating(Struct, frozen=True, rename="camel"):
    """What an ApplicationSet needs, for programs."""

    application_set: str
    tier: str
    patch: tuple[Operation, ...]
    lines: tuple[Line, ...]
    chart: str
    values: tuple[Line, ...]
    by_hand: str
    kept_by: tuple[str, ...]
    doubts: tuple[Doubt, ...]


class SaidUnopened(Struct, frozen=True, rename="camel"):
    """A gate that stays closed for a doubt, for programs."""

    spoke: str
    tier: str
    doubts: tuple[Doubt, ...]


class Document(Struct, frozen=True, rename="camel"):
    """A plan, for programs."""

    done: bool
    policy: str
    proposed: bool
    lacking: tuple[str, ...]
    assigned: tuple[Assigned, ...]
    apart: tuple[Apart, ...]
    waiting: tuple[Doubt, ...]
    unseen: tuple[Doubt, ...]
    empty: Mapping[str, tuple[Doubt, ...]]
    writers: tuple[Finding, ...]
    openings: tuple[SaidOpening, ...]
    unopened: tuple[SaidUnopened, ...]
    gatings: tuple[SaidGating, ...]


def as_document(plan: Plan) -> Document:
    """Everything."""
    return Document(
        done=plan.is_done,
        policy=policy_text(plan.policy),
        proposed=plan.proposed,
        lacking=plan.lacking,
        assigned=plan.assigned,
        apart=plan.apart,
        waiting=plan.waiting,
        unseen=plan.unseen,
        empty=plan.empty,
        writers=plan.writers,
        openings=tuple(
            SaidOpening(
                each.name,
                each.spoke.key,
                {tier: rfc3339(at) for tier, at in each.opens.items()},
            )
            for each in plan.openings
        ),
        unopened=tuple(SaidUnopened(each.name, each.tier, each.doubts) for each in plan.unopened),
        gatings=tuple(
            SaidGating(
                application_set=each.set.key,
                tier=each.tier,
                patch=each.change.operations,
                lines=each.change.lines,
                chart=each.change.chart,
                values=each.change.values,
                by_hand=each.change.by_hand,
                kept_by=each.keepers,
                doubts=each.doubts,
            )
            for each in plan.gatings
        ),
    )


def as_text(plan: Plan) -> str:
    """For people."""
    parts = (
        _tiers(plan),
        _apart(plan),
        _policy(plan),
        _writers(plan),
        _unseen(plan),
        _waiting(plan),
        _opens(plan),
        _gates(plan),
        _left(plan),
    )
    return "\n\n".join("\n".join(part) for part in parts if part)


def policy_text(policy: Policy) -> str:
    """The policy that is needed, as its file is written; the tiers in their order, and nothing that
    has its default.
    """
    gates = policy.gates
    lines = ["apiVersion: config.gate-watcher.io/v1alpha1", "kind: GateWatcherConfiguration"]
    if gates.polarity is not Polarity.ADMIT:
        lines.append(f"gates: {{polarity: {gates.polarity.value}}}")
    if policy.namespace != "argocd":
        lines.append(f"namespace: {policy.namespace}")
    if policy.application_namespaces != (policy.namespace,):
        lines.append(f"applicationNamespaces: [{', '.join(policy.application_namespaces)}]")
    lines.append("tiers:")
    for tier in policy.order:
        lines.append(f"  - name: {tier.name}")
        if tier.accept:
            lines.append(f"    accept: [{', '.join(sorted(tier.accept))}]")
    return "\n".join(lines) + "\n"


def opening_line(each: Opening) -> str:
    """What opens on one spoke, and since when it is said to have been open."""
    gates = ", ".join(f"{tier} (since {rfc3339(at)})" for tier, at in each.opens.items())
    return one_line(f"{each.name}: {gates}")


def gating_lines(each: Gating) -> Iterator[str]:
    """What one ApplicationSet needs, and where it is to be written."""
    yield one_line(f"{each.set.shown} asks for the gate of {each.tier}")
    if not each.may_follow:
        return
    if each.keepers:
        yield one_line(f"    kept by {', '.join(each.keepers)}: change it there")
    if each.change.by_hand:
        yield one_line(f"    by hand: {each.change.by_hand}")
    if each.change.values:
        yield f"    among the values of the chart {each.change.chart}:"
        yield from (
            f"      {one_line(f'{line.where}: {line.write}')}" for line in each.change.values
        )
        if not any(line.where.endswith("labelsApp") for line in each.change.values):
            yield "      the chart has no place for the template's labels: without them guard C"
            yield "      does not see these Applications"
        yield "    which is to come out as:"
    for line in each.change.lines:
        yield f"      {one_line(line.where)}:"
        yield f"        {one_line(line.write)}"
    if not each.keepers and each.change.operations:
        yield f"    {command(each.set, each.change.operations)}"
        if each.set.origin.applied:
            yield "    kubectl apply wrote it from a file: change it there, too"
    if not each.doubts:
        yield f"    proved: {many(each.spokes, 'spoke')} selected before, and the same after"


def doubts_lines(doubts: Iterable[Doubt], indent: str = "    ") -> Iterator[str]:
    """What stands against a step: one line for each thing, with the spokes that it is about."""
    spokes: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for each in doubts:
        spokes[each.why, each.open_question].append(each.spoke)
    for (why, asks), names in spokes.items():
        about = some(sorted(name for name in names if name))
        mark = "not known" if asks else "not done"
        yield one_line(f"{indent}{mark}: {f'{about}: ' if about else ''}{why}")


def _tiers(plan: Plan) -> list[str]:
    if not plan.assigned:
        return []
    lines = ["Tiers" if not plan.proposed else "Tiers, as they are proposed"]
    lines += [
        one_line(f"  {tier.name:<14} {each.key}  ({each.because})")
        for tier in plan.policy.order
        for each in plan.assigned
        if each.tier == tier.name
    ]
    return lines


def _apart(plan: Plan) -> list[str]:
    if not plan.apart:
        return []
    lines = ["Without a gate"]
    for each in plan.apart:
        lines.append(one_line(f"  {each.key}: {each.because}"))
        if each.remedy:
            lines.append(one_line(f"    {each.remedy}"))
    return lines


def _policy(plan: Plan) -> list[str]:
    if plan.lacking or plan.empty:
        return [*_lacks(plan), *_accepts(plan.empty)]
    if not plan.proposed or not plan.assigned:
        return []
    indented = [f"  {line}" for line in policy_text(plan.policy).splitlines()]
    return [
        "The policy that this needs: save it, look at its order, give it with --config",
        *indented,
    ]


def _lacks(plan: Plan) -> Iterator[str]:
    if not plan.lacking:
        return
    yield "The policy on the hub lacks tiers: put them into it, look at their order, and give it"
    yield "with --config"
    below = ""
    for tier in plan.policy.order:
        if tier.name in plan.lacking:
            accept = f" with accept: [{', '.join(sorted(tier.accept))}]" if tier.accept else ""
            yield f"  {tier.name}, {f'after {below}' if below else 'first'}{accept}"
        below = tier.name


def _accepts(empty: Mapping[str, tuple[Doubt, ...]]) -> Iterator[str]:
    if not empty:
        return
    yield "In the policy: where nothing is and nobody can tell, a tier settles only with Empty"
    for tier, doubts in empty.items():
        yield f"  {tier}: accept: [Empty]"
        for why in dict.fromkeys(each.why for each in doubts):
            names = [each.spoke for each in doubts if each.why == why]
            yield one_line(f"    {some(sorted(names))}: {why}")


def _writers(plan: Plan) -> list[str]:
    if not plan.writers or plan.is_done:
        return []
    lines = ["Before the first selector asks for a gate: others write these Secrets"]
    for each in plan.writers:
        lines.append(one_line(f"  {each.code} {each.object}: {each.what}"))
        lines += [f"    {each.why}", f"    To mend it: {each.how}"]
    return lines


def _unseen(plan: Plan) -> list[str]:
    if not plan.unseen:
        return []
    lines = ["What was not read: with it nothing is proved"]
    return [*lines, *doubts_lines(plan.unseen, indent="  ")]


def _waiting(plan: Plan) -> list[str]:
    if not plan.waiting:
        return []
    lines = ["Nothing can be written: deletions wait for the next write to any cluster Secret"]
    lines += doubts_lines(plan.waiting[:_MOST], indent="  ")
    return [*lines, *_more(len(plan.waiting)), f"  {_HEAL}"]


_HEAL = (
    "give the Secret back the label that the selector asks for; or let it go, by a write of your "
    "own"
)


def _opens(plan: Plan) -> list[str]:
    if not plan.openings and not plan.unopened:
        return []
    lines = [f"First: open the gates of what runs, on {many(len(plan.openings), 'spoke')}"]
    lines += [f"  {opening_line(each)}" for each in plan.openings[:_MOST]]
    lines += _more(len(plan.openings))
    if plan.openings:
        sets, spokes = many(plan.sets, "ApplicationSet"), many(plan.spokes, "spoke")
        lines.append(f"    proved: {sets} on {spokes}: each selects the same before and after")
    return [*lines, *_stuck(plan.unopened)]


def _stuck(unopened: Iterable[Unopened]) -> Iterator[str]:
    """One line for each thing that keeps gates closed, with the gates that it keeps."""
    gates: dict[str, tuple[dict[str, None], dict[str, None]]] = defaultdict(lambda: ({}, {}))
    for each in unopened:
        for doubt in each.doubts:
            tiers, names = gates[doubt.why]
            tiers[each.tier] = names[each.name] = None
    for why, (tiers, names) in gates.items():
        yield one_line(f"  not done: {', '.join(tiers)} on {some(sorted(names))}: {why}")


def _gates(plan: Plan) -> list[str]:
    if not plan.gatings:
        return []
    lines = ["Then: the selectors ask for them"]
    for each in plan.gatings:
        lines += [f"  {line}" for line in gating_lines(each)]
        lines += [f"  {line}" for line in doubts_lines(each.doubts)]
    return lines


def _left(plan: Plan) -> list[str]:
    read = ", ".join(
        (
            many(plan.sets, "ApplicationSet"),
            many(plan.spokes, "cluster Secret"),
            many(plan.applications, "Application"),
        )
    )
    if refused := plan.refused:
        which = some([each.key for each in refused])
        return [read, one_line(f"left without the gate that somebody gave it: {which}; see above")]
    if not plan.is_done:
        return [read]
    gated = sum(each.gated for each in plan.assigned)
    return [f"{read}: {many(gated, 'addon')} behind their gates, nothing is left to be done"]


def _more(number: int) -> list[str]:
    return [f"  and {number - _MOST} more: -o json has them all"] if number > _MOST else []
