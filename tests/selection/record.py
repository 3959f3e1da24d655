"""Which Applications does a real Argo CD make of each case? Asks it, and writes the answer down.

    python tests/selection/record.py --kubeconfig FILE --recorded-from "Argo CD 3.5.1" [CASE...]
    python tests/selection/record.py --kubeconfig FILE --check [CASE...]

Knows a hub with an applicationset controller on it, and the files in `cases/`. Knows nothing of the
watcher: its answers judge the watcher's.

A case, `cases/NAME.yaml`:
- `says`: the rule it stands for, and where Argo CD has it.
- `secrets`: cluster Secrets, compact: name (the Secret's), data, labels, annotations. The label
  that makes it a cluster Secret is implied unless `clusterLabel: false`; `namespace` is Argo CD's
  unless given; `deleting: true` leaves it there with a deletion under way.
- `applicationSets`: name and spec. A repository that is just `GIT` stands for one made of `git`.
- `git`: path to content, for generators that read files.
- `before`: secrets and applicationSets that the hub held, and had finished with, until these came.
- `collides: true`: the answer is drawn anew at each pass, so all that was seen is listed.
- `expect`, always last, written only here:
  - `applications`: ApplicationSet to rows of [Application, spoke]. The spoke is the Secret that the
    destination resolves to, several joined by `|`, `in-cluster (synthetic)`, or `none`. What is
    being deleted is not there.
  - `errors`: ApplicationSet to what its condition ErrorOccurred says while that is True; or
    `no condition at all`, the only trace of a pass that panics.
  - `seen`: instead of both, for a case that collides: the different answers, in no order.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go):
- The annotation application-set-refresh starts a pass when its value changes. It is removed at the
  end of that pass, and stays where generating failed.
- No condition tells which pass it speaks of. Hence: two passes, then a time without any change.
- What validates destinations reads Secrets through a cache of its own: one that is very new may be
  refused, and is not looked at again for three minutes. The second pass covers that too.
- An ApplicationSet that is deleted does not take its Applications along where no garbage collector
  runs, and their finalizers wait for spokes that do not exist. So both are done here.

Cases with `git` need a repo server that reads this machine's files. Where it does not, leave them
out with `--without-git`.

It deletes what it made, and so it refuses to start where it finds anything that it did not make: an
object is ours when our field manager is among its own, an Application when its ApplicationSet is.
"""

from __future__ import annotations

import argparse
import base64
import copy
import http.client
import itertools
import json
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Object: TypeAlias = dict[str, Any]
Outcome: TypeAlias = dict[str, Any]

CASES = Path(__file__).parent / "cases"
MANAGER = "selection-recorder"
NAMESPACE = "argocd"
REFRESH = "argocd.argoproj.io/application-set-refresh"
CLUSTER_LABEL = {"argocd.argoproj.io/secret-type": "cluster"}
HOLD = "example.invalid/hold"  # on a Secret that is to stay while it is being deleted
IN_CLUSTER = "https://kubernetes.default.svc"
CACHED_S = 0.5  # or a pass sees half of the Secrets, and what it makes outlives a later error
LAST_PASS_S = 0.5  # a pass that had begun before its ApplicationSet went
QUIET_S = 1.5  # a pass takes tens of milliseconds, and both passes have been asked for by then
LISTED = re.compile(r"\[(https?://[^\]]*)\]")  # URLs that come in any order
SILENT = "no condition at all"
SILENT_S = 10.0  # after this long the controller does not speak of an ApplicationSet
LIMIT_S = 60.0  # no case took a tenth of this; beyond it something is broken, not slow
DRAWS = 60  # passes over a case that collides: one of two Secrets wins but one time in eight


class HubError(Exception):
    """The hub did not do as it was asked."""


class ConflictError(HubError):
    """Somebody else wrote in between."""


class Hub:
    """One API server, as a kubeconfig has it: token or client certificate, no exec plugins."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        context = _named(config["contexts"], config["current-context"])["context"]
        cluster = _named(config["clusters"], context["cluster"])["cluster"]
        user = _named(config["users"], context["user"])["user"]
        self._server = urllib.parse.urlsplit(cluster["server"])
        self._tls = _tls(cluster, user)
        self._headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}

    def call(self, method: str, path: str, body: Object | None = None) -> Object | None:
        """The answer's object; None where there is no such object."""
        patch = "application/merge-patch+json" if method == "PATCH" else "application/json"
        connection = http.client.HTTPSConnection(self._server.netloc, context=self._tls, timeout=30)
        try:
            connection.request(
                method,
                f"{self._server.path.rstrip('/')}{path}?fieldManager={MANAGER}",
                json.dumps(body) if body is not None else None,
                {**self._headers, "Content-Type": patch},
            )
            answer = connection.getresponse()
            text = answer.read()
        except OSError as error:
            raise HubError(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if answer.status == http.HTTPStatus.NOT_FOUND and method != "POST":
            return None
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            refusal = ConflictError if answer.status == http.HTTPStatus.CONFLICT else HubError
            raise refusal(f"{method} {path}: {answer.status} {text.decode()[:600]}")
        found: Object = json.loads(text)
        return found

    def items(self, path: str) -> list[Object]:
        """All objects of a kind in a namespace."""
        found = self.call("GET", path)
        if found is None:
            raise HubError(f"{path}: no such kind; is this Argo CD's hub?")
        return list(found.get("items") or [])

    def put(self, path: str, wanted: Object) -> None:
        """Make it so, whether it was there or not; labels and annotations are replaced whole."""
        one = f"{path}/{wanted['metadata']['name']}"
        wanted = copy.deepcopy(wanted)
        for _ in range(10):  # the controller writes to what it reads: a conflict is no news
            there = self.call("GET", one)
            if there is None:
                self.call("POST", path, wanted)
                return
            wanted["metadata"]["resourceVersion"] = there["metadata"]["resourceVersion"]
            try:
                self.call("PUT", one, wanted)
            except ConflictError:
                continue
            return
        raise HubError(f"{one}: conflicts without end")


def _named(entries: list[Object], name: str) -> Object:
    return next(entry for entry in entries if entry["name"] == name)


def _tls(cluster: Object, user: Object) -> ssl.SSLContext:
    """`ssl` reads client certificates from files only: data becomes a file for a moment."""
    ca = cluster.get("certificate-authority-data")
    tls = ssl.create_default_context(
        cafile=cluster.get("certificate-authority"),
        cadata=base64.b64decode(ca).decode() if ca else None,
    )
    if cluster.get("insecure-skip-tls-verify"):
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    if "client-certificate-data" in user:
        with tempfile.NamedTemporaryFile(suffix=".pem") as pair:
            for key in ("client-certificate-data", "client-key-data"):
                pair.write(base64.b64decode(user[key]))
            pair.flush()
            tls.load_cert_chain(pair.name)
    elif "client-certificate" in user:
        tls.load_cert_chain(user["client-certificate"], user["client-key"])
    return tls


def secrets_path(namespace: str) -> str:
    """Where Secrets are."""
    return f"/api/v1/namespaces/{namespace}/secrets"


def argo_path(kind: str) -> str:
    """Where Applications and ApplicationSets are."""
    return f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/{kind}"


# --- what a case puts on the hub


def secret(compact: Object) -> Object:
    """The Secret that a case means by its compact form."""
    labels = {} if compact.get("clusterLabel") is False else CLUSTER_LABEL
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": compact["name"],
            "namespace": compact.get("namespace", NAMESPACE),
            "labels": {**labels, **(compact.get("labels") or {})},
            "annotations": compact.get("annotations") or {},
            "finalizers": [HOLD] if compact.get("deleting") else [],
        },
        "data": {
            key: base64.b64encode(value.encode()).decode()
            for key, value in (compact.get("data") or {}).items()
        },
    }


def application_set(compact: Object, repository: str) -> Object:
    """The ApplicationSet that a case means, with its repository where it is now."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": compact["name"], "namespace": NAMESPACE},
        "spec": _replaced(compact["spec"], repository),
    }


def _replaced(value: Any, repository: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(member, repository) for key, member in value.items()}
    if isinstance(value, list):
        return [_replaced(member, repository) for member in value]
    return repository if value == "GIT" else value


@contextmanager
def repository_of(files: Mapping[str, str]) -> Iterator[str]:
    """A new one for each case: revisions are cached by URL."""
    if not files:
        yield "GIT"
        return
    with tempfile.TemporaryDirectory(prefix="selection-") as folder:
        for path, content in files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        identity = ["-c", "user.name=recorder", "-c", "user.email=recorder@example.invalid"]
        for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "case"]):
            subprocess.run(["git", *command], cwd=folder, check=True)
        yield Path(folder).as_uri()


def lay(hub: Hub, part: Object, repository: str) -> None:
    """Put one part of a case on the hub; what an earlier part had and this has not, goes."""
    secrets = [secret(compact) for compact in part.get("secrets") or []]
    kept = {(s["metadata"]["namespace"], s["metadata"]["name"]) for s in secrets}
    for old in ours(hub, secrets_path(NAMESPACE)):
        if (NAMESPACE, old["metadata"]["name"]) not in kept:
            hub.call("DELETE", f"{secrets_path(NAMESPACE)}/{old['metadata']['name']}")
    for wanted in secrets:
        path = secrets_path(wanted["metadata"]["namespace"])
        hub.put(path, wanted)
        if wanted["metadata"]["finalizers"]:
            hub.call("DELETE", f"{path}/{wanted['metadata']['name']}")
    time.sleep(CACHED_S)
    for compact in part.get("applicationSets") or []:
        hub.put(argo_path("applicationsets"), application_set(compact, repository))


# --- what the controller made of it


def settled(hub: Hub, case: Object, repository: str) -> Outcome:
    """The controller's answer, after two passes that began after everything was laid."""
    names = [compact["name"] for compact in case["applicationSets"]]
    silent = set(names) - spoken(hub, names)
    for _ in range(2):
        one_pass(hub, names, silent)
        time.sleep(0.3)
    return quiet(hub, case, repository)


def one_pass(hub: Hub, names: list[str], silent: set[str]) -> None:
    """Have the controller go over each ApplicationSet once more."""
    for name in names:
        refresh(hub, name)
    wait(lambda: all(passed(hub, name) for name in names if name not in silent), "no pass")


def spoken(hub: Hub, names: list[str]) -> set[str]:
    """The ApplicationSets that have conditions, all of them or after some patience."""
    until = time.monotonic() + SILENT_S
    while True:
        found = {name for name in names if conditions(hub, name)}
        if len(found) == len(names) or time.monotonic() > until:
            return found
        time.sleep(0.1)


def refresh(hub: Hub, name: str) -> None:
    """Start a pass over one ApplicationSet."""
    patch = {"metadata": {"annotations": {REFRESH: str(time.time_ns())}}}
    hub.call("PATCH", f"{argo_path('applicationsets')}/{name}", patch)


def conditions(hub: Hub, name: str) -> dict[str, Object]:
    """An ApplicationSet's conditions by type."""
    found = hub.call("GET", f"{argo_path('applicationsets')}/{name}") or {}
    listed = (found.get("status") or {}).get("conditions") or []
    return {condition["type"]: condition for condition in listed}


def passed(hub: Hub, name: str) -> bool:
    """Whether a refreshed ApplicationSet has had its pass, as far as that can be told."""
    found = hub.call("GET", f"{argo_path('applicationsets')}/{name}") or {}
    waits = REFRESH in (found.get("metadata", {}).get("annotations") or {})
    return not waits or failed(conditions(hub, name)) is not None


def failed(found: dict[str, Object]) -> str | None:
    """What ErrorOccurred says while it is True, or that nothing was ever said."""
    if not found:
        return SILENT
    error = found.get("ErrorOccurred") or {}
    if error.get("status") != "True":
        return None
    message = LISTED.sub(lambda urls: f"[{' '.join(sorted(urls[1].split()))}]", error["message"])
    return f"ErrorOccurred: {error['reason']}: {message}"


def quiet(hub: Hub, case: Object, repository: str) -> Outcome:
    """The answer, once neither Applications nor conditions have changed for a while."""
    began = since = time.monotonic()
    last = look(hub, case, repository)
    while time.monotonic() - since < QUIET_S:
        time.sleep(0.2)
        now = look(hub, case, repository)
        if now != last:
            last, since = now, time.monotonic()
        if time.monotonic() - began > LIMIT_S:
            raise HubError("the Applications never came to rest; does the case collide?")
    return last


def look(hub: Hub, case: Object, repository: str) -> Outcome:
    """What there is now: rows for every ApplicationSet, errors for those that have one."""
    secrets = [s for s in hub.items(secrets_path(NAMESPACE)) if is_cluster(s)]
    rows: dict[str, list[list[str]]] = {c["name"]: [] for c in case["applicationSets"]}
    for application in hub.items(argo_path("applications")):
        if "deletionTimestamp" in application["metadata"]:  # gone, but for a finalizer
            continue
        row = [application["metadata"]["name"], spoke(application, secrets)]
        rows.setdefault(owner(application), []).append(row)
    outcome: Outcome = {"applications": {name: sorted(found) for name, found in rows.items()}}
    errors = {name: failed(conditions(hub, name)) for name in rows}
    said = {name: text.replace(repository, "GIT") for name, text in errors.items() if text}
    return {**outcome, **({"errors": said} if said else {})}


def owner(application: Object) -> str:
    """The ApplicationSet that controls an Application."""
    references = application["metadata"].get("ownerReferences") or []
    return next((str(r["name"]) for r in references if r.get("controller")), "nobody")


def is_cluster(found: Object) -> bool:
    """Whether a Secret is a cluster's."""
    return CLUSTER_LABEL.items() <= (found["metadata"].get("labels") or {}).items()


def spoke(application: Object, secrets: list[Object]) -> str:
    """The Secret that the destination resolves to, as Argo CD does it (util/argo/argo.go)."""
    destination = application["spec"]["destination"]
    server, name = destination.get("server", ""), destination.get("name", "")
    if name:
        found = [s for s in secrets if datum(s, "name") == name]
    else:
        found = [s for s in secrets if server and _same(datum(s, "server"), server)]
    if not found and name == "in-cluster":
        found = [s for s in secrets if _same(datum(s, "server"), IN_CLUSTER)]
    if not found and (name == "in-cluster" or _same(server, IN_CLUSTER)):
        return "in-cluster (synthetic)"
    return "|".join(sorted(s["metadata"]["name"] for s in found)) or "none"


def datum(found: Object, key: str) -> str:
    """One value of a Secret's data."""
    return base64.b64decode((found.get("data") or {}).get(key, "")).decode()


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def wait(done: Callable[[], bool], otherwise: str) -> None:
    """Until it is so, or the limit."""
    until = time.monotonic() + LIMIT_S
    while not done():
        if time.monotonic() > until:
            raise HubError(otherwise)
        time.sleep(0.1)


# --- leaving nothing behind, and touching nothing of others


def is_ours(found: Object) -> bool:
    """Whether the recorder made it. Unlike a label, this shows in no selector or template."""
    fields = found["metadata"].get("managedFields") or [{}]
    return any(entry.get("manager") == MANAGER for entry in fields)


def ours(hub: Hub, path: str) -> list[Object]:
    """What the recorder made of one kind."""
    return [found for found in hub.items(path) if is_ours(found)]


def strangers(hub: Hub) -> list[str]:
    """What stands where cases are played and is not ours."""
    sets = hub.items(argo_path("applicationsets"))
    own = {found["metadata"]["uid"] for found in sets if is_ours(found)}
    applications = hub.items(argo_path("applications"))
    clusters = filter(is_cluster, hub.items(secrets_path(NAMESPACE)))
    return [
        *(f"ApplicationSet {found['metadata']['name']}" for found in sets if not is_ours(found)),
        *(f"Application {a['metadata']['name']}" for a in applications if not made_by(a, own)),
        *(f"cluster Secret {s['metadata']['name']}" for s in clusters if not is_ours(s)),
    ]


def made_by(application: Object, owners: set[str]) -> bool:
    """Whether one of these ApplicationSets, by UID, made it."""
    references = application["metadata"].get("ownerReferences") or []
    return any(reference["uid"] in owners for reference in references)


def clear(hub: Hub, namespaces: set[str]) -> None:
    """Remove what was laid, and what the controller made of it."""
    sets = ours(hub, argo_path("applicationsets"))
    for found in sets:
        hub.call("DELETE", f"{argo_path('applicationsets')}/{found['metadata']['name']}")
    wait(lambda: not ours(hub, argo_path("applicationsets")), "ApplicationSets would not go")
    if sets:
        clear_applications(hub, {found["metadata"]["uid"] for found in sets})
    for namespace in namespaces | {NAMESPACE}:
        for found in ours(hub, secrets_path(namespace)):
            remove(hub, f"{secrets_path(namespace)}/{found['metadata']['name']}")


def clear_applications(hub: Hub, owners: set[str]) -> None:
    """Remove Applications until none has come for a while: a last pass may be under way."""
    began = since = time.monotonic()
    while time.monotonic() - since < LAST_PASS_S:
        left = [a for a in hub.items(argo_path("applications")) if made_by(a, owners)]
        for found in left:
            remove(hub, f"{argo_path('applications')}/{found['metadata']['name']}")
        if left:
            since = time.monotonic()
        if since - began > LIMIT_S:
            raise HubError("Applications would not go")
        time.sleep(0.1)


def remove(hub: Hub, path: str) -> None:
    """Delete, waiting for nobody's finalizer."""
    if hub.call("PATCH", path, {"metadata": {"finalizers": None}}) is not None:
        hub.call("DELETE", path)


def namespaces_of(case: Object) -> set[str]:
    """Where a case puts Secrets."""
    parts = [case, case.get("before") or {}]
    listed = itertools.chain.from_iterable(part.get("secrets") or [] for part in parts)
    return {compact.get("namespace", NAMESPACE) for compact in listed}


# --- playing


def play(hub: Hub, case: Object) -> Outcome:
    """What the hub makes of one case."""
    found = strangers(hub)
    if found:
        raise HubError(f"not ours, so nothing is touched: {', '.join(found[:10])}")
    clear(hub, namespaces_of(case))
    try:
        with repository_of(case.get("git") or {}) as repository:
            if "before" in case:
                lay(hub, case["before"], repository)
                settled(hub, {**case, **case["before"]}, repository)
            lay(hub, case, repository)
            if case.get("collides"):
                return drawn(hub, case, repository)
            return settled(hub, case, repository)
    finally:
        clear(hub, namespaces_of(case))


def drawn(hub: Hub, case: Object, repository: str) -> Outcome:
    """The different answers to a case that is decided by the order of a map."""
    seen = [settled(hub, case, repository)]
    for _ in range(DRAWS):
        one_pass(hub, [compact["name"] for compact in case["applicationSets"]], set())
        outcome = look(hub, case, repository)
        if outcome not in seen:
            seen.append(outcome)
    return {"seen": sorted(seen, key=json.dumps)}


def differs(case: Object, outcome: Outcome) -> bool:
    """Whether an answer contradicts what was recorded."""
    expected = {key: value for key, value in case["expect"].items() if key != "recordedFrom"}
    if case.get("collides"):
        return any(drawing not in expected["seen"] for drawing in outcome["seen"])
    return expected != outcome


def write(file: Path, outcome: Outcome, recorded_from: str) -> None:
    """Replace `expect`, and nothing else: comments and form are the author's."""
    head = file.read_text().partition("\nexpect:")[0].rstrip("\n")
    expect = {"expect": {"recordedFrom": recorded_from, **outcome}}
    tail = yaml.safe_dump(
        expect, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=None
    )
    file.write_text(f"{head}\n{tail}")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="compare instead of recording")
    parser.add_argument("--recorded-from", help='what the hub runs, such as "Argo CD 3.5.1"')
    parser.add_argument("--without-git", action="store_true", help="leave out cases that need git")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names; all where none is given")
    given = parser.parse_args()
    if not given.check and not given.recorded_from:
        parser.error("recording needs --recorded-from; a comparison needs --check")
    return given


def main() -> int:
    """Play each case in turn."""
    given = arguments()
    hub = Hub(given.kubeconfig)
    files = [CASES / f"{name}.yaml" for name in given.cases] or sorted(CASES.glob("*.yaml"))
    played = different = 0
    for file in files:
        case = yaml.safe_load(file.read_text())
        if given.without_git and "git" in case:
            continue
        outcome = play(hub, case)
        played += 1
        if not given.check:
            write(file, outcome, given.recorded_from)
            print(f"recorded {file.stem}")
        elif differs(case, outcome):
            different += 1
            print(f"DIFFERS {file.stem}\n  recorded {case['expect']}\n  now      {outcome}")
        else:
            print(f"same {file.stem}")
    print(f"{played} cases, {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except HubError as error:
        sys.exit(str(error))
