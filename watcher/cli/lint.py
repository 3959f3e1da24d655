"""Says what is unsafe before a gate opens: in files, in a stream, or on the hub.

Ends with 0 where nothing reaches the threshold, with 1 where something does, with 2 where
something could not be read: then what could be is judged all the same.

Elsewhere: the rules (lint/); what a text or the hub says (hub/documents.py, hub/written.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from watcher.cli.ending import FAILED, OK, UNUSABLE, complain, end
from watcher.cli.hub_flags import HubFlags, hub_flags, run
from watcher.cli.policy_flag import policy_flag
from watcher.daemon import PolicyFile
from watcher.hub.documents import LONGEST_BYTES, documents
from watcher.hub.written import Writings, take_all
from watcher.lint import Inventory, Place, Severity, as_github, as_json, as_text
from watcher.lint import lint as judge
from watcher.policy import Fault, Policy

_STREAM = "-"
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_PRINT = {"text": as_text, "json": as_json, "github": as_github}


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@policy_flag(
    "The policy file. Without it, what needs to know the tiers is not judged, and that is said."
)
@click.option("--from-hub", is_flag=True, help="Read the hub; so it does where no PATH is given.")
@hub_flags(
    "Where Argo CD runs, whatever the policy says; argocd without one. In files: where objects are "
    "that name no namespace."
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(list(_PRINT)),
    default="text",
    show_default=True,
    help="github: annotations of a workflow.",
)
@click.option(
    "--fail-on",
    type=click.Choice([Severity.WARNING.value, Severity.ERROR.value]),
    default=Severity.ERROR.value,
    show_default=True,
    help="End with 1 from this severity on.",
)
def lint(
    *,
    paths: tuple[str, ...],
    config: Path | None,
    from_hub: bool,
    hub: HubFlags,
    output: str,
    fail_on: str,
) -> None:
    """Say what is unsafe, or must be known, before a gate opens.

    Reads ApplicationSets, cluster Secrets and Applications: from files and folders (YAML or JSON),
    from standard input where PATH is - (as in: helm template ... | gate-watcher lint -), or from
    the hub. Credentials are skipped as they are read. Reading the hub takes your own right to list
    these, Secrets among them.

    Ends with 0 where nothing reaches --fail-on, with 1 where something does, with 2 where something
    could not be read: each fault on a line, with its place and what to do.
    """
    if from_hub and paths:
        raise click.UsageError("give either PATH or --from-hub")
    policy, faults = _policy(config, hub.named)
    if faults:
        end(UNUSABLE, *faults)
    where = hub.named or (policy.namespace if policy else hub.namespace)
    writings = Writings(policy, namespace=where)
    if paths:
        inventory, faults = _from_files(writings, paths)
    else:
        run(_list(writings, policy, where, hub), refused=UNUSABLE)
        inventory = writings.inventory(whole=True)
    linted = judge(inventory)
    click.echo(_PRINT[output](linted))
    if faults:
        end(UNUSABLE, *faults)
    sys.exit(FAILED if linted.reaches(Severity(fail_on)) else OK)


def _policy(config: Path | None, namespace: str | None) -> tuple[Policy | None, list[Fault]]:
    if config is None:
        return None, []
    read = PolicyFile(config, namespace=namespace).read()
    return (read, []) if isinstance(read, Policy) else (None, list(read))


def _from_files(writings: Writings, paths: tuple[str, ...]) -> tuple[Inventory, list[Fault]]:
    faults: list[Fault] = []
    read = False
    for path in paths:
        for file in _files(path, faults):
            read |= _take(writings, file, faults)
    if not read and not faults:
        problem = "it holds no ApplicationSet, no cluster Secret and no Application"
        remedy = "name the files that do, or render the chart and give it on standard input"
        faults.append(Fault(" ".join(paths), 1, "", problem, remedy))
    return writings.inventory(whole=False), faults


def _files(path: str, faults: list[Fault]) -> Iterator[str]:
    """The files that are meant by a path; those of a chart are no YAML before they are rendered."""
    if path == _STREAM or not Path(path).is_dir():
        yield path
        return
    found = 0
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        if "Chart.yaml" in names and "templates" in folders:
            folders.remove("templates")
            what = "the templates of a chart are left out; render it and give it on standard input"
            complain(f"{folder}/templates: {what}")
        for name in sorted(names):
            if Path(name).suffix in _SUFFIXES:
                found += 1
                yield str(Path(folder, name))
    if not found:
        problem = "there is no YAML and no JSON in it"
        faults.append(Fault(path, 1, "", problem, "name another folder, or a file"))


def _take(writings: Writings, path: str, faults: list[Fault]) -> bool:
    """Whether the file holds anything to be judged."""
    file = "stdin" if path == _STREAM else path
    try:
        text = _read(path)
    except OSError as error:
        problem = f"it cannot be read: {error.strerror or type(error).__name__}"
        faults.append(Fault(file, 1, "", problem, "name a file that exists and may be read"))
        return False
    found, wrong = documents(text, file=file)
    faults += wrong
    taken = [
        writings.take(each.body, Place(file, each.line), repeated=each.repeated) for each in found
    ]
    return any(taken)


def _read(path: str) -> bytes:
    """Its content; of one that is too long, only so much that it is seen to be."""
    if path == _STREAM:
        return sys.stdin.buffer.read(LONGEST_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(LONGEST_BYTES + 1)


async def _list(writings: Writings, policy: Policy | None, namespace: str, hub: HubFlags) -> None:
    namespaces = policy.application_namespaces if policy else (namespace,)
    async with hub.connected() as connection:
        await take_all(connection, writings, namespace=namespace, namespaces=namespaces)
