"""Which kubeconfig is meant, and can it be used?

Read here only to say what is wrong with it, in words that name no credential. What it says is taken
from it by kubernetes_asyncio (credentials.py), whose own errors are kept to ourselves: some of them
quote the whole user entry, tokens included.

Facts (client-go, tools/clientcmd): the file that was named, else those in $KUBECONFIG, else
~/.kube/config; of several files the first that names a thing decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from watcher.hub.errors import ConnectionFault

_USE_CONTEXT = "name one with --context, or run `kubectl config use-context NAME`"


class Overrides(Struct, frozen=True):
    """What is meant instead of what the kubeconfig says, as kubectl's flags of these names have it;
    None where it says itself.
    """

    cluster: str | None = None
    user: str | None = None
    as_user: str | None = None
    """Whom to act as; the hub asks whether this account may."""
    as_groups: tuple[str, ...] = ()


NONE = Overrides()
"""All is as the kubeconfig says."""


class _Cluster(Struct):
    server: str = ""


class _NamedCluster(Struct):
    name: str
    cluster: _Cluster | None = None


class _Context(Struct):
    cluster: str = ""


class _NamedUser(Struct):
    name: str


class _NamedContext(Struct):
    name: str
    context: _Context | None = None


class _Kubeconfig(Struct):
    current_context: str | None = field(default=None, name="current-context")
    contexts: list[_NamedContext] | None = None
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None


def kubeconfig_files(named: str | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that are meant: those named, else the default one if it exists."""
    if named is not None:
        return (Path(named).expanduser(),)
    listed = [Path(each).expanduser() for each in environ.get("KUBECONFIG", "").split(":") if each]
    if listed:
        return tuple(listed)
    default = Path(environ.get("HOME", "/")) / ".kube" / "config"
    return (default,) if default.is_file() else ()


def check_kubeconfig(
    files: Sequence[Path], context: str | None, overrides: Overrides = NONE
) -> str:
    """The context that is meant; raises `ConnectionFault` where it does not lead to a server, or a
    user is named whom there is not.
    """
    where = ":".join(map(str, files))
    read = [_read(each) for each in files if each.exists()]
    if not read:
        raise ConnectionFault(
            what="there is no such file",
            where=where,
            remedy="name an existing kubeconfig with --kubeconfig or $KUBECONFIG",
        )
    contexts = _first_by_name(each.contexts for each in read)
    wanted = context or next((each.current_context for each in read if each.current_context), None)
    if not wanted:
        raise ConnectionFault(
            what=f"it has no current context; it has {_listed(contexts)}",
            where=where,
            remedy=_USE_CONTEXT,
        )
    chosen = contexts.get(wanted)
    if chosen is None:
        raise ConnectionFault(
            what=f"there is no context {wanted!r}{_near(wanted, contexts)}; "
            f"there is {_listed(contexts)}",
            where=where,
            remedy=_USE_CONTEXT,
        )
    of_context = chosen.context.cluster if chosen.context else ""
    _check_cluster(
        _first_by_name(each.clusters for each in read), wanted, of_context, overrides, where
    )
    if overrides.user is not None:
        _check_user(_first_by_name(each.users for each in read), overrides.user, where)
    return str(wanted)


def _check_cluster(
    clusters: Mapping[str, _NamedCluster],
    context: str,
    of_context: str,
    overrides: Overrides,
    where: str,
) -> None:
    name = of_context if overrides.cluster is None else overrides.cluster
    named = clusters.get(name)
    if named is not None and named.cluster is not None and named.cluster.server:
        return
    if overrides.cluster is not None:
        raise ConnectionFault(
            what=f"there is no cluster {name!r} with a server{_near(name, clusters)}; "
            f"there is {_listed(clusters)}",
            where=where,
            remedy="name another with --cluster",
        )
    raise ConnectionFault(
        what=f"context {context!r} leads to the cluster {name!r}, which has no server",
        where=where,
        remedy="add the cluster with its `server`, or name another context with --context",
    )


def _check_user(users: Mapping[str, _NamedUser], name: str, where: str) -> None:
    if name not in users:
        raise ConnectionFault(
            what=f"there is no user {name!r}{_near(name, users)}; there is {_listed(users)}",
            where=where,
            remedy="name another with --user",
        )


def _read(file: Path) -> _Kubeconfig:
    try:
        document = yaml.safe_load(file.read_bytes())
    except OSError as error:
        raise _unusable(file, f"it cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _unusable(file, f"it is not YAML{line}: {error.problem}") from None
    except (yaml.YAMLError, UnicodeError):
        raise _unusable(file, "it is not YAML") from None
    return _shaped(file, document)


def _shaped(file: Path, document: Any) -> _Kubeconfig:
    if not isinstance(document, dict):
        raise _unusable(file, "it holds no mapping, so it is no kubeconfig")
    try:
        return msgspec.convert(document, _Kubeconfig)
    except msgspec.ValidationError as error:  # names types and members, never what they hold
        raise _unusable(file, f"it is no kubeconfig: {error}") from None


def _unusable(file: Path, what: str) -> ConnectionFault:
    return ConnectionFault(
        what=what, where=str(file), remedy="mend it, or name another with --kubeconfig"
    )


def _first_by_name(lists: Iterable[Sequence[Any] | None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in lists:
        for entry in each or ():
            found.setdefault(entry.name, entry)
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none at all"


def _near(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
