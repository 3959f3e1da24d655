"""What is in the hub's repository?

One repository stands for all. For git generators it is a map from a file's path to its text, which
a scenario gives; for Applications, a head that moves, and what moved with it at which path.

Facts (Argo CD, applicationset/generators/git.go): directories are matched by pattern, those that an
`exclude` pattern matches are left out; `*` does not reach across `/`, `**` does (files only); a
file holds one map of parameters or a list of them; without goTemplate everything is flattened.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeAlias

import yaml

Files: TypeAlias = Mapping[str, str]


class Content(NamedTuple):
    """What an Application's source renders to, as far as it can differ."""

    source: str
    rollouts: int
    """How many commits changed what its Pods run."""
    others: int
    """How many changed anything else."""


class Commits:
    """What was committed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._pushed: list[tuple[str, bool]] = []

    def push(self, path: str, *, rolls: bool) -> None:
        """A commit that changes what is at `path`: its Pods, or something else of it."""
        self._pushed.append((path, rolls))

    def head(self) -> str:
        """The commit that HEAD is."""
        told = f"{self._seed} {len(self._pushed)}".encode()
        return hashlib.blake2b(told, digest_size=20).hexdigest()

    def revision(self, source: Mapping[str, Any]) -> str:
        """What a source's target revision resolves to: a chart's version, or the head."""
        return str(source.get("targetRevision")) if source.get("chart") else self.head()

    def content(self, sources: Sequence[Mapping[str, Any]]) -> Content:
        """What sources render to now."""
        paths = {source.get("path") for source in sources}
        rolls = [rolls for path, rolls in self._pushed if path in paths]
        told = json.dumps(list(sources), sort_keys=True)
        return Content(told, rolls.count(True), rolls.count(False))


def directories(files: Files, wanted: list[Mapping[str, Any]]) -> list[str]:
    """The directories that a generator's `directories` mean, in order."""
    every = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    included = [_pattern(entry["path"]) for entry in wanted if not entry.get("exclude")]
    excluded = [_pattern(entry["path"]) for entry in wanted if entry.get("exclude")]
    return [
        path
        for path in sorted(every - {"."})
        if any(pattern.fullmatch(path) for pattern in included)
        and not any(pattern.fullmatch(path) for pattern in excluded)
    ]


def file_parameters(
    files: Files, wanted: list[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The path, and one map of parameters, for each that a generator's `files` mean."""
    patterns = [_pattern(entry["path"]) for entry in wanted]
    for path in sorted(files):
        if any(pattern.fullmatch(path) for pattern in patterns):
            content = yaml.safe_load(files[path])
            for parameters in content if isinstance(content, list) else [content or {}]:
                yield path, parameters


def directory_path(path: str, *, go: bool) -> dict[str, Any]:
    """The parameters that tell where a directory is."""
    parts = PurePosixPath(path).parts
    basename = parts[-1] if parts else ""
    if go:
        told = {"path": path, "basename": basename, "basenameNormalized": normalized(basename)}
        return {"path": {**told, "segments": list(parts)}}
    flat = {f"path[{at}]": part for at, part in enumerate(parts)}
    return {
        "path": path,
        "path.basename": basename,
        "path.basenameNormalized": normalized(basename),
        **flat,
    }


def file_path(path: str, *, go: bool) -> dict[str, Any]:
    """The parameters that tell where a file is."""
    file = PurePosixPath(path)
    told = directory_path("" if str(file.parent) == "." else str(file.parent), go=go)
    if go:
        inside = told["path"]
        name = {"filename": file.name, "filenameNormalized": normalized(file.name)}
        return {"path": {**inside, **name}}
    name = {"path.filename": file.name, "path.filenameNormalized": normalized(file.name)}
    return {**told, **name}


def flattened(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """`value` as a map of strings, the keys of maps within maps joined by dots."""
    flat: dict[str, str] = {}
    for key, part in value.items():
        if isinstance(part, Mapping):
            flat |= flattened(part, f"{prefix}{key}.")
        elif isinstance(part, list):
            flat |= flattened({f"{key}.{at}": member for at, member in enumerate(part)}, prefix)
        else:
            flat[f"{prefix}{key}"] = _text(part)
    return flat


def normalized(name: str) -> str:
    """`name` made fit for the name of an object (applicationset/utils/template_functions.go)."""
    lowered = re.sub(r"[^-a-z0-9.]", "-", name.lower())[:253]
    return lowered.strip("-.")


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*|\?)", glob)
    meant = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meant.get(part, re.escape(part)) for part in parts))
