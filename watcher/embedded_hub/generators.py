"""Which sets of parameters do an ApplicationSet's generators give?

Each set is one Application. Written from what Argo CD documents and does, apart from the daemon's
own reading of generators, so that the two can judge each other.

Facts (Argo CD, applicationset/generators; each recorded in tests/selection): an empty selector adds
the hub itself where no Secret that matched has its server; Secrets that matched and share a
`data.name` collapse to one; `flatList` gives one set whatever matches; a matrix has two children,
the second rendered with what the first gave, its selector beside it not; a merge is decided by its
first child; what stands two levels deep may hold no matrix or merge; a generator's own `selector`
filters what it gave.

Elsewhere: what is made of a set (selection.py).

Not modelled: cluster decision resources, pull requests, SCM providers, plugins: they are an error.
Nor that Argo CD draws anew at each pass which of several Secrets of one name it takes: here the
seed says it once.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.cluster_selectors import (
    Match,
    SelectorError,
    label_match,
    parameter_match,
)
from watcher.embedded_hub.repository import (
    Files,
    directories,
    directory_path,
    file_parameters,
    file_path,
    flattened,
    normalized,
)
from watcher.embedded_hub.spokes import CLUSTER_LABEL, HUB_ITSELF, IN_CLUSTER_SERVER, Spoke
from watcher.embedded_hub.templates import Render, Strings, TemplateError, renderer

Generator: TypeAlias = Mapping[str, Any]
_Keyed: TypeAlias = dict[tuple[str, ...], "ParameterSet"]

_KINDS = (
    "list", "clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix",
    "merge", "plugin",
)  # fmt: skip
_COMBINING = ("matrix", "merge")
_DEEPEST_COMBINING = 1


class GenerationError(Exception):
    """Nothing is generated; `reason` is the condition's, empty where none would be written."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """The parameters of one Application."""

    parameters: Mapping[str, Any]
    origin: tuple[object, ...]
    """What they were made of. Within one generation of an ApplicationSet, equal origins mean equal
    parameters."""


@dataclass(frozen=True, slots=True)
class World:
    """What generators read of the hub."""

    spokes: Sequence[Spoke]
    files: Files
    chance: Chance


class Generators:
    """The generators of one ApplicationSet's spec; remembers what costs time to work out."""

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        self.render: Render = renderer(
            go=bool(spec.get("goTemplate")), options=spec.get("goTemplateOptions") or ()
        )
        self._go = bool(spec.get("goTemplate"))
        self._name = name
        self._entries: Sequence[Generator] = spec.get("generators") or ()
        self._matches: dict[str, Match] = {}
        self._matching: dict[tuple[str, str], tuple[str, bool]] = {}
        self._of_spoke: dict[tuple[str, str], ParameterSet] = {}
        self.reads_clusters = any(map(_reads_clusters, self._entries))
        """Whether an event of a Secret makes Argo CD look at it again."""
        self.reads_git = '"git"' in json.dumps(list(self._entries))
        """Whether it is looked at again every three minutes."""

    def sets(self, world: World) -> Iterator[tuple[Mapping[str, Any], list[ParameterSet]]]:
        """For each generator its own template (often empty), and the sets that it gives.

        Raises GenerationError.
        """
        for entry in self._entries:
            for kind in _kinds_of(entry):
                template = entry[kind].get("template") or {}
                try:
                    yield template, self._entry(entry, kind, world, 0, None)
                except TemplateError as error:
                    raise _failed(f"failed to replace parameters in generator: {error}") from None

    # One generator

    def _entry(
        self,
        entry: Generator,
        kind: str,
        world: World,
        depth: int,
        given: ParameterSet | None,
    ) -> list[ParameterSet]:
        keeps = _filter(entry.get("selector"))
        generator = entry[kind]
        if given is not None:
            generator = self.render(generator, given.parameters)
        sets = self._kind(kind, generator, world, depth)
        if entry.get("selector") is None:
            return sets
        return [one for one in sets if keeps(_seen(one.parameters))]

    def _kind(
        self, kind: str, generator: Generator, world: World, depth: int
    ) -> list[ParameterSet]:
        match kind:
            case "list":
                return self._list(generator)
            case "clusters":
                return self._clusters(generator, world)
            case "git":
                return self._git(generator, world)
            case "matrix":
                return self._matrix(generator, world, depth)
            case "merge":
                return self._merge(generator, world, depth)
            case _:
                raise _failed(f"the embedded hub has no {kind} generator")

    def _child(
        self, child: Generator, world: World, depth: int, given: ParameterSet | None = None
    ) -> list[ParameterSet]:
        kinds = [
            kind
            for kind in _kinds_of(child)
            if depth <= _DEEPEST_COMBINING or kind not in _COMBINING
        ]
        if len(kinds) > 1:
            raise _failed("found more than one generator in matrix.Generators")
        if not kinds:
            raise _failed("child generator generated no parameters")
        return self._entry(child, kinds[0], world, depth, given)

    def _list(self, generator: Generator) -> list[ParameterSet]:
        elements = list(generator.get("elements") or ())
        if written := generator.get("elementsYaml"):
            elements += yaml.safe_load(written) or []
        return [
            ParameterSet(element if self._go else flattened(element), ("list", _key(element)))
            for element in elements
        ]

    def _clusters(self, generator: Generator, world: World) -> list[ParameterSet]:
        selector = generator.get("selector") or {}
        spokes = self._collapsed(self._selected(selector, world.spokes), world)
        empty = not (selector.get("matchLabels") or selector.get("matchExpressions"))
        if empty and all(spoke.server != IN_CLUSTER_SERVER for spoke in spokes):
            spokes.append(HUB_ITSELF)
        values = generator.get("values") or {}
        key = _key(values)
        sets = [self._spoke_set(spoke, values, key) for spoke in spokes]
        if not generator.get("flatList"):
            return sets
        origin = ("flat list", *(one.origin for one in sets))
        return [ParameterSet({"clusters": [dict(one.parameters) for one in sets]}, origin)]

    def _selected(self, selector: Mapping[str, Any], spokes: Sequence[Spoke]) -> list[Spoke]:
        match, key = self._label_match(selector), _key(selector)
        selected = []
        for spoke in spokes:
            known = self._matching.get((spoke.uid, key))
            if known is None or known[0] != spoke.version:
                known = self._matching[spoke.uid, key] = (spoke.version, match(spoke.labels))
            if known[1]:
                selected.append(spoke)
        return selected

    def _collapsed(self, spokes: list[Spoke], world: World) -> list[Spoke]:
        by_name: dict[str, list[Spoke]] = {}
        for spoke in spokes:
            by_name.setdefault(spoke.name, []).append(spoke)
        if len(by_name) == len(spokes):
            return spokes
        return [
            world.chance.pick(same, "name collision", self._name, name)
            for name, same in by_name.items()
        ]

    def _spoke_set(self, spoke: Spoke, values: Mapping[str, str], key: str) -> ParameterSet:
        known = self._of_spoke.get((spoke.uid, key))
        if known is None or known.origin[1] != spoke.version:
            parameters = self._with_values(self._of(spoke), values)
            known = ParameterSet(parameters, (spoke.uid, spoke.version, key))
            self._of_spoke[spoke.uid, key] = known
        return known

    def _of(self, spoke: Spoke) -> dict[str, Any]:
        plain = {
            "name": spoke.name,
            "nameNormalized": normalized(spoke.name),
            "server": spoke.server,
            "project": spoke.project,
        }
        parts = {"labels": spoke.labels, "annotations": spoke.annotations}
        if not self._go:
            return plain | flattened({"metadata": parts})
        metadata = {part: Strings(pairs) for part, pairs in parts.items() if pairs}
        return {**plain, "metadata": metadata} if metadata else plain

    def _with_values(self, parameters: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
        if not values:
            return parameters
        rendered = self.render(dict(values), parameters)
        if self._go:
            return {**parameters, "values": Strings(rendered)}
        return parameters | {f"values.{key}": value for key, value in rendered.items()}

    def _git(self, generator: Generator, world: World) -> list[ParameterSet]:
        values = generator.get("values") or {}
        found: list[dict[str, Any]] = [
            directory_path(path, go=self._go)
            for path in directories(world.files, generator.get("directories") or [])
        ]
        for path, content in file_parameters(world.files, generator.get("files") or []):
            told = dict(content) if self._go else flattened(content)
            found.append(told | file_path(path, go=self._go))
        sets = [self._with_values(parameters, values) for parameters in found]
        return [ParameterSet(parameters, ("git", _key(parameters))) for parameters in sets]

    # Generators of generators

    def _matrix(self, generator: Generator, world: World, depth: int) -> list[ParameterSet]:
        children = list(generator.get("generators") or ())
        if len(children) != 2:
            amount = "less" if len(children) < 2 else "more"
            raise _failed(f"found {amount} than two generators, Matrix support only two")
        first, second = children
        return [
            ParameterSet(self._crossed(one, other), (*one.origin, *other.origin))
            for one in self._child(first, world, depth + 1)
            for other in self._child(second, world, depth + 1, one)
        ]

    def _crossed(self, one: ParameterSet, other: ParameterSet) -> Mapping[str, Any]:
        if self._go:
            return laid_over(other.parameters, one.parameters)
        for key, value in one.parameters.items():
            if other.parameters.get(key, value) != value:
                raise _failed(
                    "failed to combine string maps with merging params for the matrix generator:"
                    f" found duplicate key {key} with different value, a: {value} ,b:"
                    f" {other.parameters[key]}"
                )
        return {**one.parameters, **other.parameters}

    def _merge(self, generator: Generator, world: World, depth: int) -> list[ParameterSet]:
        children = generator.get("generators") or ()
        if len(children) < 2:
            raise _failed("found less than two generators, Merge requires two or more")
        keys = generator.get("mergeKeys") or []
        if not keys:
            raise _failed(
                "error getting param sets by merge key: no merge keys were specified, Merge"
                " requires at least one"
            )
        base, *later = (_by_key(self._child(child, world, depth + 1), keys) for child in children)
        for overrides in later:
            for key, one in overrides.items():
                if key in base:
                    base[key] = self._overridden(base[key], one)
        return list(base.values())

    def _overridden(self, one: ParameterSet, by: ParameterSet) -> ParameterSet:
        if self._go:
            parameters: Mapping[str, Any] = laid_over(one.parameters, by.parameters)
        else:
            parameters = {**one.parameters, **by.parameters}
        return ParameterSet(parameters, (*one.origin, *by.origin))

    def _label_match(self, selector: Mapping[str, Any]) -> Match:
        key = _key(selector)
        if key not in self._matches:
            try:
                self._matches[key] = label_match(selector, {CLUSTER_LABEL: "cluster"})
            except SelectorError as error:
                doing = "error getting cluster secrets: error converting label selector"
                raise _failed(f"{doing}: {error}") from None
        return self._matches[key]


def laid_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`under` with `over` on top, maps within maps too.

    Raises GenerationError where Argo CD's library panics: a map of anything over one of strings.
    """
    both = dict(under)
    for key, part in over.items():
        old = both.get(key)
        if isinstance(old, Strings) and isinstance(part, Mapping) and not isinstance(part, Strings):
            raise GenerationError("", "reflect.Set: value of type interface {} is not a string")
        if isinstance(old, Strings) and isinstance(part, Strings):
            both[key] = Strings({**old, **part})
        elif isinstance(old, Mapping) and isinstance(part, Mapping):
            both[key] = laid_over(old, part)
        else:
            both[key] = part
    return both


def _seen(parameters: Mapping[str, Any]) -> dict[str, str]:
    """As a generator's own selector sees them: a list is one value, unread."""
    opaque = {key: "a list" if isinstance(part, list) else part for key, part in parameters.items()}
    return flattened(opaque)


def _kinds_of(entry: Generator) -> list[str]:
    return [kind for kind in _KINDS if entry.get(kind) is not None]


def _reads_clusters(entry: Generator) -> bool:
    children = itertools.chain.from_iterable(
        (entry.get(kind) or {}).get("generators") or () for kind in _COMBINING
    )
    return entry.get("clusters") is not None or any(map(_reads_clusters, children))


def _filter(selector: Mapping[str, Any] | None) -> Match:
    if selector is None:
        return lambda _: True
    try:
        return parameter_match(selector)
    except SelectorError as error:
        raise _failed(f"error parsing label selector: {error}") from None


def _by_key(sets: list[ParameterSet], keys: Sequence[str]) -> _Keyed:
    found: dict[tuple[str, ...], ParameterSet] = {}
    for one in sets:
        values = [one.parameters.get(key) for key in keys]
        key = tuple(value if isinstance(value, str) else _key(value) for value in values)
        if key in found:
            raise _failed(
                "error getting param sets by merge key: the parameters from a generator were not"
                " unique by the given mergeKeys, Merge requires all param sets to be unique."
                f" Duplicate key was {_key(dict(zip(keys, values, strict=True)))}"
            )
        found[key] = one
    return found


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _failed(message: str) -> GenerationError:
    return GenerationError("ApplicationGenerationFromParamsError", message)
