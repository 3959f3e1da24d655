"""What must be written into an ApplicationSet so that a gate holds its addon?

The gate's requirement goes into every clusters generator that decides which spokes there are, and
nowhere else: of a merge into the first child, of a matrix into that child, or both, that reads
clusters. It is written as the selector is written already: among its matchExpressions where it has
any, else among its matchLabels. The template gets the label of the tier, which guard C goes by, and
that of the spoke where the destination does not tell it.

The change is made on the generators as they are written and read again, so that what is proved is
what is sent.

Facts (RFC 6902, RFC 6901; gitops-bridge-dev/gitops-bridge-helm-charts at 03a4a47, charts/
application-sets; aws-samples/fleet-management-on-amazon-eks-workshop at b93f942, charts/
gitops-bridge): JSON patch, and which values of these charts come out in which selector. Both charts
label what they render with `helm.sh/chart`.

Elsewhere: whether it is safe (proving.py); who would take it away again (keeping.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, structs

from watcher.decide.gates import closed_value, open_value
from watcher.facts import ApplicationSet, Generator
from watcher.lint import WrittenSet
from watcher.policy import Gates

Reader: TypeAlias = Callable[[bytes], tuple[Generator, ...]]
"""Reads generators from JSON, as the watcher does (hub/generators.py)."""


class Operation(Struct, frozen=True):
    """One operation of a JSON patch."""

    op: str
    path: str
    value: Any


class Line(Struct, frozen=True):
    """A line of YAML, and where it goes."""

    where: str
    write: str


class Change(Struct, frozen=True):
    """What one ApplicationSet needs."""

    operations: tuple[Operation, ...]
    """Empty where it cannot be patched as it stands."""
    lines: tuple[Line, ...]
    after: ApplicationSet
    """The ApplicationSet with it."""
    chart: str = ""
    """The chart that rendered it, where that is one that is known."""
    values: tuple[Line, ...] = ()
    """The same among the chart's values; those of the GitOps Bridge's own chart have no place for
    labels of the template."""
    by_hand: str = ""
    """Why it cannot be patched."""


class Leaf(Struct, frozen=True):
    """One clusters generator that decides, in the JSON: it is changed in place."""

    path: tuple[str | int, ...]
    body: dict[str, Any]


def change(each: WrittenSet, tier: str, gates: Gates, read: Reader) -> Change:
    """What puts the ApplicationSet behind the gate of `tier`."""
    written = msgspec.json.decode(each.generators or b"[]")
    bare = [at for at, entry in enumerate(written) if not any(True for _ in leaves(entry))]
    operations: list[Operation] = []
    lines: list[Line] = []
    for at, entry in enumerate(written):
        for leaf in leaves(entry, ("spec", "generators", at)):
            for operation, line in _asked(leaf, tier, gates):
                operations.append(operation)
                lines.append(line)
    labels, told = _labels(each, tier, gates)
    chart = _chart(each)
    after = structs.replace(
        each.set, generators=read(msgspec.json.encode(written)), tier_label=tier
    )
    return Change(
        operations=() if bare else (*operations, *labels),
        lines=(*lines, *told),
        after=after,
        chart=chart,
        values=_values(each, chart, tier, gates) if chart else (),
        by_hand=f"generators[{bare[0]}] reads no clusters, and what it makes has no gate: split "
        "the ApplicationSet in two"
        if bare
        else "",
    )


def command(each: WrittenSet, operations: tuple[Operation, ...]) -> str:
    """What a person types to make the change on the hub."""
    patch = msgspec.json.encode(operations).decode().replace("'", "'\\''")
    return (
        f"kubectl -n {each.namespace} patch applicationset {each.set.name} --type=json -p '{patch}'"
    )


def leaves(entry: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> Iterator[Leaf]:
    """The clusters generators that decide which spokes there are, in an entry of `generators`: as
    `deciding` finds them in what was read of it (decide/selection.py).
    """
    for kind in ("clusters", "matrix", "merge"):
        body = entry.get(kind)
        if not isinstance(body, dict):
            continue
        if kind == "clusters":
            yield Leaf((*path, kind), body)
            continue
        children = body.get("generators") or []
        for at, child in enumerate(children[:1] if kind == "merge" else children):
            yield from leaves(child, (*path, kind, "generators", at))


def _asked(leaf: Leaf, tier: str, gates: Gates) -> Iterator[tuple[Operation, Line]]:
    """The gate's requirement, in the way in which this selector is written."""
    key, value = gates.key(tier), open_value(gates)
    selector = leaf.body.get("selector") or {}
    expressions, labels = selector.get("matchExpressions"), selector.get("matchLabels")
    if key in (labels or {}) or any(one.get("key") == key for one in expressions or ()):
        return
    if value is not None and not expressions:
        wanted: Any = value
        member, path = "matchLabels", ("matchLabels", key)
        text = f"{key}: {value}"
        whole: Any = {**(labels or {}), key: value}
        exists = bool(labels)
    else:
        wanted = _expression(key, gates)
        member, path = "matchExpressions", ("matchExpressions", "-")
        text = f"- {_flow(wanted)}"
        whole = [*(expressions or ()), wanted]
        exists = bool(expressions)
    if exists:
        operation = Operation("add", _pointer((*leaf.path, "selector", *path)), wanted)
    elif leaf.body.get("selector"):
        operation = Operation("add", _pointer((*leaf.path, "selector", member)), whole)
    else:
        operation = Operation("add", _pointer((*leaf.path, "selector")), {member: whole})
    leaf.body["selector"] = {**selector, member: whole}
    yield operation, Line(_said((*leaf.path, "selector", member)), text)


def _expression(key: str, gates: Gates) -> dict[str, Any]:
    if (value := open_value(gates)) is not None:
        return {"key": key, "operator": "In", "values": [value]}
    return {"key": key, "operator": "NotIn", "values": [closed_value(gates)]}


def _labels(
    each: WrittenSet, tier: str, gates: Gates
) -> tuple[tuple[Operation, ...], tuple[Line, ...]]:
    """The labels that the template needs beside what it has."""
    wanted = {} if each.set.tier_label is not None else {gates.tier_key: tier}
    if not each.set.destination_varies and gates.spoke_key not in each.template.labels:
        wanted[gates.spoke_key] = "{{.name}}" if each.set.go_template else "{{name}}"
    if not wanted:
        return (), ()
    where = ("spec", "template", "metadata", "labels")
    lines = tuple(Line(_said(where), f"{key}: {_quoted(text)}") for key, text in wanted.items())
    if not each.template.labels:
        return (Operation("add", _pointer(where), wanted),), lines
    return (
        tuple(Operation("add", _pointer((*where, key)), text) for key, text in wanted.items()),
        lines,
    )


_CHART = re.compile(r"(application-sets|appset-chart|gitops-bridge)-v?\d")


def _chart(each: WrittenSet) -> str:
    found = _CHART.match(each.origin.labels.get("helm.sh/chart", ""))
    return found[1] if found else ""


def _values(each: WrittenSet, chart: str, tier: str, gates: Gates) -> tuple[Line, ...]:
    """The same among the values of the chart that rendered it."""
    key, value = gates.key(tier), open_value(gates)
    expression = f"matchExpressions: [{_flow(_expression(key, gates))}]"
    if chart == "gitops-bridge":
        return (
            Line(f"addons.{each.set.name}.selector", expression),
            Line("for the whole chart", "useSelector: true"),
            Line(f"addons.{each.set.name}.labelsApp", f"{gates.tier_key}: {tier}"),
        )
    matrix = b'"matrix"' in each.generators
    if matrix or value is None:
        return (
            Line(f"{each.set.name}.selector", expression),
            Line("for the whole chart", "useSelectors: true"),
        )
    return (Line(f"{each.set.name}.selectorMatchLabels", f"{key}: {value}"),)


def _pointer(path: tuple[str | int, ...]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)


def _said(path: tuple[str | int, ...]) -> str:
    """As people write it: spec.generators[0].clusters."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def _flow(expression: Mapping[str, Any]) -> str:
    values = ", ".join(expression["values"])
    return f"{{key: {expression['key']}, operator: {expression['operator']}, values: [{values}]}}"


def _quoted(text: str) -> str:
    return f"'{text}'" if "{{" in text else text
